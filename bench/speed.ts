/** Speed of the executor without and with recording, and of loading. */

import { type Execution, execute, loadProgram, type Program, record } from '../api/index.ts';
import { type Guest, guestInputs, readGuestElf } from '../guests/index.ts';
import { check } from './output.ts';
import { type Sample, sample } from './sample.ts';

export interface SpeedRow {
  readonly name: string;
  readonly title: string;
  readonly cycles: number;
  /** Milliseconds to load and decode the ELF. */
  readonly load: Sample;
  /** Million cycles a second of `execute`, from the call to its result. */
  readonly execute: Sample;
  /** Million cycles a second of `record`. */
  readonly record: Sample;
  /** Bytes of the record for each cycle, its memory pages included. */
  readonly recordBytesPerCycle: number;
}

/** Guests whose speed is measured unless others are named: long enough for start-up not to count. */
export const SPEED_GUESTS: readonly string[] = [
  'fibonacci',
  'bubble-sort',
  'sha2-chain',
  'B4',
  'C1',
  'C3',
  'C5',
];

/**
 * Measures one guest; a first run of each kind warms up and is not counted. Throws an Error if a
 * run's output differs from the manifest's: such a run is no measurement.
 */
export async function measureSpeed(guest: Guest, runs: number): Promise<SpeedRow> {
  const elf = await readGuestElf(guest);
  const inputs = guestInputs(guest);
  const program = loadProgram(elf);
  const plain = async (): Promise<Execution> => check(guest, await execute(program, inputs));
  const { cycles } = await plain();
  const { bytes } = await recordAll(guest, program, inputs);
  const rate = (milliseconds: number): number => cycles / milliseconds / 1000;
  return {
    name: guest.name,
    title: guest.title,
    cycles,
    load: sample(await repeat(runs, () => loadProgram(elf))),
    execute: sample((await repeat(runs, plain)).map(rate)),
    record: sample((await repeat(runs, () => recordAll(guest, program, inputs))).map(rate)),
    recordBytesPerCycle: bytes / cycles,
  };
}

async function recordAll(
  guest: Guest,
  program: Program,
  inputs: ReturnType<typeof guestInputs>,
): Promise<{ bytes: number }> {
  const segments = record(program, inputs);
  let bytes = 0;
  for (;;) {
    const next = await segments.next();
    if (next.done) {
      check(guest, next.value);
      return { bytes };
    }
    const { entries, crossings, touchedPages } = next.value;
    bytes += entries.byteLength + crossings.byteLength;
    for (const { words, times } of touchedPages) bytes += words.byteLength + times.byteLength;
  }
}

/** Milliseconds of each of `runs` calls. */
async function repeat(runs: number, task: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await task();
    times.push(performance.now() - start);
  }
  return times;
}
