/** What it costs to cut a run: one program proved in one, two and four segments. */
import { loadProgram, type Prover, record, textTable, verify } from '../api/index.ts';
import { leastSquares } from './least-squares.ts';
import type { Subject } from './subjects.ts';

export interface SegmentsRow {
  readonly name: string;
  readonly cycles: number;
  readonly segments: number;
  /** Words and registers that segments access, each counted in every segment that does. */
  readonly touchedWords: number;
  readonly cells: number;
  readonly interactions: number;
  /** Least of several proofs: milliseconds, and those of all cores together. */
  readonly milliseconds: number;
  readonly processorMilliseconds: number;
  readonly peakBytes: number;
  readonly receiptBytes: number;
  /** Least milliseconds to verify, warm. */
  readonly verifyMilliseconds: number;
}

/** Numbers of segments, the first of which the others are compared with. */
const SEGMENTS = [1, 2, 4];

/** Measures them in turns, so that what else the machine does meets all of them alike. */
export async function measureSegments(
  prover: Prover,
  subject: Subject,
  runs: number,
): Promise<SegmentsRow[]> {
  const { name, elf, publicInput, privateInput } = subject;
  const inputs = { publicInput, privateInput };
  const { cycles } = await prover.prove(elf, inputs);
  const best = new Map<number, SegmentsRow>();
  for (let run = 0; run < runs; run++) {
    for (const segments of SEGMENTS) {
      const segmentCycles = Math.ceil(cycles / segments);
      const before = process.cpuUsage();
      const proved = await prover.prove(elf, { ...inputs, segmentCycles });
      const { user, system } = process.cpuUsage(before);
      const start = performance.now();
      await verify(proved.receipt, { program: proved.programId, publicInput });
      const verifying = performance.now() - start;
      const { cells, interactions, milliseconds, peakBytes } = proved.stats;
      const found = best.get(segments);
      best.set(segments, {
        ...{ name, cycles, segments, cells, interactions, peakBytes },
        touchedWords: found?.touchedWords ?? (await touchedWords(subject, segmentCycles)),
        milliseconds: Math.min(milliseconds, found?.milliseconds ?? milliseconds),
        processorMilliseconds: Math.min(
          (user + system) / 1000,
          found?.processorMilliseconds ?? Number.POSITIVE_INFINITY,
        ),
        receiptBytes: proved.receipt.length,
        verifyMilliseconds: Math.min(verifying, found?.verifyMilliseconds ?? verifying),
      });
    }
  }
  return [...best.values()];
}

/** Words of memory that segments access. */
async function touchedWords(
  { elf, publicInput, privateInput }: Subject,
  segmentCycles: number,
): Promise<number> {
  const options = { publicInput, privateInput, segmentCycles, transient: true };
  let words = 0;
  for await (const { touchedPages } of record(loadProgram(elf), options)) {
    for (const { times } of touchedPages) for (const time of times) if (time !== 0) words++;
  }
  return words;
}

/** The measurements, and what a segment and a touched word cost according to them. */
export function segmentsTable(rows: readonly SegmentsRow[]): string {
  const head = [
    ...['segments', 'cycles each', 'touched words', 'cells M', 'interactions M', 'seconds'],
    ...['processor s', 'kHz', 'speed', 'MiB', 'receipt KiB', 'verify ms'],
  ];
  const table = textTable(
    [...head, 'guest'],
    rows.map((row) => {
      const whole = wholeOf(rows, row);
      return [
        String(row.segments),
        Math.ceil(row.cycles / row.segments).toLocaleString('en-US'),
        row.touchedWords.toLocaleString('en-US'),
        (row.cells / 1e6).toFixed(2),
        (row.interactions / 1e6).toFixed(2),
        (row.milliseconds / 1000).toFixed(2),
        (row.processorMilliseconds / 1000).toFixed(2),
        (row.cycles / row.milliseconds).toFixed(0),
        `${((100 * whole.milliseconds) / row.milliseconds).toFixed(0)} %`,
        (row.peakBytes / 2 ** 20).toFixed(0),
        (row.receiptBytes / 1024).toFixed(1),
        row.verifyMilliseconds.toFixed(0),
        row.name,
      ];
    }),
    head.length,
  );
  return `${table}\n${costLines(rows).join('\n')}\n`;
}

/** The same run in one segment. */
function wholeOf(rows: readonly SegmentsRow[], { name }: SegmentsRow): SegmentsRow {
  return rows.find((row) => row.name === name && row.segments === SEGMENTS[0]) as SegmentsRow;
}

/** What further segments and touched words cost, in the least-squares sense. */
export function costLines(rows: readonly SegmentsRow[]): string[] {
  const cut = rows.filter(({ segments }) => segments !== SEGMENTS[0]);
  const terms = cut.map((row) => {
    const { segments, touchedWords, cells } = row;
    // All segments but the last are filled and committed to twice.
    const again = (cells * (segments - 1)) / segments;
    return [segments - 1, touchedWords - wholeOf(rows, row).touchedWords, again];
  });
  const more = (of: (row: SegmentsRow) => number): number[] =>
    cut.map((row) => of(row) - of(wholeOf(rows, row)));
  const spaces = terms.map((row) => row.slice(0, 2));
  const [segmentCells = 0, wordCells = 0] = leastSquares(
    spaces,
    more(({ cells }) => cells),
  );
  const [segmentTime = 0, wordTime = 0, cellTime = 0] = leastSquares(
    terms,
    more(({ processorMilliseconds }) => processorMilliseconds),
  );
  return [
    `one more segment: ${segmentCells.toFixed(0)} cells, ${segmentTime.toFixed(0)} processor ms`,
    `one more touched word: ${wordCells.toFixed(1)} cells, ${(1000 * wordTime).toFixed(1)} processor µs`,
    `one cell filled and committed to again: ${(1e6 * cellTime).toFixed(1)} processor ns`,
  ];
}
