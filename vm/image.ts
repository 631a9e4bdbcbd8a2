/** Places the contents of segments in memory words. Segments are disjoint and in their windows. */
import type { LoadSegment } from './elf.ts';
import { DATA_START } from './memory-map.ts';
import type { ImageRange } from './program.ts';

/** Half-open interval of addresses, multiples of 4. */
interface WordSpan {
  readonly start: number;
  end: number;
}

/** Words that the two images take, and the segment that adds the most. At least one segment. */
export function wordsOf(
  readOnly: readonly LoadSegment[],
  writable: readonly LoadSegment[],
): { words: number; last: LoadSegment } {
  const spans = mergedSpans(readOnly);
  const bytes = spans.reduce((sum, span) => sum + span.end - span.start, 0);
  const words = (bytes + writableBytes(writable)) / 4;
  const last = [...readOnly, ...writable].reduce((a, b) => (b.memorySize > a.memorySize ? b : a));
  return { words, last };
}

/** The read-only words: partial ones filled with zeros, neighbours joined. */
export function placeReadOnly(segments: readonly LoadSegment[]): ImageRange[] {
  const ranges = mergedSpans(segments).map((span) => ({
    address: span.start,
    bytes: new Uint8Array(span.end - span.start),
  }));
  for (const segment of segments) {
    const range = ranges.findLast((candidate) => candidate.address <= segment.address);
    range?.bytes.set(segment.bytes, segment.address - range.address);
  }
  return ranges;
}

/** The writable words from DATA_START to the last that is not zero; undefined if all are zero. */
export function placeWritable(segments: readonly LoadSegment[]): ImageRange | undefined {
  const length = writableBytes(segments);
  if (length === 0) return undefined;
  const bytes = new Uint8Array(length);
  for (const segment of segments) {
    const offset = segment.address - DATA_START;
    if (offset < length) bytes.set(segment.bytes.subarray(0, length - offset), offset);
  }
  return { address: DATA_START, bytes };
}

/** Bytes of the writable image, a multiple of 4. */
function writableBytes(segments: readonly LoadSegment[]): number {
  const descending = [...segments].sort((a, b) => b.address - a.address);
  for (const { address, bytes } of descending) {
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    if (end > 0) return Math.ceil((address + end - DATA_START) / 4) * 4;
  }
  return 0;
}

function mergedSpans(segments: readonly LoadSegment[]): WordSpan[] {
  const spans: WordSpan[] = [];
  for (const { address, memorySize } of [...segments].sort((a, b) => a.address - b.address)) {
    const start = Math.floor(address / 4) * 4;
    const end = Math.ceil((address + memorySize) / 4) * 4;
    const last = spans.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else spans.push({ start, end });
  }
  return spans;
}
