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

/** The first `words` writable words, all that are not zero; undefined if there are none. */
export function placeWritable(
  segments: readonly LoadSegment[],
  words: number,
): ImageRange | undefined {
  if (words === 0) return undefined;
  const length = 4 * words;
  const bytes = new Uint8Array(length);
  for (const segment of segments) {
    const offset = segment.address - DATA_START;
    if (offset < length) bytes.set(segment.bytes.subarray(0, length - offset), offset);
  }
  return { address: DATA_START, bytes };
}

/** Bytes up to the last that is not zero. Steps by words because all of a large file may be zero. */
function usedBytes({ bytes }: LoadSegment): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length;
  while (end >= 4 && view.getUint32(end - 4) === 0) end -= 4;
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
