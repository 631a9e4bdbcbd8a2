import { LimitError } from './errors.ts';
import type { ExecuteOptions, Execution } from './execution.ts';
import { MAX_SEGMENT_CYCLES, MAX_SEGMENTS } from './memory-map.ts';
import { checkInteger } from './options.ts';
import type { Program } from './program.ts';
import { Run } from './run.ts';
import type { Segment, Snapshot } from './segment.ts';

const DEFAULT_SEGMENT_CYCLES = 0x10_0000;

export interface RecordOptions extends ExecuteOptions {
  /** Cycles of a segment, 1 to MAX_SEGMENT_CYCLES; the last one may be shorter. Default 2^20. */
  readonly segmentCycles?: number;
  /**
   * Entries and crossings of a segment are not copied: they are gone when the next segment is asked
   * for. Default false.
   */
  readonly transient?: boolean;
}

/**
 * Runs a program and yields the record of each segment as soon as it is complete, so that only one
 * is held at a time. Returns what `execute` would. A run that traps yields the segment in which it
 * does too, up to the instruction that traps.
 *
 * @throws as `execute`
 */
export async function* record(
  program: Program,
  options: RecordOptions = {},
): AsyncGenerator<Segment, Execution, void> {
  options.signal?.throwIfAborted();
  const segmentCycles = options.segmentCycles ?? DEFAULT_SEGMENT_CYCLES;
  checkInteger('segmentCycles', segmentCycles, 1, MAX_SEGMENT_CYCLES);
  const run = new Run(program, options, segmentCycles);
  try {
    const touched = new Set<number>();
    let start = initialSnapshot(program);
    for (;;) {
      if (start.segment > MAX_SEGMENTS) throw segmentLimit(segmentCycles);
      const segment = await recordSegment(run, start, segmentCycles, options.transient);
      for (const { page } of segment.touchedPages) touched.add(page);
      if (segment.cycles > 0) yield segment;
      if (run.outcome !== undefined) return run.execution(run.outcome, touched.size);
      start = segment.end;
    }
  } finally {
    run.machine.release();
  }
}

/**
 * Records one segment again, from the snapshot at its start. Program and inputs must be those of the
 * run that the snapshot is from.
 *
 * @param cycles the segment's cycles
 * @throws as `execute`
 */
export async function replay(
  program: Program,
  snapshot: Snapshot,
  cycles: number,
  options: ExecuteOptions = {},
): Promise<Segment> {
  options.signal?.throwIfAborted();
  checkInteger('cycles', cycles, 1, MAX_SEGMENT_CYCLES);
  const run = new Run(program, options, cycles);
  try {
    run.restore(snapshot);
    return await recordSegment(run, snapshot, cycles);
  } finally {
    run.machine.release();
  }
}

async function recordSegment(
  run: Run,
  start: Snapshot,
  cycles: number,
  transient = false,
): Promise<Segment> {
  const { machine } = run;
  machine.beginSegment();
  await run.advance(start.cycle + cycles, (budget) =>
    machine.runRecording(budget, run.cycles - start.cycle),
  );
  const executed = run.cycles - start.cycle;
  const touchedPages = [...machine.touchedPageNumbers].sort((a, b) => a - b);
  return {
    start,
    cycles: executed,
    entries: transient ? machine.entries(executed) : machine.entries(executed).slice(),
    crossings: transient ? machine.crossings() : machine.crossings().slice(),
    touchedPages: touchedPages.map((page) => machine.touchedPage(page)),
    end: nextSnapshot(run, start),
    last: run.outcome?.kind === 'exit',
  };
}

function segmentLimit(segmentCycles: number): LimitError {
  return new LimitError(
    'limit/segments',
    MAX_SEGMENTS,
    `the program has not ended after ${MAX_SEGMENTS} segments of ${segmentCycles} cycles`,
    'raise segmentCycles',
  );
}

function initialSnapshot(program: Program): Snapshot {
  return {
    segment: 1,
    cycle: 0,
    pc: program.entry,
    registers: new Uint32Array(32),
    journalWords: 0,
    lastJournalWord: 0,
    pages: new Map(),
  };
}

function nextSnapshot(run: Run, start: Snapshot): Snapshot {
  const { machine } = run;
  const pages = new Map(start.pages);
  for (const page of machine.dirtyPageNumbers) pages.set(page, machine.pageBytes(page));
  return {
    segment: start.segment + 1,
    cycle: run.cycles,
    pc: machine.pc,
    registers: machine.registers,
    journalWords: machine.journalWords,
    lastJournalWord: machine.lastJournalWord,
    pages,
  };
}
