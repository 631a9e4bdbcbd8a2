/**
 * A proof in steps that need not be made by one process: bytes in, bytes out.
 *
 * ```
 * plan ──▶ commit, for each segment ──▶ challenge ──▶ prove, for each segment ──▶ finish
 *     └──▶ starts ─┴───────────────────────────────────┘
 * ```
 *
 * A step depends on what it is given and nothing else: made again, elsewhere, on other threads, it
 * gives the same bytes.
 */
import { encodeReceipt } from '@vouch/verifier';
import type { FilledSegment, Pool, Statement } from '../../prover/index.ts';
import type { Program } from '../../vm/index.ts';
import { writePlan } from '../messages/plan.ts';
import { readHeader, readProof } from '../messages/segment.ts';
import { drawChallenge, readDrawn } from './challenge.ts';
import { checkMemory } from './cost.ts';
import { type LaneHooks, PoolLane } from './lane.ts';
import { checkedOptions, executeOptions, type ProofOptions } from './options.ts';
import { chooseCut } from './plan.ts';
import { hashesOf, PlannedRun, type StepRun } from './planned-run.ts';
import { provableProgram } from './program.ts';
import type { ProofStage } from './progress.ts';
import { finishRun } from './run.ts';
import { pinnedId, selfCheck } from './self-check.ts';
import { type StartMessage, type StartsOptions, startsOf } from './starts.ts';

/** What a plan depends on. */
export type PlanOptions = Omit<ProofOptions, 'workDirectory' | 'parallelSegments' | 'onProgress'>;

export interface StepOptions {
  /** Most bytes of memory that the step may take. Default: what the system has available. */
  readonly proverBytes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StepProgress) => void;
}

export interface StepProgress {
  readonly stage: ProofStage;
  /** Of the stage: from 0 to 1, never falls. */
  readonly done: number;
}

/** What the step of one segment is given. */
export interface SegmentInput {
  /** Of the segment, from 1. */
  readonly number: number;
  /** The segment's message of `starts`; without it the program is run up to the segment. */
  readonly start?: Uint8Array;
}

/** A receipt that has been verified, and what it says. */
export interface FinishedProof {
  readonly receipt: Uint8Array;
  /** What a verifier pins: 64 hexadecimal digits; with `programMode: 'program'` the digest. */
  readonly programId: string;
  readonly journal: Uint8Array;
  readonly exitCode: number;
  readonly cycles: number;
  readonly segments: number;
  /** Provable bits of security of this receipt. */
  readonly securityBits: number;
}

/**
 * The steps of a proof. Each throws a StepError for a message that is not the one it needs, the
 * signal's reason when it is aborted, and what `Prover.prove` throws.
 */
export interface ProofSteps {
  /** Runs a program and decides how it is cut. */
  plan(program: Program | Uint8Array, options?: PlanOptions): Promise<Uint8Array>;
  /**
   * Runs the program again and yields where its segments start, one at a time and in order: those
   * that are quicker to read than to make again. All of them can be left out.
   */
  starts(run: StepRun, options?: StartsOptions): AsyncGenerator<StartMessage, void, void>;
  /** Commits to a segment; returns its header. */
  commit(run: StepRun, segment: SegmentInput, options?: StepOptions): Promise<Uint8Array>;
  /** Draws the challenges that all segments share. @param headers of all segments, in order */
  challenge(
    run: StepRun,
    headers: readonly Uint8Array[],
    options?: StepOptions,
  ): Promise<Uint8Array>;
  /** Proves a segment. */
  prove(
    run: StepRun,
    segment: SegmentInput,
    challenge: Uint8Array,
    options?: StepOptions,
  ): Promise<Uint8Array>;
  /** Makes the receipt and verifies it. @param proofs of all segments, in order */
  finish(
    run: StepRun,
    challenge: Uint8Array,
    proofs: readonly Uint8Array[],
    options?: StepOptions,
  ): Promise<FinishedProof>;
}

/** A prover's threads and what it remembers. */
export interface StepHost {
  /** Lends the threads to one task after the other. */
  lend<Result>(task: (pool: Pool) => Promise<Result>): Promise<Result>;
  /** How receipts name a program in this mode; the commitment is made once for each program. */
  mode(pool: Pool, run: PlannedRun, options: StepOptions): Promise<Statement['mode']>;
}

export class PoolSteps implements ProofSteps {
  readonly #host: StepHost;

