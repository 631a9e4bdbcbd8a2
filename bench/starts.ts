/** Whether a segment's start is worth writing, or the run up to it is sooner made again. */
import { type ProofSteps, readPlan, type StepRun, segmentCount, textTable } from '../api/index.ts';
import type { Subject } from './subjects.ts';

/** One segment, with and without its start. */
export interface StartRow {
  readonly name: string;
  readonly number: number;
  readonly segments: number;
  readonly cyclesBefore: number;
  readonly bytes: number;
  /** Milliseconds to its tables. */
  readonly withStart: number;
  readonly withoutStart: number;
}

const SEGMENT_CYCLES: number = 2 ** 20;
const MEASURED = 4;

/** Some segments of a run, the last among them: the least of several measurements. */
export async function measureStarts(
  steps: ProofSteps,
  { name, elf, publicInput, privateInput }: Subject,
  runs: number,
): Promise<StartRow[]> {
  const options = { publicInput, privateInput, segmentCycles: SEGMENT_CYCLES };
  const plan = await steps.plan(elf, options);
  const run = { program: elf, publicInput, privateInput, plan };
  const { segmentCycles } = readPlan(plan);
  const segments = segmentCount(readPlan(plan));
  const each = Math.max(1, Math.floor(segments / MEASURED));
  const rows: StartRow[] = [];
  const bytesPerCycle = Number.POSITIVE_INFINITY;
  for await (const { number, bytes } of steps.starts(run, { bytesPerCycle })) {
    if ((segments - number) % each !== 0) continue;
    const times = { withStart: Number.POSITIVE_INFINITY, withoutStart: Number.POSITIVE_INFINITY };
    for (let i = 0; i < runs; i++) {
      const started = await fillMilliseconds(steps, run, { number, start: bytes });
      times.withStart = Math.min(times.withStart, started);
      times.withoutStart = Math.min(
        times.withoutStart,
        await fillMilliseconds(steps, run, { number }),
      );
    }
    const cyclesBefore = (number - 1) * segmentCycles;
    rows.push({ name, number, segments, cyclesBefore, bytes: bytes.length, ...times });
  }
  return rows;
}

/** What the commitment to a segment takes up to its tables. */
async function fillMilliseconds(
  steps: ProofSteps,
  run: StepRun,
  segment: Parameters<ProofSteps['commit']>[1],
): Promise<number> {
  const controller = new AbortController();
  const start = performance.now();
  let end = start;
  const onProgress = ({ stage, done }: { stage: string; done: number }): void => {
    if (stage !== 'fill' || done < 1) return;
    end = performance.now();
    controller.abort();
  };
  const { signal } = controller;
  await steps.commit(run, segment, { signal, onProgress }).catch((error: unknown) => {
    if (error !== signal.reason) throw error;
  });
  return end - start;
}

export function startsTable(rows: readonly StartRow[]): string {
  const head = [
    'segment',
    'of',
    'M cycles before',
    'start MiB',
    'ms with it',
    'ms without',
    'ns/cycle',
  ];
  return textTable(
    [...head, 'guest'],
    rows.map((row) => [
      String(row.number),
      String(row.segments),
      (row.cyclesBefore / 1e6).toFixed(1),
      (row.bytes / 2 ** 20).toFixed(2),
      row.withStart.toFixed(0),
      row.withoutStart.toFixed(0),
      ((1e6 * (row.withoutStart - row.withStart)) / row.cyclesBefore).toFixed(1),
      row.name,
    ]),
    head.length,
  );
}
