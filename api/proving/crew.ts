/** Those who prove the segments of a run, and what they are given. */
import type { FilledSegment, Pool } from '../../prover/index.ts';
import { checkMemory, isAhead, openSegments, type ProofSize, runBytes } from './cost.ts';
import type { FillThread } from './fill-thread.ts';
import { type Lane, laneHooks, PoolLane } from './lane.ts';
import type { PlannedSegment } from './plan.ts';
import type { PlannedRun } from './planned-run.ts';
import type { ProgressMeter, ProofStage } from './progress.ts';
import { startsOf } from './starts.ts';
import { WorkerLane } from './worker-lane.ts';

/** @typeParam Source what a segment's tables are made from */
export interface Crew<Source> {
  readonly lanes: readonly Lane<Source>[];
  /** Of each lane. */
  readonly threads: number;
  /** The sources of these segments, which are given in ascending order. */
  sources(numbers: readonly number[]): AsyncGenerator<[number, Source], void, void>;
  /** What the proof of a segment takes. @throws ProveError `prove/memory` */
  size(source: Source): ProofSize;
  /** How many segments of this size all lanes together keep from their commitment to their proof. */
  mostOpen(size: ProofSize): number;
  close(): Promise<void>;
}

export interface CrewOptions {
  readonly run: PlannedRun;
  readonly meter: ProgressMeter;
  readonly signal: AbortSignal | undefined;
  /** Most bytes for all lanes. Default: what the system has available. */
  readonly proverBytes: number | undefined;
}

/**
 * One lane on the threads of a pool. The run is passed once for each list of segments.
 *
 * @param fillThread fills the tables of long segments ahead
 */
export function poolCrew(
  pool: Pool,
  fillThread: FillThread,
  { run, meter, signal, proverBytes }: CrewOptions,
): Crew<FilledSegment> {
  const mostOpen = (size: ProofSize): number => openSegments(size, run.segments, proverBytes);
  const lane = new PoolLane(pool, run, laneHooks(meter, signal), mostOpen);
  const ahead = pool.threads > 1 && isAhead(run.segments, run.plan.segmentCycles);
  const sources = ahead
    ? filledAhead(fillThread, run, meter, signal)
    : filledInTurn(run, meter, signal);
  return {
    ...{ lanes: [lane], threads: pool.threads, sources, mostOpen },
    size: ({ tables, cycleEnd }) => {
      const size = run.sizeOf(tables, cycleEnd - 1, pool.threads);
      checkMemory(size, proverBytes, ahead ? runBytes(size, run.segments) : size.totalBytes);
      return size;
    },
    close: () => lane.close(),
  };
}

type Sources<Source> = Crew<Source>['sources'];

function filledInTurn(
  run: PlannedRun,
  meter: ProgressMeter,
  signal: AbortSignal | undefined,
): Sources<FilledSegment> {
  const onStage = (stage: ProofStage, number: number): void => {
    meter.enter(number);
    meter.reach(stage);
  };
  return (numbers) => run.passed(numbers, { signal, onStage });
}

function filledAhead(
  thread: FillThread,
  run: PlannedRun,
  meter: ProgressMeter,
  signal: AbortSignal | undefined,
): Sources<FilledSegment> {
  const onWait = (number: number): void => {
    meter.enter(number);
    meter.reach('execute');
    meter.reach('fill');
  };
  return (numbers) => thread.passed(run, numbers, { signal, onWait });
}

/**
 * Several lanes, each in a thread of its own that has its share of the prover's threads. They are given
 * the starts of segments, in memory.
 *
 * @param threads of all lanes together
 * @param segments as they are planned
 * @throws ProveError `prove/memory`, ProverError
 */
export function workerCrew(
  count: number,
  threads: number,
  segments: readonly PlannedSegment[],
  { run, meter, signal, proverBytes }: CrewOptions,
): Crew<Uint8Array | undefined> {
  const each = Math.max(1, Math.floor(threads / count));
  const sizes = segments.map(({ instances, cycles }) => run.sizeOf(instances, cycles, each));
  const largest = sizes.reduce((a, b) => (b.totalBytes > a.totalBytes ? b : a));
  checkMemory(largest, proverBytes, count * largest.totalBytes, count);
  const lanes = Array.from({ length: count }, (_, i) => {
    const more = i < threads - count * each ? 1 : 0;
    return new WorkerLane(run, each + more, meter.lane(), signal);
  });
  return {
    ...{ lanes, threads: each },
    sources: (numbers) => startedSegments(run, numbers, meter, signal),
    size: () => largest,
    mostOpen: () => count,
    close: async () => {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

/** The starts of these segments; the first one has none. */
async function* startedSegments(
  run: PlannedRun,
  numbers: readonly number[],
  meter: ProgressMeter,
  signal: AbortSignal | undefined,
): AsyncGenerator<[number, Uint8Array | undefined], void, void> {
  if (numbers.includes(1)) yield [1, undefined];
  const others = numbers.filter((number) => number > 1);
  meter.enter(0);
  meter.reach('execute');
  for await (const { number, bytes } of startsOf(
    run,
    { bytesPerCycle: Number.POSITIVE_INFINITY, ...(signal && { signal }) },
    others,
  )) {
    meter.end();
    yield [number, bytes];
    meter.reach('execute');
  }
  meter.end();
}
