/** Provers: threads and memory that prove one run after the other. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { type ProgramCommitment, riscvMachine } from '@vouch/verifier';
import { Arena, commitProgram, type Pool, type Statement, startPool } from '../../prover/index.ts';
import type { Program } from '../../vm/index.ts';
import type { ProofPlan } from '../messages/plan.ts';
import { poolCrew, workerCrew } from './crew.ts';
import { FillThread } from './fill-thread.ts';
import { type ProofJob, proveJob } from './job.ts';
import {
  checkedOptions,
  checkedThreads,
  executeOptions,
  type ProofOptions,
  type ProverOptions,
} from './options.ts';
import { chooseCut } from './plan.ts';
import { hashesOf, PlannedRun } from './planned-run.ts';
import { type ProvableProgram, provableProgram } from './program.ts';
import { ProgressMeter, type StageTime } from './progress.ts';
import { finishRun } from './run.ts';
import { pinnedId, selfCheck } from './self-check.ts';
import { PoolSteps, type ProofSteps } from './steps.ts';
import { WorkDirectory } from './work-directory.ts';

/** A receipt, and what it says. */
export interface ProvedRun {
  readonly receipt: Uint8Array;
  /** What a verifier pins: 64 hexadecimal digits; with `programMode: 'program'` the digest. */
  readonly programId: string;
  readonly journal: Uint8Array;
  readonly exitCode: number;
  readonly cycles: number;
  readonly stats: ProofStatistics;
}

export interface ProofStatistics {
  readonly threads: number;
  readonly segments: number;
  /** Cells of the committed columns, padding included. */
  readonly cells: number;
  /** Messages between tables, padding included. */
  readonly interactions: number;
  /** Most bytes in the kernels' memory at a time: as estimated, and as used. */
  readonly estimatedBytes: number;
  readonly peakBytes: number;
  /** Provable bits of security of this receipt. */
  readonly securityBits: number;
  readonly stages: readonly StageTime[];
  readonly milliseconds: number;
}

export interface Prover {
  readonly threads: number;
  /**
   * Runs a program, proves that it ran, and verifies the receipt. Proofs asked for at the same time
   * follow each other. The same run gives the same receipt for any number of threads.
   *
   * @param program a loaded program or an ELF file
   * @throws ElfError, LimitError, OptionError, ProveError, ProverError, WorkDirectoryError, and the
   *   signal's reason when it is aborted
   */
  prove(program: Program | Uint8Array, options?: ProofOptions): Promise<ProvedRun>;
  /**
   * The id of a program, in 64 hexadecimal digits: what a light client pins.
   *
   * @throws ElfError, ProverError
   */
  programId(program: Program | Uint8Array): Promise<string>;
  /** Proofs in steps, for queues: each step can be made by another process. */
  readonly steps: ProofSteps;
  /** Waits for the proofs asked for, then stops the threads. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a prover. Idle threads do not keep the process alive.
 *
 * @throws OptionError; ProverError if threads or memory cannot be had
 */
export async function startProver(options: ProverOptions = {}): Promise<Prover> {
  return new PoolProver(await startPool(new Arena(), checkedThreads(options)));
}

class PoolProver implements Prover {
  readonly steps: ProofSteps;
  readonly #pool: Pool;
  readonly #fillThread = new FillThread();
  /** By the digest of the program, in hexadecimal digits. */
  readonly #commitments = new Map<string, ProgramCommitment>();
  #tail: Promise<unknown> = Promise.resolve();

  constructor(pool: Pool) {
    this.#pool = pool;
    this.steps = new PoolSteps({
      lend: (task) => this.#alone(() => withProofPool(pool, task)),
      mode: (lent, { program, plan }, { signal }) =>
        plan.programMode === 'id' ? this.#byId(lent, program, signal) : byProgram(),
    });
  }

  get threads(): number {
    return this.#pool.threads;
  }

