/** From a planned run to its receipt, in this process: segment by segment, on one lane or several. */
import {
  encodeReceipt,
  riscvMachine,
  type SegmentHeader,
  type SegmentProof,
} from '@vouch/verifier';
import { commitProgram, type Pool, type Statement } from '../../prover/index.ts';
import { readHeader, readProof } from '../messages/segment.ts';
import { drawChallenge, readDrawn } from './challenge.ts';
import type { ProofSize } from './cost.ts';
import type { Crew } from './crew.ts';
import { type Lane, laneHooks } from './lane.ts';
import type { PlannedRun } from './planned-run.ts';
import type { ProgressMeter } from './progress.ts';
import type { WorkDirectory } from './work-directory.ts';

/** A run that is to be proved, and how. */
export interface ProofJob {
  readonly pool: Pool;
  readonly run: PlannedRun;
  readonly signal: AbortSignal | undefined;
  readonly meter: ProgressMeter;
  /** Keeps what is done, so that the proof can go on in another process. */
  readonly work: WorkDirectory | undefined;
}

/** A receipt and what it took. */
export interface JobResult {
  readonly receipt: Uint8Array;
  readonly mode: Statement['mode'];
  readonly size: JobSize;
}

interface JobSize {
  /** Of all segments. */
  readonly cells: number;
  readonly interactions: number;
  /** Of the largest segment, as often as there are lanes, and of those that are held beside it. */
  readonly estimatedBytes: number;
  readonly peakBytes: number;
}

/**
 * Proves a run with those who prove its segments; closes them.
 *
 * @throws as `Prover.prove`
 */
export async function proveJob<Source>(job: ProofJob, crew: Crew<Source>): Promise<JobResult> {
  try {
    return await new JobProver(job, crew).prove();
  } finally {
    await crew.close();
  }
}

class JobProver<Source> {
  readonly #job: ProofJob;
  readonly #crew: Crew<Source>;
  /** Of the segments, in order. */
  readonly #numbers: readonly number[];
  #mode: Promise<Statement['mode']> | undefined;

  constructor(job: ProofJob, crew: Crew<Source>) {
    this.#job = job;
    this.#crew = crew;
    this.#numbers = Array.from({ length: job.run.segments }, (_, i) => i + 1);
  }

