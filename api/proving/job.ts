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
import type { ProgramMode } from './options.ts';
import type { ProvableProgram } from './program.ts';
import type { ProgressMeter, ProofStage } from './progress.ts';
import { executionLimits, passRun } from './run.ts';
import type { WorkDirectory } from './work-directory.ts';

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
  /** Keeps what is done, so that the proof can go on in another process. */
  readonly work: WorkDirectory | undefined;
}

/** A receipt and what it took. */
export interface JobResult {
  readonly receipt: Receipt;
  readonly mode: Statement['mode'];
  readonly size: JobSize;
}

interface JobSize {
  /** Of all segments. */
  readonly cells: number;
  readonly interactions: number;
  /** Of the largest one. */
  readonly estimatedBytes: number;
}

/** @throws as `Prover.prove` */
export async function proveJob(job: ProofJob): Promise<JobResult> {
  return await new JobProver(job).prove();
}

class JobProver {
  readonly #job: ProofJob;
  readonly #segments: number;
  #statement: Statement | undefined;

  constructor(job: ProofJob) {
    this.#job = job;
    this.#segments = Math.ceil(job.cycles / job.segmentCycles);
  }

  async prove(): Promise<JobResult> {
    const { pool, claim, work } = this.#job;
    const stored = await this.#storedHeaders();
    const { headers, last } = await this.#commit(stored);
    this.#statement ??= await this.#commitProgram();
    const statement = this.#statement;
    let challenges: SharedChallenges;
    const proofs: (SegmentProof | undefined)[] = [];
    try {
      challenges = await drawChallenges(pool, statement, claim, headers);
      for (const [i, header] of headers.entries()) {
        proofs.push(await work?.proof(i + 1, header, challenges.statement));
      }
      if (last !== undefined) {
        const proof = await last.prove(challenges, this.#segments);
        proofs[this.#segments - 1] = proof;
        await work?.saveProof(this.#segments, proof, challenges.statement);
      }
    } finally {
      await last?.close();
    }
    await this.#proveOthers(headers, challenges, proofs);
    const receipt = makeReceipt(statement, claim, challenges, headers, proofs as SegmentProof[]);
    return { receipt, mode: statement.mode, size: this.#totals(headers) };
  }

  async #storedHeaders(): Promise<(SegmentHeader | undefined)[]> {
    const { work } = this.#job;
    const found: (SegmentHeader | undefined)[] = [];
    for (let number = 1; number <= this.#segments; number++) found.push(await work?.header(number));
    return found;
  }

  /** Commits to the segments that have no header; if the last one is among them, it stays in memory. */
  async #commit(
    stored: readonly (SegmentHeader | undefined)[],
  ): Promise<{ headers: SegmentHeader[]; last: OpenSegment | undefined }> {
    const { pool, work } = this.#job;
    const headers = [...stored];
    const missing = headers.map((header, i) => (header === undefined ? i + 1 : 0)).filter(Boolean);
    let last: OpenSegment | undefined;
    for await (const [number, filled] of this.#pass(missing)) {
      const { tables, cycleEnd } = filled;
      const size = this.#sizeOf(tables, cycleEnd - 1);
      checkMemory(size, this.#job.limits?.proverBytes);
      if (number === missing[0]) this.#expect(size, missing.length);
      this.#statement ??= await this.#commitProgram();
      const opened = await openSegment(pool, this.#statement, filled, this.#hooks);
      headers[number - 1] = opened.header;
      await work?.saveHeader(number, opened.header);
      if (number === this.#segments) last = opened;
      else await opened.close();
    }
    const [first] = headers;
    if (missing.length === 0 && first !== undefined) {
      this.#expect(this.#sizeOf(first.instances, first.cycleEnd - 1), 0);
    }
    return { headers: headers as SegmentHeader[], last };
  }

  /** Adds the proofs that are missing. */
  async #proveOthers(
    headers: readonly SegmentHeader[],
    challenges: SharedChallenges,
    proofs: (SegmentProof | undefined)[],
  ): Promise<void> {
    const { pool, work } = this.#job;
    const missing = proofs.map((proof, i) => (proof === undefined ? i + 1 : 0)).filter(Boolean);
    for await (const [number, filled] of this.#pass(missing)) {
      const header = headers[number - 1] as SegmentHeader;
      const statement = this.#statement as Statement;
      const hooks = this.#hooks;
      const proof = await proveSegmentAgain(
        pool,
        statement,
        filled,
        header,
        challenges,
        number,
        hooks,
      );
      await work?.saveProof(number, proof, challenges.statement);
      proofs[number - 1] = proof;
    }
  }

  /** The tables of these segments, which are given in ascending order. */
  async *#pass(numbers: readonly number[]): AsyncGenerator<[number, FilledSegment]> {
    const final = numbers.at(-1);
    if (final === undefined) return;
    const { program, inputs, segmentCycles, limits, signal, meter } = this.#job;
    const wanted = new Set(numbers);
    const onStage = (stage: ProofStage): void => meter.reach(stage);
    meter.enter(1);
    for await (const { number, filled } of passRun(program, inputs, {
      ...{ segmentCycles, limits: executionLimits(limits), signal, onStage },
      wanted: (segment) => wanted.has(segment),
    })) {
      if (filled !== undefined) yield [number, filled];
      if (number === final) return;
      meter.enter(number + 1);
    }
    throw new Error('the run is shorter than the one before');
  }

  #sizeOf(tables: readonly Instance[], cycles: number): ProofSize {
    const { pool, parameters, programMode, program } = this.#job;
    const machine = riscvMachine();
    const instances = tables.map(({ chip, logHeight }): Instance => ({ chip, logHeight }));
    const outline = outlineOf(machine, program.statement);
    const { threads } = pool;
    return proofSize(machine, parameters, outline, programMode, { instances, cycles }, threads);
  }

  #expect(size: ProofSize, commit: number): void {
    const { pool, programMode, meter } = this.#job;
    const left = { commit, prove: this.#segments };
    meter.expect(size, pool.threads, programMode === 'id', this.#segments, left);
  }

  #totals(headers: readonly SegmentHeader[]): JobSize {
    const sizes = headers.map(({ instances, cycleEnd }) => this.#sizeOf(instances, cycleEnd - 1));
    return {
      cells: sizes.reduce((sum, { cells }) => sum + cells, 0),
      interactions: sizes.reduce((sum, { interactions }) => sum + interactions, 0),
      estimatedBytes: Math.max(...sizes.map(({ kernelBytes }) => kernelBytes)),
    };
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