  prove(program: Program | Uint8Array, options: ProofOptions = {}): Promise<ProvedRun> {
    return this.#alone(() => proveWith(this.#pool, this.#fillThread, program, options));
  }

  programId(program: Program | Uint8Array): Promise<string> {
    return this.#alone(async () => {
      const provable = provableProgram(program);
      const mode = await this.#byId(this.#pool, provable);
      return pinnedId({ mode, program: provable });
    });
  }

  /** The commitment to a program, which is made once. */
  async #byId(
    pool: Pool,
    { statement }: ProvableProgram,
    signal?: AbortSignal,
  ): Promise<Statement['mode']> {
    const digest = bytesToHex(statement.digest);
    const known = this.#commitments.get(digest);
    const commitment = known ?? (await commitProgram(pool, riscvMachine(), statement, { signal }));
    this.#commitments.set(digest, commitment);
    return { kind: 'id', commitment };
  }

  close(): Promise<void> {
    return this.#tail.then(async () => {
      await Promise.all([this.#pool.close(), this.#fillThread.close()]);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** After the tasks before. */
  #alone<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => {});
    return result;
  }
}

/** The stages of `prove`, in order. */
async function proveWith(
  threads: Pool,
  fillThread: FillThread,
  source: Program | Uint8Array,
  options: ProofOptions,
): Promise<ProvedRun> {
  const start = performance.now();
  options.signal?.throwIfAborted();
  const checked = checkedOptions(options);
  const { parameters, programMode, inputs } = checked;
  const { publicInput } = inputs;
  const meter = new ProgressMeter(options.onProgress);
  const pool = proofPool(threads);
  const program = provableProgram(source);

  meter.reach('execute');
  const { execution, exitCode } = await finishRun(program.program, executeOptions(options));
  const { journal, cycles } = execution;
  meter.cycles = cycles;
  const { segmentCycles, segments } = await chooseCut(program, cycles, checked);
  const plan: ProofPlan = {
    ...{ parameters, programMode, cycles, segmentCycles, exitCode, journal },
    ...hashesOf(program, inputs),
  };
  const { workDirectory, signal, limits } = options;
  const work =
    workDirectory === undefined ? undefined : await WorkDirectory.open(workDirectory, plan);
  const run = new PlannedRun(plan, program, inputs);
  const job: ProofJob = { pool, run, signal, meter, work };
  const crewOptions = { run, meter, signal, proverBytes: limits?.proverBytes };
  const lanes = Math.min(checked.parallelSegments, run.segments);
  const proving =
    lanes === 1 || segments === undefined
      ? proveJob(job, poolCrew(pool, fillThread, crewOptions))
      : proveJob(job, workerCrew(lanes, pool.threads, segments, crewOptions));
  const { receipt, mode, size } = await proving.finally(() => pool.close());

  meter.enter(0);
  meter.reach('verify');
  const known = { program, mode, parameters, publicInput, exitCode, journal, cycles };
  const verified = await selfCheck(receipt, known, pool.threads);
  meter.finish();
  return {
    receipt,
    programId: pinnedId(known),
    journal,
    exitCode,
    cycles,
    stats: {
      threads: pool.threads,
      segments: verified.segments,
      ...size,
      securityBits: verified.securityBits,
      stages: meter.times,
      milliseconds: performance.now() - start,
    },
  };
}

/** The pool with an arena of its own, whose figures are those of one proof. */
function proofPool(pool: Pool): Pool {
  const arena = pool.arena.part();
  const close = async (): Promise<void> => arena.freeAll();
  return {
    arena,
    threads: pool.threads,
    run: (jobs, work, watch) => pool.run(jobs, work, watch),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function withProofPool<Result>(
  threads: Pool,
  task: (pool: Pool) => Promise<Result>,
): Promise<Result> {
  const pool = proofPool(threads);
  return await task(pool).finally(() => pool.close());
}

async function byProgram(): Promise<Statement['mode']> {
  return { kind: 'program' };
}
