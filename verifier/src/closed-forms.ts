/**
 * Columns that are functions of the row index, as multilinear polynomials in its bits (proof-spec
 * 10). Bits come most significant first.
 */
import type { ClosedForm } from './constraint-program.ts';
import { CLOSED_FORMS } from './constraint-program.ts';
import type { Point } from './polynomials.ts';
import { add, fromBase, mul, ONE, type Quintic, scale, sub, ZERO } from './quintic.ts';

/** Bits of the index of the range table: rows 2^b + v for b up to 16. */
export const RANGE_LOG_HEIGHT = 17;
/** Bits of the index of the byte table: two bytes. */
export const BYTES_LOG_HEIGHT = 16;

/** Value of a closed-form column in row `index`, an integer below p. */
export function closedFormAt(form: ClosedForm, index: number): number {
  const exponent = index & 15;
  switch (form) {
    case 'index':
      return index;
    case 'rangeBits':
      return index === 0 ? 0 : 31 - Math.clz32(index);
    case 'rangeValue':
      return index === 0 ? 0 : index - 2 ** (31 - Math.clz32(index));
    case 'andLeft':
      return index >>> 8;
    case 'andRight':
      return index & 0xff;
    case 'andResult':
      return (index >>> 8) & index & 0xff;
    case 'powerExponent':
      return exponent;
    case 'power':
      return 2 ** exponent;
    case 'powerComplement':
      return 2 ** (16 - exponent);
  }
}

/** Height that a form needs; undefined if it is defined for every height. */
export function closedFormLogHeight(form: ClosedForm): number | undefined {
  if (form === 'rangeBits' || form === 'rangeValue') return RANGE_LOG_HEIGHT;
  return form.startsWith('and') ? BYTES_LOG_HEIGHT : undefined;
}

/** All closed forms at a point, in the order of CLOSED_FORMS; those of another height are zero. */
export function closedFormsAtPoint(point: Point): Quintic[] {
  return CLOSED_FORMS.map((form) => {
    const height = closedFormLogHeight(form);
    return height === undefined || height === point.length ? evaluate(form, point) : ZERO;
  });
}

function evaluate(form: ClosedForm, point: Point): Quintic {
  switch (form) {
    case 'index':
      return weighted(point, (j) => 2 ** (point.length - 1 - j));
    case 'rangeBits':
    case 'rangeValue':
      return range(form, point);
    case 'andLeft':
      return weighted(point.slice(0, 8), (j) => 2 ** (7 - j));
    case 'andRight':
      return weighted(point.slice(8), (j) => 2 ** (7 - j));
    case 'andResult':
      return weighted(
        point.slice(0, 8).map((x, j) => mul(x, point[8 + j] as Quintic)),
        (j) => 2 ** (7 - j),
      );
    default:
      return power(form, point.slice(-4));
  }
}

function weighted(point: Point, weight: (j: number) => number): Quintic {
  return point.reduce((sum, x, j) => add(sum, scale(x, weight(j))), ZERO);
}

/** Sums over the position k of the leading one bit. */
function range(form: 'rangeBits' | 'rangeValue', point: Point): Quintic {
  let zerosBefore = ONE;
  let sum = ZERO;
  for (const [k, x] of point.entries()) {
    const bits = point.length - 1 - k;
    const term =
      form === 'rangeBits'
        ? fromBase(bits)
        : weighted(point.slice(k + 1), (j) => 2 ** (bits - 1 - j));
    sum = add(sum, mul(mul(zerosBefore, x), term));
    zerosBefore = mul(zerosBefore, sub(ONE, x));
  }
  return sum;
}

/** u has the bits u_t, t = 0 least significant: 2^u = prod (1 + (2^(2^t) - 1) u_t). */
function power(form: ClosedForm, lastBits: Point): Quintic {
  const bits = [...lastBits].reverse();
  if (form === 'powerExponent') return weighted(bits, (t) => 2 ** t);
  const complement = form === 'powerComplement';
  return bits.reduce(
    (product, bit, t) => {
      const u = complement ? sub(ONE, bit) : bit;
      return mul(product, add(ONE, scale(u, 2 ** (2 ** t) - 1)));
    },
    complement ? fromBase(2) : ONE,
  );
}
