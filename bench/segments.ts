/** What it costs to cut a run: one program proved in one, two and four segments. */
import { riscvMachine } from '@vouch/verifier';
import {
  loadProgram,
  PROOF_STAGES,
  type ProofStage,
  type Prover,
  record,
  textTable,
  verify,
} from '../api/index.ts';
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
  /** Milliseconds of each stage of the same proof. */
  readonly stages: Readonly<Partial<Record<ProofStage, number>>>;
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
      const { cells, interactions, milliseconds, stages, peakBytes } = proved.stats;
      const found = best.get(segments);
      const isBest = found === undefined || milliseconds < found.milliseconds;
      const touched = found?.touchedWords ?? (await touchedWords(subject, segmentCycles));
      const verifyMilliseconds = Math.min(verifying, found?.verifyMilliseconds ?? verifying);
      const times = isBest
        ? {
            milliseconds,
            processorMilliseconds: (user + system) / 1000,
            stages: Object.fromEntries(stages.map((time) => [time.stage, time.milliseconds])),
          }
        : found;
      best.set(segments, {
        ...{ name, cycles, segments, cells, interactions, peakBytes, verifyMilliseconds },
        receiptBytes: proved.receipt.length,
        touchedWords: touched,
        milliseconds: times.milliseconds,
        processorMilliseconds: times.processorMilliseconds,
        stages: times.stages,
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
  return `${table}\n${stageTable(rows)}\n${costLines(rows).join('\n')}\n`;
}

/** The same run in one segment. */
function wholeOf(rows: readonly SegmentsRow[], { name }: SegmentsRow): SegmentsRow {
  return rows.find((row) => row.name === name && row.segments === SEGMENTS[0]) as SegmentsRow;
}

function cutRows(rows: readonly SegmentsRow[]): SegmentsRow[] {
  return rows.filter(({ segments }) => segments !== SEGMENTS[0]);
}

/** How many milliseconds more each stage takes than in one segment. */
function stageTable(rows: readonly SegmentsRow[]): string {
  const table = textTable(
    ['segments', ...PROOF_STAGES, 'guest'],
    cutRows(rows).map((row) => {
      const whole = wholeOf(rows, row);
      const more = PROOF_STAGES.map(
        (stage) => (row.stages[stage] ?? 0) - (whole.stages[stage] ?? 0),
      );
      return [String(row.segments), ...more.map((time) => time.toFixed(0)), row.name];
    }),
    1 + PROOF_STAGES.length,
  );
  return `milliseconds of each stage beyond those in one segment\n${table}`;
}

/** What a touched word costs in a further segment, and the segment apart from its words. */
function costLines(rows: readonly SegmentsRow[]): string[] {
  const { chips } = riscvMachine().constraints;
  const boundary = chips.find(({ name }) => name === 'MEMBOUND');
  if (boundary === undefined) throw new Error('no chip hands over words');
  const word = { cells: boundary.mainColumns.length, messages: boundary.interactions.length };
  const cut = cutRows(rows);
  const mean = (of: (row: SegmentsRow, whole: SegmentsRow) => number): number =>
    cut.reduce((sum, row) => sum + of(row, wholeOf(rows, row)), 0) / cut.length;
  const perSegment = (of: (row: SegmentsRow) => number): number =>
    mean((row, whole) => (of(row) - of(whole)) / (row.segments - 1));
  const words = perSegment(({ touchedWords }) => touchedWords);
  const cells = perSegment((row) => row.cells) - words * word.cells;
  const messages = perSegment((row) => row.interactions) - words * word.messages;
  const wordMicroseconds = mean((_, whole) => 1000 * wordMilliseconds(whole, word));
  return [
    `a word that one more segment touches: ${word.cells} cells, ${word.messages} messages, ${wordMicroseconds.toFixed(2)} µs`,
    `one more segment without its ${words.toFixed(0)} words: ${grouped(cells)} cells, ${grouped(messages)} messages`,
    `one more segment in all: ${perSegment(({ milliseconds }) => milliseconds).toFixed(0)} ms, ` +
      `${(perSegment(({ receiptBytes }) => receiptBytes) / 1024).toFixed(0)} KiB of the receipt, ` +
      `${perSegment(({ verifyMilliseconds }) => verifyMilliseconds).toFixed(0)} ms to verify`,
  ];
}

/** At the cost of a cell and of a message in the whole run's proof. */
function wordMilliseconds(
  { stages, cells, interactions }: SegmentsRow,
  word: { readonly cells: number; readonly messages: number },
): number {
  const spent = (...of: ProofStage[]): number =>
    of.reduce((sum, stage) => sum + (stages[stage] ?? 0), 0);
  const cell = spent('fill', 'load', 'commit', 'reduction', 'opening') / cells;
  const message = spent('logup', 'zerocheck') / interactions;
  return word.cells * cell + word.messages * message;
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
