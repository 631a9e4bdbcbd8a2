/** What a compute thread does for each call. */
import { inspectReceipt, VerificationError } from '@vouch/verifier';
import {
  collapsedStacks,
  loadProgram,
  Profiler,
  record,
  StatisticsCollector,
} from '../../../vm/index.ts';
import { readPlan, segmentCount } from '../../messages/plan.ts';
import { StepError } from '../../proving/errors.ts';
import { estimate } from '../../proving/estimate.ts';
import type { ProofStage, StageTime } from '../../proving/progress.ts';
import { type Prover, startProver } from '../../proving/prover.ts';
import type { StartMessage } from '../../proving/starts.ts';
import type { SegmentInput } from '../../proving/steps.ts';
import { verify } from '../../proving/verify.ts';
import type { ExecutionReport, VerificationReport } from '../service.ts';
import type {
  CallName,
  Calls,
  ExecutionTask,
  FinishResult,
  PlanResult,
  PlanTask,
  SegmentResult,
  SegmentTask,
  StepProgress,
  StepTask,
  Timed,
  VerificationTask,
} from './messages.ts';

/** Most bytes of a run's starts together: they are a convenience, and wait in memory and on the disk. */
const MOST_START_BYTES: number = 2 ** 26;

export interface CallContext {
  /** Of the prover. */
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: StepProgress) => void;
}

type Handlers = {
  readonly [Name in CallName]: (
    task: Calls[Name]['task'],
    context: CallContext,
  ) => Promise<Calls[Name]['result']>;
};

export const HANDLERS: Handlers = {
  programId: async (elf, { threads }) => await (await theProver(threads)).programId(elf),
  execute,
  verify: verifyReceipt,
  whole: proveWhole,
  plan,
  commit: (task, context) =>
    timed(context, (prover, options) =>
      fromStart(task, (segment) => prover.steps.commit(runOf(task), segment, options)),
    ),
  challenge: (task, context) =>
    timed(context, async (prover, options) => {
      return await prover.steps.challenge(runOf(task), task.headers, options);
    }),
  prove: (task, context) =>
    timed(context, (prover, options) =>
      fromStart(task, (segment) =>
        prover.steps.prove(runOf(task), segment, task.challenge, options),
      ),
    ),
  finish: (task, context) =>
    timed(context, async (prover, options) => {
      options.onProgress({ stage: 'verify', done: 0 });
      const { challenge, proofs } = task;
      const finished = await prover.steps.finish(runOf(task), challenge, proofs, options);
      return { ...finished, ...sizesOf(finished.receipt) };
    }),
};

let prover: Promise<Prover> | undefined;

function theProver(threads: number): Promise<Prover> {
  prover ??= startProver({ threads });
  return prover;
}

async function execute(
  { elf, publicInput, privateInput, limits, profile }: ExecutionTask,
  { threads, signal }: CallContext,
): Promise<ExecutionReport> {
  const program = loadProgram(elf);
  const collector = new StatisticsCollector(program);
  const profiler = profile ? new Profiler(program) : undefined;
  const options = { publicInput, privateInput, limits, signal };
  const segments = record(program, options);
  let next = await segments.next();
  for (; !next.done; next = await segments.next()) {
    collector.add(next.value);
    profiler?.add(next.value);
  }
  const { outcome, journal, cycles } = next.value;
  const report = {
    ...{ journal, cycles, statistics: collector.finish() },
    ...(profiler && { profile: collapsedStacks(profiler.finish()) }),
  };
  if (outcome.kind === 'trap') return { ...report, outcome };
  const found = await estimate(program, { ...options, threads });
  const { segments: count, milliseconds, memoryBytes, receiptBytes } = found;
  return {
    ...report,
    outcome: { kind: 'exit', code: outcome.code },
    estimate: { segments: count, milliseconds, memoryBytes, receiptBytes },
  };
}

