/** From a finished run to its receipt: segment by segment, in the memory of one. */
import {
  type Instance,
  outlineOf,
  type ParameterSet,
  type Receipt,
  riscvMachine,
  type SegmentHeader,
  type SegmentProof,
} from '@vouch/verifier';
import {
  commitProgram,
  drawChallenges,
  type FilledSegment,
  makeReceipt,
  type OpenSegment,
  openSegment,
  type Pool,
  proveSegmentAgain,
  type RunClaim,
  type SharedChallenges,
  type StageProgress,
  type Statement,
} from '../../prover/index.ts';
import type { RunInputs } from '../../trace-arith/index.ts';
import type { ExecutionLimits } from '../../vm/index.ts';
import { checkMemory, type ProofSize, proofSize } from './cost.ts';
import type { ProvableProgram } from './program.ts';
import type { ProgressMeter, ProofStage } from './progress.ts';
import type { ProgramMode } from './prover.ts';
import { passRun } from './run.ts';

/** A run that is to be proved, and how. */
export interface ProofJob {
  readonly pool: Pool;
  readonly parameters: ParameterSet;
  readonly programMode: ProgramMode;
  readonly program: ProvableProgram;
  readonly inputs: RunInputs;
  readonly claim: RunClaim;
  readonly cycles: number;
  readonly segmentCycles: number;
  readonly limits: (ExecutionLimits & { readonly proverBytes?: number }) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly meter: ProgressMeter;
}

/** A receipt and what it took. */
export interface JobResult {
  readonly receipt: Receipt;
  readonly mode: Statement['mode'];
  readonly size: JobSize;
}

interface JobSize {
  /** Of all segments. */
  cells: number;
  interactions: number;
  /** Of the largest one. */
  estimatedBytes: number;
}

/** @throws as `Prover.prove` */
export async function proveJob(job: ProofJob): Promise<JobResult> {
  return await new JobProver(job).prove();
}

class JobProver {
  readonly #job: ProofJob;
  readonly #segments: number;
  readonly #size: JobSize = { cells: 0, interactions: 0, estimatedBytes: 0 };
  #statement: Statement | undefined;

  constructor(job: ProofJob) {
    this.#job = job;
    this.#segments = Math.ceil(job.cycles / job.segmentCycles);
  }

  async prove(): Promise<JobResult> {
    const headers: SegmentHeader[] = [];
    const last = await this.#commit(headers);
    const statement = this.#known;
    const { pool, claim } = this.#job;
    let challenges: SharedChallenges;
    let lastProof: SegmentProof;
    try {
      challenges = await drawChallenges(pool, statement, claim, headers);
      lastProof = await last.prove(challenges, this.#segments);
    } finally {
      await last.close();
    }
    const proofs = [...(await this.#proveOthers(headers, challenges)), lastProof];
    const receipt = makeReceipt(statement, claim, challenges, headers, proofs);
    return { receipt, mode: statement.mode, size: this.#size };
  }

  /** Commits to all segments; the last one stays in memory. */
  async #commit(headers: SegmentHeader[]): Promise<OpenSegment> {
    const { pool } = this.#job;
    for await (const [number, filled] of this.#pass(() => true)) {
      this.#measure(number, filled);
      this.#statement ??= await this.#commitProgram();
      const opened = await openSegment(pool, this.#known, filled, this.#hooks);
      headers.push(opened.header);
      if (number === this.#segments) return opened;
      await opened.close();
    }
    throw new Error('the run has fewer segments the second time');
  }

  async #proveOthers(
    headers: readonly SegmentHeader[],
    challenges: SharedChallenges,
  ): Promise<SegmentProof[]> {
    const { pool } = this.#job;
    const others = this.#segments - 1;
    const proofs: SegmentProof[] = [];
    if (others === 0) return proofs;
    for await (const [number, filled] of this.#pass((segment) => segment <= others)) {
      const header = headers[number - 1] as SegmentHeader;
      const statement = this.#known;
      proofs.push(
        await proveSegmentAgain(pool, statement, filled, header, challenges, number, this.#hooks),
      );
      if (number === others) break;
    }
    return proofs;
  }

  /** The tables of the segments that are wanted. */
  async *#pass(wanted: (segment: number) => boolean): AsyncGenerator<[number, FilledSegment]> {
    const { program, inputs, segmentCycles, limits, signal, meter } = this.#job;
    const { proverBytes: _, ...executionLimits } = limits ?? {};
    let next = 1;
    meter.enter(next);
    const onStage = (stage: ProofStage): void => meter.reach(stage);
    const options = { segmentCycles, limits: executionLimits, signal, wanted, onStage };
    for await (const { number, filled } of passRun(program, inputs, options)) {
      if (filled !== undefined) yield [number, filled];
      next = number + 1;
      meter.enter(next);
    }
  }

  /** Refuses a segment that does not fit the memory; the first one tells how long the rest takes. */
  #measure(number: number, { tables, cycleEnd }: FilledSegment): void {
    const { pool, parameters, programMode, program, limits, meter } = this.#job;
    const instances = tables.map(({ chip, logHeight }): Instance => ({ chip, logHeight }));
    const machine = riscvMachine();
    const size = proofSize(
      machine,
      parameters,
      outlineOf(machine, program.statement),
      programMode,
      { instances, cycles: cycleEnd - 1 },
      pool.threads,
    );
    checkMemory(size, limits?.proverBytes);
    this.#add(size);
    if (number > 1) return;
    const left = { commit: this.#segments, prove: this.#segments };
    meter.expect(size, pool.threads, programMode === 'id', this.#segments, left);
  }

  #add({ cells, interactions, kernelBytes }: ProofSize): void {
    this.#size.cells += cells;
    this.#size.interactions += interactions;
    this.#size.estimatedBytes = Math.max(this.#size.estimatedBytes, kernelBytes);
  }

  async #commitProgram(): Promise<Statement> {
    const { pool, parameters, programMode, program } = this.#job;
    const machine = riscvMachine();
    const { statement } = program;
    const mode =
      programMode === 'id'
        ? {
            kind: programMode,
            commitment: await commitProgram(pool, machine, statement, this.#hooks),
          }
        : { kind: programMode };
    return { machine, parameters, program: statement, mode };
  }

  get #known(): Statement {
    if (this.#statement === undefined) throw new Error('no segment was committed to');
    return this.#statement;
  }

  get #hooks(): {
    signal: AbortSignal | undefined;
    onProgress: (progress: StageProgress<ProofStage>) => void;
  } {
    const { signal, meter } = this.#job;
    return {
      signal,
      onProgress: ({ stage, done, total }) => meter.reach(stage, total === 0 ? 1 : done / total),
    };
  }
}
