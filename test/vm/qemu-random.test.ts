import { strict as assert } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import { execute } from '../../vm/execute.ts';
import { loadProgram } from '../../vm/load.ts';
import { hex, recorded } from '../tools/guest-program.ts';
import { runElfUnderQemu } from '../tools/qemu.ts';
import { processSeed, Random } from '../tools/random.ts';
import {
  OUTPUT_HEADER_BYTES,
  programText,
  type RandomProgram,
  ROUND_BYTES,
  randomElf,
  randomProgram,
} from '../tools/random-program.ts';
import { shrink } from '../tools/shrink.ts';
import { toolAvailable } from '../tools/tools.ts';

const PROGRAMS = 60;
const ITEMS = 250;
const ROUNDS = 120;
const LEAST_CYCLES = 1_000_000;
/** Far more than a program of these sizes needs. */
const MOST_CYCLES = 1e7;
/** Several segments for each program. */
const SEGMENT_CYCLES = 7919;

interface Comparison {
  readonly cycles: number;
  /** What differs; undefined if nothing does. */
  readonly difference: string | undefined;
  /** Rounds needed to see it. */
  readonly rounds: number;
}

interface MachineRun {
  readonly journal: Uint8Array;
  readonly cycles: number;
  /** Why there is nothing to compare. */
  readonly problem?: string;
}

/** Runs with and without a record. */
async function runOnMachine(program: RandomProgram): Promise<MachineRun> {
  const machine = loadProgram(randomElf(program, 'machine'));
  const limits = { cycles: MOST_CYCLES };
  try {
    const execution = await execute(machine, { limits });
    const withRecord = await recorded(machine, { limits, segmentCycles: SEGMENT_CYCLES });
    const { outcome } = execution;
    if (outcome.kind === 'trap') return { ...execution, problem: outcome.trap.message };
    if (isDeepStrictEqual(withRecord, execution)) return execution;
    return { ...execution, problem: 'the run with a record differs from the one without' };
  } catch (error) {
    return { journal: new Uint8Array(0), cycles: 0, problem: String(error) };
  }
}

async function compare(program: RandomProgram): Promise<Comparison> {
  const expected = await runElfUnderQemu(randomElf(program, 'linux'));
  assert.equal(expected.exitCode, 0, `QEMU failed: ${expected.signal} ${expected.errors}`);
  const { journal, cycles, problem } = await runOnMachine(program);
  if (problem !== undefined) return { cycles, difference: problem, rounds: program.rounds };
  const { output } = expected;
  if (Buffer.compare(output, journal) === 0) return { cycles, difference: undefined, rounds: 0 };
  const at = output.findIndex((byte, i) => i >= OUTPUT_HEADER_BYTES && byte !== journal[i]);
  if (at < 0) return { cycles, difference: 'stored bytes differ', rounds: program.rounds };
  const round = Math.floor((at - OUTPUT_HEADER_BYTES) / ROUND_BYTES);
  const word = (bytes: Uint8Array): string =>
    hex(new DataView(bytes.buffer, bytes.byteOffset).getUint32(at & ~3, true));
  const register = ((at - OUTPUT_HEADER_BYTES) % ROUND_BYTES) >>> 2;
  return {
    cycles,
    difference: `x${register} is ${word(journal)}, QEMU has ${word(output)}, in round ${round + 1}`,
    rounds: round + 1,
  };
}

/** The smallest program found that still shows a difference, and what it is. */
async function minimal(program: RandomProgram, found: Comparison): Promise<string> {
  const once = { ...program, rounds: 1 };
  const isEnough = (await compare(once)).difference !== undefined;
  const shorter = isEnough ? once : { ...program, rounds: found.rounds };
  const items = await shrink(shorter.items, async (part) => {
    return (await compare({ ...shorter, items: part })).difference !== undefined;
  });
  const smallest = { ...shorter, items };
  return `${(await compare(smallest)).difference}\n${programText(smallest)}`;
}

if (toolAvailable('qemu-riscv32')) {
  describe('Random programs', () => {
    it(`leave the registers and memory that they leave under QEMU, over ${LEAST_CYCLES} instructions`, async () => {
      const seed = processSeed();
      const random = new Random(seed);
      let cycles = 0;
      for (let i = 0; i < PROGRAMS; i++) {
        const program = randomProgram(random, ITEMS, ROUNDS);
        const comparison = await compare(program);
        if (comparison.difference !== undefined) {
          assert.fail(`VOUCH_SEED=${seed}, program ${i}: ${await minimal(program, comparison)}`);
        }
        cycles += comparison.cycles;
      }
      assert.ok(cycles >= LEAST_CYCLES, `only ${cycles} instructions, VOUCH_SEED=${seed}`);
    });
  });
}
