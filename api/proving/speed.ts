/** How fast this machine is beside the one that the model was fitted on. */
import { type Chip, type ProgramTables, riscvMachine } from '@vouch/verifier';
import { Arena, commitProgram, startPool } from '../../prover/index.ts';
import { type MachineSpeed, PROBE_MILLISECONDS, type Slowness } from './model.ts';

/** Log of the rows of the tables that the probe commits to. */
const LOG_ROWS = 13;
const RUNS = 4;
/** Bytes of memory that the probe uses. */
const PROBED_BYTES: number = 2 ** 25;
/** Bytes that the system hands out at a time, or more. */
const PAGE_BYTES = 4096;

/** Milliseconds that the probe takes on one thread and on all. */
export type ProbeTimes = Slowness;

/**
 * Takes about half a second.
 *
 * @throws ProverError if threads or memory cannot be had
 */
export async function measureSpeed(threads: number): Promise<MachineSpeed> {
  const { serial, shared } = await probe(threads);
  return {
    serial: serial / PROBE_MILLISECONDS.serial,
    shared: shared / PROBE_MILLISECONDS.shared,
    firstUse: firstUse(),
  };
}

/** Nanoseconds for each byte of memory that is used for the first time. */
function firstUse(): number {
  const bytes = new Uint8Array(PROBED_BYTES);
  const start = performance.now();
  for (let at = 0; at < PROBED_BYTES; at += PAGE_BYTES) bytes[at] = 1;
  return (1e6 * (performance.now() - start)) / PROBED_BYTES;
}

/** Times a commitment: transforms and hashes, as in a proof. Throws as `measureSpeed`. */
export async function probe(threads: number): Promise<ProbeTimes> {
  const serial = await probeTime(1);
  return { serial, shared: threads === 1 ? serial : await probeTime(threads) };
}

/** The least of several times, in milliseconds: what other programs take does not count. */
async function probeTime(threads: number): Promise<number> {
  const program = probeTables();
  const pool = await startPool(new Arena(), threads);
  try {
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      await commitProgram(pool, riscvMachine(), program);
      least = Math.min(least, performance.now() - start);
    }
    return least;
  } finally {
    await pool.close();
  }
}

/** Tables of no program. */
function probeTables(): ProgramTables {
  const { programChips, constraints } = riscvMachine();
  const column = Uint32Array.from({ length: 2 ** LOG_ROWS }, (_, i) => i);
  const tables = programChips.map((chip) => {
    const { preprocessedColumns } = constraints.chips[chip] as Chip;
    return preprocessedColumns.map(() => column);
  });
  return { entry: 0, imageEnd: 0, digest: new Uint8Array(32), tables };
}
