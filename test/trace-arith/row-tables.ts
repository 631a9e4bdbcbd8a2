/** The lookup tables, element by element. */

/** Elements of a message, as far as they are known. */
type Elements = readonly (number | undefined)[];

/** Rows of R20 at its greatest height. */
const R20_ROWS = 2 ** 20;

/** The number that element `index` must be below; undefined if the others do not say. */
export function limitOf(table: string, index: number, [, bits]: Elements): number | undefined {
  switch (table) {
    case 'R20':
      return R20_ROWS;
    case 'VR':
      if (index === 1) return 17;
      return bits === undefined || bits > 16 ? undefined : 2 ** bits;
    case 'PAIR8':
    case 'AND8':
      return 256;
    case 'POW':
      return index === 0 ? 16 : undefined;
    default:
      throw new Error(`no table for ${table}`);
  }
}

/** What element `index` must be; undefined if the others do not say. */
export function requiredBy(table: string, index: number, [x, y]: Elements): number | undefined {
  if (table === 'AND8' && index === 2) {
    return x === undefined || y === undefined ? undefined : x & y;
  }
  if (table !== 'POW' || index === 0 || x === undefined) return undefined;
  return index === 1 ? 2 ** x : 2 ** (16 - x);
}
