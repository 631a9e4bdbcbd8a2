/** Where the segments of a run start, for those who prove one without the others. */
import { TableFiller } from '../../trace-arith/index.ts';
import { record } from '../../vm/index.ts';
import { PAGE_BYTES, restrictSnapshot, writeStart } from '../messages/start.ts';
import type { PlannedRun } from './planned-run.ts';

/**
 * Most bytes of a start for each cycle before it: so many cycles are run again more quickly than a
 * larger one is written and read. See docs/decisions/0030-starts-of-segments.md.
 */
const BYTES_PER_CYCLE = 1;

/** A message that lets one segment be proved without a run up to it. */
export interface StartMessage {
  /** Of the segment, from 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface StartsOptions {
  /**
   * Most bytes of a start for each cycle before it; a larger one is left out. Default 1: running a
   * cycle again takes about as long as writing and reading a byte.
   */
  readonly bytesPerCycle?: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs a program once more and yields where its segments start. Throws as `record`.
 *
 * @param numbers of the segments that are wanted, ascending; of all if undefined
 */
export async function* startsOf(
  run: PlannedRun,
  { signal, bytesPerCycle = BYTES_PER_CYCLE }: StartsOptions = {},
  numbers?: readonly number[],
): AsyncGenerator<StartMessage, void, void> {
  const { plan, inputs, limits, label } = run;
  const { program, table } = run.program;
  const wanted = new Set(numbers);
  const final = numbers === undefined ? run.segments : (numbers.at(-1) ?? 0);
  if (final <= 1) return;
  const filler = new TableFiller(table, inputs);
  for await (const segment of record(program, {
    ...{ ...inputs, segmentCycles: plan.segmentCycles, limits, transient: true },
    ...(signal && { signal }),
  })) {
    const { start, last, touchedPages } = segment;
    const number = start.segment;
    if (number > 1 && (numbers === undefined || wanted.has(number))) {
      const pages = last ? undefined : touchedPages.map(({ page }) => page);
      const snapshot = pages === undefined ? start : restrictSnapshot(start, pages);
      const most = bytesPerCycle * start.cycle;
      if (PAGE_BYTES * snapshot.pages.size < most) {
        const bytes = writeStart(label, { snapshot, accesses: filler.lastAccesses(pages) });
        if (bytes.length <= most) yield { number, bytes };
      }
    }
    if (number === final) return;
    filler.skip(segment);
  }
}
