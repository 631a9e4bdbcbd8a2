/** A run whose proof is planned: what all steps know of it. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import {
  type Claim,
  checkPath,
  checkTables,
  outlineOf,
  type ProgramOutline,
  riscvMachine,
  type SegmentHeader,
  VerificationError,
} from '@vouch/verifier';
import {
  type CommitmentStatement,
  claimOf,
  type FilledSegment,
  type Statement,
} from '../../prover/index.ts';
import { HALT_PC, type RunInputs, TableFiller } from '../../trace-arith/index.ts';
import {
  type ExecutionLimits,
  MAX_MEMORY_BYTES,
  type Program,
  replay,
  type Segment,
} from '../../vm/index.ts';
import { impossible, type RunLabel } from '../messages/envelope.ts';
import {
  cyclesOf,
  difference,
  type ProofPlan,
  readPlan,
  runLabel,
  segmentCount,
} from '../messages/plan.ts';
import { readStart } from '../messages/start.ts';
import { type ProofSize, proofSize } from './cost.ts';
import { StepError } from './errors.ts';
import { type ProvableProgram, provableProgram } from './program.ts';
import { fillSegment, passRun } from './run.ts';

/** A run that is proved in steps. */
export interface StepRun {
  /** A loaded program or an ELF file. */
  readonly program: Program | Uint8Array;
  /** Default: empty. */
  readonly publicInput?: Uint8Array;
  /** Default: empty. */
  readonly privateInput?: Uint8Array;
  /** What `ProofSteps.plan` returned. */
  readonly plan: Uint8Array;
}

const NONE: Uint8Array = new Uint8Array(0);

/** What a plan says of the program and the inputs. */
export function hashesOf(
  { statement }: ProvableProgram,
  { publicInput, privateInput }: RunInputs,
): Pick<ProofPlan, 'program' | 'publicInput' | 'privateInput'> {
  return {
    program: bytesToHex(statement.digest),
    publicInput: bytesToHex(sha256(publicInput)),
    privateInput: bytesToHex(sha256(privateInput)),
  };
}

export class PlannedRun {
  readonly plan: ProofPlan;
  readonly program: ProvableProgram;
  readonly inputs: RunInputs;
  readonly label: RunLabel;
  readonly outline: ProgramOutline;
  /** Of the run. */
  readonly segments: number;

  /** @throws StepError; `step/other-proof` if the plan is of another program or of other inputs; ElfError */
  static open({ program, plan, ...inputs }: StepRun): PlannedRun {
    const { publicInput = NONE, privateInput = NONE } = inputs;
    const provable = provableProgram(program);
    const run = new PlannedRun(readPlan(plan), provable, { publicInput, privateInput });
    const other = difference(run.plan, { ...run.plan, ...hashesOf(provable, run.inputs) });
    if (other === undefined) return run;
    throw new StepError('step/other-proof', `the plan is of another run: ${other}`);
  }

  /** The program and the inputs are those of the plan. */
  constructor(plan: ProofPlan, program: ProvableProgram, inputs: RunInputs) {
    this.plan = plan;
    this.program = program;
    this.inputs = inputs;
    this.label = runLabel(plan);
    this.outline = outlineOf(riscvMachine(), program.statement);
    this.segments = segmentCount(plan);
  }

  /** For commitments to segments. */
  get statement(): CommitmentStatement {
    const { parameters, programMode } = this.plan;
    const { statement: program } = this.program;
    return { machine: riscvMachine(), parameters, program, mode: { kind: programMode } };
  }

  /** What the receipt claims. */
  claim(mode: Statement['mode']): Claim {
    const { exitCode, journal } = this.plan;
    const { publicInput: bytes } = this.inputs;
    const publicInput = { length: bytes.length, digest: sha256(bytes) };
    return claimOf({ ...this.statement, mode }, { publicInput, exitCode, journal });
  }

  /** Of the execution: it is known to end, so nothing but the plan limits it. */
  get limits(): ExecutionLimits {
    return { cycles: this.plan.cycles, memoryBytes: MAX_MEMORY_BYTES };
  }

