/** What goes between the service and its compute threads. */
import type { Trap } from '../../../vm/index.ts';
import type { ProgramMode, ProofLimits, SecurityLevel } from '../../proving/options.ts';
import type { ProofStage, StageTime } from '../../proving/progress.ts';
import type { StartMessage } from '../../proving/starts.ts';
import type { ExecutionReport, VerificationReport } from '../service.ts';

/** A run that is to be proved. */
export interface RunTask {
  readonly elf: Uint8Array;
  readonly publicInput: Uint8Array;
  readonly privateInput: Uint8Array;
  readonly limits: ProofLimits;
}

export interface PlanTask extends RunTask {
  readonly security: SecurityLevel;
  readonly programMode: ProgramMode;
  readonly segmentCycles?: number;
}

/** What the steps behind the plan share. */
export interface StepTask extends RunTask {
  readonly plan: Uint8Array;
}

export interface SegmentTask extends StepTask {
  /** From 1. */
  readonly segment: number;
  /** Where it starts; without it the program is run up to it. */
  readonly start?: Uint8Array;
}

export interface SegmentResult {
  /** The step's message. */
  readonly bytes: Uint8Array;
  /** Why the start was refused. */
  readonly refusal?: string;
}

export interface PlanResult {
  readonly plan: Uint8Array;
  readonly journal: Uint8Array;
  readonly exitCode: number;
  readonly cycles: number;
  readonly segments: number;
  /** As many as are kept; none for a run of one segment. */
  readonly starts: readonly StartMessage[];
}

export interface FinishResult {
  readonly receipt: Uint8Array;
  readonly cells: number;
  readonly interactions: number;
  readonly securityBits: number;
}

/** A result with the time that each stage took. */
export interface Timed<Result> {
  readonly result: Result;
  readonly stages: readonly StageTime[];
}

export interface ExecutionTask extends RunTask {
  readonly limits: { readonly cycles: number };
  /** Whether the report has a profile. */
  readonly profile: boolean;
}

export interface VerificationTask {
  readonly receipt: Uint8Array;
  readonly program: string;
  readonly publicInput: Uint8Array;
  readonly exitCode?: number;
  readonly minSecurityBits?: number;
}

/** By the name of the call: what it gets and what it gives. */
export interface Calls {
  readonly programId: { readonly task: Uint8Array; readonly result: string };
  readonly execute: { readonly task: ExecutionTask; readonly result: ExecutionReport };
  readonly verify: { readonly task: VerificationTask; readonly result: VerificationReport };
  /** All steps at once, for a run of one segment. */
  readonly whole: { readonly task: PlanTask; readonly result: Timed<FinishResult> };
  readonly plan: { readonly task: PlanTask; readonly result: Timed<PlanResult> };
  readonly commit: { readonly task: SegmentTask; readonly result: Timed<SegmentResult> };
  readonly challenge: {
    readonly task: StepTask & { readonly headers: readonly Uint8Array[] };
    readonly result: Timed<Uint8Array>;
  };
  readonly prove: {
    readonly task: SegmentTask & { readonly challenge: Uint8Array };
    readonly result: Timed<SegmentResult>;
  };
  readonly finish: {
    readonly task: StepTask & {
      readonly challenge: Uint8Array;
      readonly proofs: readonly Uint8Array[];
    };
    readonly result: Timed<FinishResult>;
  };
}
export type CallName = keyof Calls;

export interface StepProgress {
  readonly stage: ProofStage;
  /** From 0 to 1: of the call for `whole`, else of the stage. */
  readonly done: number;
}

/** What a compute thread gets when it starts. */
export interface ComputeStart {
  readonly threads: number;
}

export type Request =
  | {
      [Name in CallName]: {
        readonly kind: 'call';
        readonly number: number;
        readonly name: Name;
        readonly task: Calls[Name]['task'];
      };
    }[CallName]
  | { readonly kind: 'abort'; readonly number: number };

export type Reply =
  | { readonly kind: 'progress'; readonly number: number; readonly progress: StepProgress }
  | { readonly kind: 'done'; readonly number: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly number: number; readonly failure: Failure };

/** An error as it crosses threads. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Of errors that are explained. */
  readonly code?: string;
  readonly remedy?: string;
  readonly trap?: Trap;
}
