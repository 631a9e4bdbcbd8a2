/** What a proof takes, before it is begun: memory, and the shares of its stages. */
import { availableParallelism } from 'node:os';
import type { ProgramOutline } from '@vouch/verifier';
import {
  type Instance,
  type Machine,
  type ParameterSet,
  programShape,
  type SegmentShape,
  segmentShape,
} from '@vouch/verifier';
import { committedBytes, programBytes, segmentBytes } from '../../prover/index.ts';
import { ProveError } from './errors.ts';
import { availableBytes, machineBytes } from './memory.ts';

/** The kernels' memory: 4 GiB of addresses. */
export const MAX_KERNEL_BYTES: number = 2 ** 32;
/**
 * Bytes that the proof of one segment may take unless the caller says otherwise: enough for 2^21
 * cycles of most programs.
 */
export const SEGMENT_BYTES: number = 3 * 2 ** 30;
/** Share of a smaller machine's memory. */
const MEMORY_SHARE = 0.75;
/** Bytes outside the kernels' memory that do not grow with the run: Node.js, code, threads. */
const BASE_BYTES = 150 * 2 ** 20;
/** Bytes of a further thread with code of its own. */
const THREAD_BYTES = 50 * 2 ** 20;
/** Share of the kernels' addresses that may be held, so that regions still find a gap. */
const KERNEL_SHARE = 0.75;
/** Cycles of a segment for which a thread that fills tables ahead is worth its start. */
const LEAST_AHEAD: number = 2 ** 17;
/** Bytes of the record of one cycle, with the tables' fillers' working memory. */
const RECORD_BYTES = 64;

export interface ProofSize {
  readonly shape: SegmentShape;
  readonly cycles: number;
  /** Cells of the committed columns. */
  readonly cells: number;
  /** Messages: rows of all interactions. */
  readonly interactions: number;
  /** Most bytes in the kernels' memory at a time. */
  readonly kernelBytes: number;
  /** Bytes of them that are held between the commitment and the proof. */
  readonly heldBytes: number;
  /** The kernels' and those of the record, the tables and Node.js itself. */
  readonly totalBytes: number;
  /** What it takes to fill the tables of another such segment at the same time. */
  readonly aheadBytes: number;
}

/** The size of the proof of a segment with these tables, on so many threads. */
export function proofSize(
  machine: Machine,
  set: ParameterSet,
  outline: ProgramOutline,
  mode: 'id' | 'program',
  { instances, cycles }: { readonly instances: readonly Instance[]; readonly cycles: number },
  threads: number,
): ProofSize {
  const shape = segmentShape(
    machine.constraints,
    instances,
    (cells) => set.logRows(cells),
    mode === 'id',
    programShape(machine, outline),
  );
  const cells = sum(shape.mainColumns.map(({ logHeight }) => 2 ** logHeight));
  const interactions = sum(shape.blocks.map(({ logHeight }) => 2 ** logHeight));
  const schedule = set.schedule(shape.logChunks, shape.logRows);
  const kernelBytes = Math.max(
    mode === 'id' ? programBytes(machine, outline) : 0,
    segmentBytes(machine.constraints, shape, schedule, threads),
  );
  return {
    shape,
    cycles,
    cells,
    interactions,
    kernelBytes,
    heldBytes: committedBytes(machine.constraints, shape, schedule),
    totalBytes: kernelBytes + 4 * cells + RECORD_BYTES * cycles + BASE_BYTES,
    aheadBytes: 4 * cells + RECORD_BYTES * cycles + THREAD_BYTES,
  };
}

/**
 * Refuses a proof for which there is not enough memory.
 *
 * @param limit bytes that the caller allows; what the system has available if undefined
 * @param needed bytes of the process; other than `totalBytes` where more goes on than one proof
 * @param count of such segments that are proved at a time
 * @throws ProveError `prove/memory`
 */
export function checkMemory(
  size: ProofSize,
  limit: number | undefined,
  needed: number = size.totalBytes,
  count = 1,
): void {
  if (size.kernelBytes > MAX_KERNEL_BYTES) {
    throw memoryError(size, 1, size.kernelBytes, MAX_KERNEL_BYTES, 'the kernels can address');
  }
  const most = limit ?? processBytes();
  const source = limit === undefined ? 'there is' : 'limits.proverBytes allows';
  if (needed > most) throw memoryError(size, count, needed, most, source);
}

/**
 * Bytes for the proof of one segment by which a run is cut: the caller's limit, or SEGMENT_BYTES, or
 * three quarters of the memory of a smaller machine or container. How much of it happens to be free
 * does not count, so that the same run is cut alike every time.
 *
 * @param count of segments that are proved at a time: they share the limit, or the machine's memory
 */
export function segmentBudget(limit: number | undefined, count = 1): number {
  if (limit !== undefined) return limit / count;
  return Math.min(SEGMENT_BYTES, (MEMORY_SHARE * machineBytes()) / count);
}

/** Whether the tables of the next segment are filled while one is proved. */
export function isAhead(segments: number, segmentCycles: number): boolean {
  return segments > 1 && segmentCycles >= LEAST_AHEAD;
}

/** Bytes of the process that proves a run of so many segments of this size, one after the other. */
export function runBytes(size: ProofSize, segments: number): number {
  const { totalBytes, aheadBytes, cycles } = size;
  return isAhead(segments, cycles) ? totalBytes + aheadBytes : totalBytes;
}

/**
 * How many segments of a run, proved one after the other, stay in memory from their commitment to their
 * proof, so that they need not be filled and committed to again: those for which there is memory beside
 * the proof of one, and at least one.
 *
 * @param limit as for `segmentBudget`
 */
export function openSegments(size: ProofSize, segments: number, limit: number | undefined): number {
  const { kernelBytes, heldBytes } = size;
  const most = Math.min(segmentBudget(limit), limit ?? processBytes());
  const room = Math.min(
    most - runBytes(size, segments),
    KERNEL_SHARE * MAX_KERNEL_BYTES - kernelBytes,
  );
  return Math.min(segments, 1 + Math.max(0, Math.floor(room / heldBytes)));
}

/** The memory that a run's proof takes, in parts of what it may take: more than 1 is too much. */
export function memoryExcess(size: ProofSize, segments: number, budget: number): number {
  return Math.max(runBytes(size, segments) / budget, size.kernelBytes / MAX_KERNEL_BYTES);
}

/**
 * Bytes that the process may take in all, within the limits of its container: what it holds already counts
 * as used, not as available.
 */
function processBytes(): number {
  return availableBytes() + process.memoryUsage.rss();
}

function memoryError(
  { cycles }: ProofSize,
  count: number,
  needed: number,
  most: number,
  source: string,
): ProveError {
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  const what =
    count === 1
      ? `the proof of a segment of ${cycles} cycles needs`
      : `the proofs of ${count} segments of ${cycles} cycles at a time need`;
  return new ProveError(
    'prove/memory',
    `${what} about ${mebibytes(needed)} of memory, ${source} ${mebibytes(most)}`,
    'prove in smaller segments (segmentCycles), or with more memory',
  );
}

export function defaultThreads(): number {
  return Math.min(64, availableParallelism());
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