  /**
   * The tables of a segment: from its start, or without one from a run up to it.
   *
   * @param number from 1
   * @throws StepError, ProveError `prove/tables`, the signal's reason
   */
  async fill(
    number: number,
    start: Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<FilledSegment> {
    this.#checkNumber(number);
    const filled =
      start === undefined
        ? await this.#fillFromBeginning(number, signal)
        : fillSegment(...(await this.#replayed(number, start, signal)));
    const cycles = filled.cycleEnd - 1;
    const isLast = filled.pcEnd === HALT_PC;
    if (cycles === cyclesOf(this.plan, number) && isLast === (number === this.segments)) {
      return filled;
    }
    const problem = `the segment has ${cycles} cycles${isLast ? ' and is the last one' : ''}`;
    throw start === undefined
      ? impossible({ kind: 'plan', number: 0 }, problem)
      : impossible({ kind: 'start', number }, problem);
  }

  /**
   * Runs the program up to the last of these segments and fills their tables, one after the other.
   *
   * @param numbers ascending
   * @throws as `passRun`
   */
  async *passed(
    numbers: readonly number[],
    {
      signal,
      onStage = () => {},
    }: {
      readonly signal?: AbortSignal | undefined;
      onStage?(stage: 'execute' | 'fill', number: number): void;
    } = {},
  ): AsyncGenerator<[number, FilledSegment], void, void> {
    const final = numbers.at(-1);
    if (final === undefined) return;
    const wanted = new Set(numbers);
    let current = 1;
    for await (const { number, filled } of passRun(this.program, this.inputs, {
      ...{ segmentCycles: this.plan.segmentCycles, limits: this.limits, signal },
      onStage: (stage) => onStage(stage, current),
      wanted: (segment) => wanted.has(segment),
    })) {
      if (filled !== undefined) yield [number, filled];
      if (number === final) return;
      current = number + 1;
    }
    throw impossible({ kind: 'plan', number: 0 }, `the run ends before segment ${final}`);
  }

  async #fillFromBeginning(
    number: number,
    signal: AbortSignal | undefined,
  ): Promise<FilledSegment> {
    for await (const [, filled] of this.passed([number], { signal })) return filled;
    throw new Error(`segment ${number} is not in its own pass`);
  }

  async #replayed(
    number: number,
    start: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<[TableFiller, Segment]> {
    const { program, table } = this.program;
    const before = (number - 1) * this.plan.segmentCycles;
    const { snapshot, accesses } = readStart(start, this.label, number, before);
    const segment = await replay(program, snapshot, cyclesOf(this.plan, number), {
      ...this.inputs,
      limits: this.limits,
      ...(signal && { signal }),
    });
    return [new TableFiller(table, this.inputs, accesses), segment];
  }

  /** What the proof of a segment with these tables takes. */
  sizeOf(tables: SegmentHeader['instances'], cycles: number, threads: number): ProofSize {
    const { parameters, programMode } = this.plan;
    const instances = tables.map(({ chip, logHeight }) => ({ chip, logHeight }));
    const segment = { instances, cycles };
    return proofSize(riscvMachine(), parameters, this.outline, programMode, segment, threads);
  }

  /**
   * The headers are those of one run: as many, as long and in such an order as the plan says.
   *
   * @throws StepError `step/contents`
   */
  checkHeaders(claim: Claim, headers: readonly SegmentHeader[]): void {
    for (const [i, { cycleEnd }] of headers.entries()) {
      const [number, cycles] = [i + 1, cyclesOf(this.plan, i + 1)];
      if (cycleEnd === cycles + 1) continue;
      const problem = `it has ${cycleEnd - 1} cycles, the plan ${cycles}`;
      throw impossible({ kind: 'header', number }, problem);
    }
    try {
      checkPath(this.outline.entry, headers);
      checkTables(riscvMachine(), claim, headers);
    } catch (cause) {
      if (!(cause instanceof VerificationError)) throw cause;
      throw impossible({ kind: 'header', number: 0 }, cause.message, cause);
    }
  }

  /** @throws StepError `step/count` unless there is one message for each segment */
  checkCount(messages: readonly Uint8Array[], what: string): void {
    const found = messages.length;
    if (found === this.segments) return;
    const problem = `${found} ${what} were given, the run has ${this.segments} segments`;
    throw new StepError('step/count', problem);
  }

  #checkNumber(number: number): void {
    if (Number.isInteger(number) && number >= 1 && number <= this.segments) return;
    const problem = `there is no segment ${number}: the run has ${this.segments}`;
    throw new StepError('step/number', problem);
  }
}
