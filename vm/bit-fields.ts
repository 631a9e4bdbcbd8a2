/** The ISA manual's notations for encodings, as functions. */

/** The bits of an encoding that are fixed: `(word & mask) === match`. Signed 32-bit. */
export interface BitPattern {
  readonly mask: number;
  readonly match: number;
}

/**
 * Reads a row of the manual's instruction listings, most significant bit first: `0`, `1`, and `.`
 * for a bit that varies. Spaces separate fields. At most 32 bits.
 */
export function bitPattern(listing: string): BitPattern {
  const bits = listing.replaceAll(' ', '');
  let mask = 0;
  let match = 0;
  for (const bit of bits) {
    mask = (mask << 1) | (bit === '.' ? 0 : 1);
    match = (match << 1) | (bit === '1' ? 1 : 0);
  }
  return { mask, match };
}

/** Takes bits of an encoding apart and puts them together as a number. */
export type FieldReader = (encoding: number) => number;

/**
 * Reader of an immediate whose bits lie scattered: the encoding's bits `from` hold the bits `to` of
 * the value, in this order, as in the manual's `imm[5|4:0]`. The value is not sign-extended.
 */
export function scattered(from: string, to: string): FieldReader {
  const runs = bitRuns(bitNumbers(from), bitNumbers(to));
  return (encoding) => {
    let value = 0;
    for (const run of runs) value |= ((encoding >>> run.from) & run.mask) << run.to;
    return value;
  };
}

/** Like `scattered`, with the highest bit of the value as its sign. */
export function signedScattered(from: string, to: string): FieldReader {
  const read = scattered(from, to);
  const shift = 31 - Math.max(...bitNumbers(to));
  return (encoding) => (read(encoding) << shift) >> shift;
}

/** `5|4:2` is 5, 4, 3, 2. */
function bitNumbers(ranges: string): number[] {
  return ranges.split('|').flatMap((range) => {
    const [high = 0, low = high] = range.split(':').map(Number);
    return Array.from({ length: high - low + 1 }, (_, i) => high - i);
  });
}

interface BitRun {
  /** Lowest bit in the encoding, and in the value. */
  from: number;
  to: number;
  /** As many ones as the run has bits. */
  mask: number;
}

function bitRuns(from: readonly number[], to: readonly number[]): BitRun[] {
  if (from.length !== to.length) throw new Error(`${from.length} bits cannot be ${to.length} bits`);
  const runs: BitRun[] = [];
  from.forEach((source, i) => {
    const target = to[i] as number;
    const last = runs.at(-1);
    if (last !== undefined && last.from - 1 === source && last.to - 1 === target) {
      last.from = source;
      last.to = target;
      last.mask = last.mask * 2 + 1;
    } else {
      runs.push({ from: source, to: target, mask: 1 });
    }
  });
  return runs;
}
