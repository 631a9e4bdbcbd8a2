/**
 * Where one segment starts: what its tables need besides the program and the inputs, so that it can
 * be proved without running the segments before it.
 *
 * ```
 * u32              pc
 * 32 x u32         registers
 * u32, u32         words of the journal so far; the last of them
 * 64 x u32         segment that accessed each register last
 * u32 n, n times   pages that differ from the initial memory, ascending:
 *   u32, 4096 bytes  number of the page (address / 4096); contents
 * u32 n, n times   pages of which a word was accessed, ascending:
 *   u32              number of the page
 *   u16, u32         words in a row; segment that accessed them last: until the page's 1024 are named
 * ```
 *
 * Only the pages that the segment touches are there; for the last segment, which has the ends of all
 * words, all are.
 */
import { type Reader, VerificationError, type Writer } from '@vouch/verifier';
import { type LastAccesses, REGISTER_ROWS } from '../../trace-arith/index.ts';
import type { Snapshot } from '../../vm/index.ts';
import { openMessage, type RunLabel, sealMessage } from './envelope.ts';

const REGISTERS = 32;
export const PAGE_BYTES = 4096;
const PAGE_WORDS = 1024;
const MAX_PAGES: number = 2 ** 20;

/** The state in front of a segment. */
export interface SegmentStart {
  readonly snapshot: Snapshot;
  readonly accesses: LastAccesses;
}

/** Takes from a state what a segment that touches no other pages than these needs. */
export function restrictSnapshot(snapshot: Snapshot, pages: Iterable<number>): Snapshot {
  const found = new Map<number, Uint8Array>();
  for (const page of pages) {
    const bytes = snapshot.pages.get(page);
    if (bytes !== undefined) found.set(page, bytes);
  }
  return { ...snapshot, pages: found };
}

export function writeStart(run: RunLabel, { snapshot, accesses }: SegmentStart): Uint8Array {
  return sealMessage({ kind: 'start', number: snapshot.segment }, run, (writer) => {
    const { pc, registers, journalWords, lastJournalWord, pages } = snapshot;
    writer.u32(pc);
    writer.elements([...registers]);
    writer.u32(journalWords);
    writer.u32(lastJournalWord);
    writer.elements([...accesses.registers]);
    writer.u32(pages.size);
    for (const [page, bytes] of ascending(pages)) {
      writer.u32(page);
      writer.bytes(bytes);
    }
    writer.u32(accesses.pages.size);
    for (const [page, segments] of ascending(accesses.pages)) {
      writer.u32(page);
      writeRuns(writer, segments);
    }
  });
}

/**
 * @param number of the segment, from 1
 * @param cycle cycles before it
 * @throws StepError
 */
export function readStart(
  bytes: Uint8Array,
  run: RunLabel,
  number: number,
  cycle: number,
): SegmentStart {
  return openMessage(bytes, { kind: 'start', number }, run, (reader) => {
    const pc = reader.u32();
    const registers = words(reader, REGISTERS);
    const journalWords = reader.u32();
    const lastJournalWord = reader.u32();
    const lastRegisters = words(reader, REGISTER_ROWS);
    const pages = readPages(reader, PAGE_BYTES, () => reader.bytes(PAGE_BYTES));
    const lastWords = readPages(reader, 6, () => readRuns(reader, number));
    const state = { pc, registers, journalWords, lastJournalWord, pages };
    return {
      snapshot: { segment: number, cycle, ...state },
      accesses: { segment: number - 1, registers: lastRegisters, pages: lastWords },
    };
  });
}

function ascending<Value>(pages: ReadonlyMap<number, Value>): [number, Value][] {
  return [...pages].sort(([a], [b]) => a - b);
}

function words(reader: Reader, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, () => reader.u32());
}

function readPages<Value>(
  reader: Reader,
  leastBytes: number,
  read: () => Value,
): Map<number, Value> {
  const pages = new Map<number, Value>();
  let least = 0;
  for (let left = reader.count(MAX_PAGES, 4 + leastBytes); left > 0; left--) {
    const page = reader.u32();
    if (page < least || page >= MAX_PAGES) throw malformed('its pages are not in order');
    least = page + 1;
    pages.set(page, read());
  }
  return pages;
}

function writeRuns(writer: Writer, segments: Uint32Array): void {
  for (let first = 0; first < segments.length; ) {
    let end = first + 1;
    while (end < segments.length && segments[end] === segments[first]) end++;
    writer.u16(end - first);
    writer.u32(segments[first] as number);
    first = end;
  }
}

function readRuns(reader: Reader, number: number): Uint32Array {
  const segments = new Uint32Array(PAGE_WORDS);
  for (let first = 0; first < PAGE_WORDS; ) {
    const length = reader.u16();
    const segment = reader.u32();
    const fits = length > 0 && first + length <= PAGE_WORDS && segment < number;
    if (!fits) throw malformed('it names accesses that there cannot be');
    segments.fill(segment, first, first + length);
    first += length;
  }
  return segments;
}

function malformed(problem: string): VerificationError {
  return new VerificationError('decode/format', problem);
}
