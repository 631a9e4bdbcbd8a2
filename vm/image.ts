/** Places the contents of segments in memory words. Segments are disjoint and in their windows. */
import type { LoadSegment } from './elf.ts';
import { DATA_START } from './memory-map.ts';
import type { ImageRange } from './program.ts';

/** Half-open interval of addresses, multiples of 4. */
interface WordSpan {
  readonly start: number;
  end: number;
}

/** Words of the read-only image. */
export function readOnlyWords(segments: readonly LoadSegment[]): number {
  return mergedSpans(segments).reduce((sum, span) => sum + (span.end - span.start) / 4, 0);
}

/** Words of the writable image, gaps included. */
export function writableWords(segments: readonly LoadSegment[]): number {
  const segment = lastInitialised(segments);
  if (segment === undefined) return 0;
  return Math.ceil((segment.address + usedBytes(segment) - DATA_START) / 4);
}

/** The segment in which the writable image ends; undefined if all its bytes are zero. */
export function lastInitialised(segments: readonly LoadSegment[]): LoadSegment | undefined {
  const descending = [...segments].sort((a, b) => b.address - a.address);
  return descending.find((segment) => usedBytes(segment) > 0);
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
  const length = 4 * writableWords(segments);
  if (length === 0) return undefined;
  const bytes = new Uint8Array(length);
  for (const segment of segments) {
    const offset = segment.address - DATA_START;
    if (offset < length) bytes.set(segment.bytes.subarray(0, length - offset), offset);
  }
  return { address: DATA_START, bytes };
}

/** Bytes up to the last that is not zero. */
function usedBytes({ bytes }: LoadSegment): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
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