async function verifyReceipt({
  receipt,
  ...options
}: VerificationTask): Promise<VerificationReport> {
  try {
    const { journal, exitCode, cycles, securityBits } = await verify(receipt, options);
    return { valid: true, journal, exitCode, cycles, securityBits };
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return { valid: false, check: error.check, reason: error.message };
  }
}

async function proveWhole(
  { elf, ...options }: PlanTask,
  { threads, signal, onProgress }: CallContext,
): Promise<Timed<FinishResult>> {
  const { receipt, stats } = await (await theProver(threads)).prove(elf, {
    ...{ ...options, signal },
    onProgress: ({ stage, done }) => onProgress({ stage, done }),
  });
  const { cells, interactions, securityBits, stages } = stats;
  return { result: { receipt, cells, interactions, securityBits }, stages };
}

async function plan(task: PlanTask, context: CallContext): Promise<Timed<PlanResult>> {
  return await timed(context, async (prover, { signal, onProgress }) => {
    onProgress({ stage: 'execute', done: 0 });
    const { elf, ...options } = task;
    const bytes = await prover.steps.plan(elf, { ...options, signal });
    const found = readPlan(bytes);
    const { journal, exitCode, cycles } = found;
    const segments = segmentCount(found);
    const starts: StartMessage[] = [];
    let room = MOST_START_BYTES;
    for await (const start of prover.steps.starts(runOf({ ...task, plan: bytes }), { signal })) {
      onProgress({ stage: 'execute', done: start.number / segments });
      if (start.bytes.length > room) continue;
      room -= start.bytes.length;
      starts.push(start);
    }
    return { plan: bytes, journal, exitCode, cycles, segments, starts };
  });
}

/** Makes a step of a segment from its start, or without it where it is refused. */
async function fromStart(
  { segment: number, start }: SegmentTask,
  step: (segment: SegmentInput) => Promise<Uint8Array>,
): Promise<SegmentResult> {
  if (start === undefined) return { bytes: await step({ number }) };
  try {
    return { bytes: await step({ number, start }) };
  } catch (error) {
    if (!(error instanceof StepError) || error.kind !== 'start') throw error;
    return { bytes: await step({ number }), refusal: error.message };
  }
}

function runOf({ elf, publicInput, privateInput, plan }: StepTask): {
  readonly program: Uint8Array;
  readonly publicInput: Uint8Array;
  readonly privateInput: Uint8Array;
  readonly plan: Uint8Array;
} {
  return { program: elf, publicInput, privateInput, plan };
}

/** Runs a step and takes the time of its stages. */
async function timed<Result>(
  { threads, signal, onProgress }: CallContext,
  step: (
    prover: Prover,
    options: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: StepProgress) => void;
    },
  ) => Promise<Result>,
): Promise<Timed<Result>> {
  const times = new Map<ProofStage, number>();
  let stage: ProofStage | undefined;
  let start = performance.now();
  const end = (): void => {
    const now = performance.now();
    if (stage !== undefined) times.set(stage, (times.get(stage) ?? 0) + now - start);
    start = now;
  };
  const watch = (progress: StepProgress): void => {
    if (progress.stage !== stage) end();
    stage = progress.stage;
    onProgress(progress);
  };
  const result = await step(await theProver(threads), { signal, onProgress: watch });
  end();
  const stages: StageTime[] = [...times].map(([name, milliseconds]) => ({
    ...{ stage: name, milliseconds },
  }));
  return { result, stages };
}

/** Cells and messages of all segments, padding included. */
function sizesOf(receipt: Uint8Array): { readonly cells: number; readonly interactions: number } {
  const { segments } = inspectReceipt(receipt);
  const cells = segments.reduce((sum, segment) => sum + segment.cells, 0);
  const interactions = segments
    .flatMap(({ tables }) => tables)
    .reduce((sum, table) => sum + table.interactions * 2 ** table.logHeight, 0);
  return { cells, interactions };
}