  constructor(host: StepHost) {
    this.#host = host;
  }

  async plan(source: Program | Uint8Array, options: PlanOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted();
    const checked = checkedOptions(options);
    const { parameters, programMode, inputs } = checked;
    const program = provableProgram(source);
    const { execution, exitCode } = await finishRun(program.program, executeOptions(options));
    const { cycles, journal } = execution;
    const { segmentCycles } = await chooseCut(program, cycles, checked);
    return writePlan({
      ...{ parameters, programMode, cycles, segmentCycles, exitCode, journal },
      ...hashesOf(program, inputs),
    });
  }

  starts(run: StepRun, options: StartsOptions = {}): AsyncGenerator<StartMessage, void, void> {
    return startsOf(PlannedRun.open(run), options);
  }

  async commit(
    run: StepRun,
    { number, start }: SegmentInput,
    options: StepOptions = {},
  ): Promise<Uint8Array> {
    const planned = PlannedRun.open(run);
    return await this.#inLane(planned, options, async (lane, pool) =>
      lane.commit(number, await fill(pool, planned, number, start, options)),
    );
  }

  async challenge(
    run: StepRun,
    messages: readonly Uint8Array[],
    options: StepOptions = {},
  ): Promise<Uint8Array> {
    const planned = PlannedRun.open(run);
    planned.checkCount(messages, 'headers');
    const headers = messages.map((message, i) => readHeader(message, planned.label, i + 1));
    return await this.#host.lend(async (pool) => {
      const mode = await this.#host.mode(pool, planned, options);
      options.signal?.throwIfAborted();
      return await drawChallenge(pool, planned, mode, headers);
    });
  }

  async prove(
    run: StepRun,
    { number, start }: SegmentInput,
    challenge: Uint8Array,
    options: StepOptions = {},
  ): Promise<Uint8Array> {
    const planned = PlannedRun.open(run);
    readDrawn(planned, challenge);
    return await this.#inLane(planned, options, async (lane, pool) =>
      lane.prove(number, await fill(pool, planned, number, start, options), challenge),
    );
  }

  async finish(
    run: StepRun,
    challenge: Uint8Array,
    messages: readonly Uint8Array[],
    options: StepOptions = {},
  ): Promise<FinishedProof> {
    const planned = PlannedRun.open(run);
    const { plan, program, inputs, segments } = planned;
    const { head, challenges } = readDrawn(planned, challenge);
    planned.checkCount(messages, 'proofs');
    const proofs = head.segments.map((header, i) => {
      const message = messages[i] as Uint8Array;
      return readProof(message, planned, i + 1, header, challenges.statement);
    });
    const { mode, threads } = await this.#host.lend(async (pool) => ({
      mode: await this.#host.mode(pool, planned, options),
      threads: pool.threads,
    }));
    const receipt = encodeReceipt({ ...head, proofs });
    const { parameters, exitCode, journal, cycles } = plan;
    const { publicInput } = inputs;
    const known = { program, mode, parameters, publicInput, exitCode, journal, cycles };
    const { securityBits } = await selfCheck(receipt, known, threads);
    const programId = pinnedId(known);
    return { receipt, programId, journal, exitCode, cycles, segments, securityBits };
  }

  async #inLane(
    planned: PlannedRun,
    options: StepOptions,
    task: (lane: PoolLane, pool: Pool) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    return await this.#host.lend(async (pool) => {
      const lane = new PoolLane(pool, planned, hooks(options));
      return await task(lane, pool).finally(() => lane.close());
    });
  }
}

/** The tables of a segment, if there is memory for its proof. */
async function fill(
  pool: Pool,
  run: PlannedRun,
  number: number,
  start: Uint8Array | undefined,
  { signal, proverBytes, onProgress }: StepOptions,
): Promise<FilledSegment> {
  signal?.throwIfAborted();
  onProgress?.({ stage: 'fill', done: 0 });
  const filled = await run.fill(number, start, signal);
  checkMemory(run.sizeOf(filled.tables, filled.cycleEnd - 1, pool.threads), proverBytes);
  onProgress?.({ stage: 'fill', done: 1 });
  return filled;
}

function hooks({ signal, onProgress }: StepOptions): LaneHooks {
  return {
    signal,
    onProgress: ({ stage, done, total }) =>
      onProgress?.({ stage, done: total === 0 ? 1 : done / total }),
  };
}