  async prove(): Promise<JobResult> {
    const { pool, run } = this.#job;
    const headers = await this.#commit();
    const mode = await this.#programMode();
    const challenge = await drawChallenge(pool, run, mode, headers);
    const proofs = await this.#prove(challenge, headers);
    const { head } = readDrawn(run, challenge);
    return { receipt: encodeReceipt({ ...head, proofs }), mode, size: this.#totals(headers) };
  }

  /** The headers of all segments: those that are kept, and the others. */
  async #commit(): Promise<SegmentHeader[]> {
    const { run, work } = this.#job;
    const headers = new Map<number, SegmentHeader>();
    const decode = (number: number, message: Uint8Array): SegmentHeader =>
      readHeader(message, run.label, number);
    for (const number of this.#numbers) {
      const kept = await work?.read('header', number, (message) => decode(number, message));
      if (kept !== undefined) headers.set(number, kept);
    }
    const missing = this.#numbers.filter((number) => !headers.has(number));
    await this.#each(missing, async (lane, number, source) => {
      await this.#begin(this.#crew.size(source), missing.length);
      const message = await lane.commit(number, source);
      await work?.save('header', number, message);
      headers.set(number, decode(number, message));
    });
    const list = this.#numbers.map((number) => headers.get(number) as SegmentHeader);
    if (missing.length === 0) await this.#begin(this.#sizeOf(list[0] as SegmentHeader), 0);
    return list;
  }

  /** The proofs of all segments: those that are kept, those that are open, and the others. */
  async #prove(challenge: Uint8Array, headers: readonly SegmentHeader[]): Promise<SegmentProof[]> {
    const { run, work } = this.#job;
    const { statement } = readDrawn(run, challenge).challenges;
    const proofs = new Map<number, SegmentProof>();
    const decode = (number: number, message: Uint8Array): SegmentProof =>
      readProof(message, run, number, headers[number - 1] as SegmentHeader, statement);
    for (const number of this.#numbers) {
      const kept = await work?.read('proof', number, (message) => decode(number, message));
      if (kept !== undefined) proofs.set(number, kept);
    }
    const proveOne = async (
      lane: Lane<Source>,
      number: number,
      source: Source | undefined,
    ): Promise<void> => {
      const message = await lane.prove(number, source, challenge);
      await work?.save('proof', number, message);
      proofs.set(number, decode(number, message));
    };
    const open = new Set(this.#crew.lanes.flatMap((lane) => lane.open));
    const missing = this.#numbers.filter((number) => !proofs.has(number) && !open.has(number));
    await this.#each(missing, proveOne, async (lane) => {
      // The last one first, so that memory is given back in the order in which regions find gaps.
      for (const number of [...lane.open].reverse()) {
        if (!proofs.has(number)) await proveOne(lane, number, undefined);
      }
    });
    return this.#numbers.map((number) => proofs.get(number) as SegmentProof);
  }

  /** Each lane takes a segment, works on it and takes the next. */
  async #each(
    numbers: readonly number[],
    task: (lane: Lane<Source>, number: number, source: Source) => Promise<void>,
    first: (lane: Lane<Source>) => Promise<void> = async () => {},
  ): Promise<void> {
    const sources = this.#crew.sources(numbers);
    try {
      await Promise.all(
        this.#crew.lanes.map(async (lane) => {
          await first(lane);
          for (let next = await sources.next(); !next.done; next = await sources.next()) {
            await task(lane, ...next.value);
          }
        }),
      );
    } finally {
      await sources.return();
    }
  }

  /** Tells the meter how much there is to do, and commits to the program: once. */
  async #begin(size: ProofSize, missing: number): Promise<void> {
    if (this.#mode === undefined) {
      const { run, meter } = this.#job;
      const { threads } = this.#crew;
      const open = this.#crew.mostOpen(size);
      const left = { commit: missing, prove: run.segments, open };
      meter.expect(size, threads, run.plan.programMode === 'id', run.segments, left);
    }
    await this.#programMode();
  }

  #programMode(): Promise<Statement['mode']> {
    this.#mode ??= this.#commitProgram();
    return this.#mode;
  }

  async #commitProgram(): Promise<Statement['mode']> {
    const { pool, run, meter, signal } = this.#job;
    const kind = run.plan.programMode;
    if (kind === 'program') return { kind };
    const { statement } = run.program;
    const hooks = laneHooks(meter, signal);
    const commitment = await commitProgram(pool, riscvMachine(), statement, hooks);
    meter.end();
    return { kind, commitment };
  }

  #sizeOf({ instances, cycleEnd }: SegmentHeader): ProofSize {
    return this.#job.run.sizeOf(instances, cycleEnd - 1, this.#crew.threads);
  }

  #totals(headers: readonly SegmentHeader[]): JobSize {
    const { pool } = this.#job;
    const { lanes, mostOpen } = this.#crew;
    const sizes = headers.map((header) => this.#sizeOf(header));
    const [largest] = [...sizes].sort((a, b) => b.kernelBytes - a.kernelBytes) as [ProofSize];
    const more = mostOpen(largest) - lanes.length;
    const laneBytes = lanes.reduce((sum, { peakBytes }) => sum + peakBytes, 0);
    return {
      cells: sizes.reduce((sum, { cells }) => sum + cells, 0),
      interactions: sizes.reduce((sum, { interactions }) => sum + interactions, 0),
      estimatedBytes: lanes.length * largest.kernelBytes + more * largest.heldBytes,
      peakBytes: Math.max(pool.arena.peakBytes, laneBytes),
    };
  }
}
