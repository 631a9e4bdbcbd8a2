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
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import {
  encodeReceipt,
  lookupChallenges,
  type ReceiptHead,
  riscvMachine,
  statementDigest,
  VerificationError,
} from '@vouch/verifier';
import {
  commitToSegment,
  drawChallenges,
  type FilledSegment,
  type Pool,
  proveSegmentAgain,
  type SharedChallenges,
  type StageProgress,
  type Statement,
} from '../../prover/index.ts';
import type { Program } from '../../vm/index.ts';
import { impossible } from '../messages/envelope.ts';
import { writePlan } from '../messages/plan.ts';
import {
  readChallenge,
  readHeader,
  readProof,
  writeChallenge,
  writeHeader,
  writeProof,
} from '../messages/segment.ts';
import { checkMemory } from './cost.ts';
import { checkedOptions, executeOptions, type ProofOptions } from './options.ts';
import { chooseSegmentCycles } from './plan.ts';
import { PlannedRun, type StepRun } from './planned-run.ts';
import { provableProgram } from './program.ts';
import type { ProofStage } from './progress.ts';
import { finishRun } from './run.ts';
import { pinnedId, selfCheck } from './self-check.ts';
import { type StartMessage, type StartsOptions, startsOf } from './starts.ts';

/** What a plan depends on. */
export type PlanOptions = Omit<ProofOptions, 'workDirectory' | 'onProgress'>;

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
    const segmentCycles = await chooseSegmentCycles(program, cycles, checked);
    return writePlan({
      ...{ parameters, programMode, cycles, segmentCycles, exitCode, journal },
      program: bytesToHex(program.statement.digest),
      publicInput: bytesToHex(sha256(inputs.publicInput)),
      privateInput: bytesToHex(sha256(inputs.privateInput)),
    });
  }

  starts(run: StepRun, options: StartsOptions = {}): AsyncGenerator<StartMessage, void, void> {
    return startsOf(new PlannedRun(run), options);
  }

  async commit(
    run: StepRun,
    { number, start }: SegmentInput,
    options: StepOptions = {},
  ): Promise<Uint8Array> {
    const planned = new PlannedRun(run);
    return await this.#host.lend(async (pool) => {
      const filled = await fill(pool, planned, number, start, options);
      const header = await commitToSegment(pool, planned.statement, filled, hooks(options));
      return writeHeader(planned.label, number, header);
    });
  }

  async challenge(
    run: StepRun,
    messages: readonly Uint8Array[],
    options: StepOptions = {},
  ): Promise<Uint8Array> {
    const planned = new PlannedRun(run);
    const { label, statement } = planned;
    planned.checkCount(messages, 'headers');
    const segments = messages.map((message, i) => readHeader(message, label, i + 1));
    return await this.#host.lend(async (pool) => {
      const mode = await this.#host.mode(pool, planned, options);
      const claim = planned.claim(mode);
      planned.checkHeaders(claim, segments);
      options.signal?.throwIfAborted();
      const { lookupNonce } = await drawChallenges(pool, { ...statement, mode }, claim, segments);
      return writeChallenge(label, { claim, lookupNonce, segments });
    });
  }

  async prove(
    run: StepRun,
    { number, start }: SegmentInput,
    challenge: Uint8Array,
    options: StepOptions = {},
  ): Promise<Uint8Array> {
    const planned = new PlannedRun(run);
    const { label, statement } = planned;
    const { head, challenges } = readHead(planned, challenge);
    return await this.#host.lend(async (pool) => {
      const filled = await fill(pool, planned, number, start, options);
      const header = head.segments[number - 1] as ReceiptHead['segments'][number];
      const proof = await proveSegmentAgain(
        ...([pool, statement, filled, header, challenges, number, hooks(options)] as const),
      );
      return writeProof(label, number, challenges.statement, proof);
    });
  }

  async finish(
    run: StepRun,
    challenge: Uint8Array,
    messages: readonly Uint8Array[],
    options: StepOptions = {},
  ): Promise<FinishedProof> {
    const planned = new PlannedRun(run);
    const { plan, program, inputs, segments } = planned;
    const { head, challenges } = readHead(planned, challenge);
    planned.checkCount(messages, 'proofs');
    const proofs = head.segments.map((header, i) => {
      const message = messages[i] as Uint8Array;
      return readProof(message, planned, i + 1, header, challenges.statement);
    });
    const mode = await this.#host.lend((pool) => this.#host.mode(pool, planned, options));
    const receipt = encodeReceipt({ ...head, proofs });
    const { parameters, exitCode, journal, cycles } = plan;
    const { publicInput } = inputs;
    const known = { program, mode, parameters, publicInput, exitCode, journal, cycles };
    const { securityBits } = selfCheck(receipt, known);
    const programId = pinnedId(known);
    return { receipt, programId, journal, exitCode, cycles, segments, securityBits };
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

/** A challenge and what follows from it. @throws StepError */
function readHead(
  run: PlannedRun,
  message: Uint8Array,
): { head: ReceiptHead; challenges: SharedChallenges } {
  const { plan, label, segments } = run;
  const head = readChallenge(message, label);
  const { claim, lookupNonce } = head;
  const found = head.segments.length;
  if (found !== segments) throw wrongChallenge(`it has ${found} headers, not ${segments}`);
  const machine = riscvMachine();
  const statement = statementDigest(machine, plan.parameters, claim, head.segments);
  try {
    const { challenges } = lookupChallenges(statement, plan.parameters, () => lookupNonce);
    return { head, challenges: { statement, lookupNonce, lookup: challenges } };
  } catch (cause) {
    if (!(cause instanceof VerificationError)) throw cause;
    throw wrongChallenge(cause.message, cause);
  }
}

function wrongChallenge(problem: string, cause?: unknown): Error {
  return impossible({ kind: 'challenge', number: 0 }, problem, cause);
}

function hooks({ signal, onProgress }: StepOptions): {
  signal: AbortSignal | undefined;
  onProgress: (progress: StageProgress<ProofStage>) => void;
} {
  return {
    signal,
    onProgress: ({ stage, done, total }) =>
      onProgress?.({ stage, done: total === 0 ? 1 : done / total }),
  };
}
