import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import {
  CLOSED_FORMS,
  type ClosedForm,
  closedFormAt,
  closedFormLogHeight,
  QuinticField as E,
  evaluateBaseMultilinear,
  KoalaBear,
  NODE_CLOSED_FORM,
  NODE_WORDS,
  type Quintic,
} from '@vouch/verifier';
import { machine } from '../../trace-arith/index.ts';
import { repositoryPath } from '../tools/paths.ts';
import { Random } from '../tools/random.ts';

const { constraintProgram } = machine();

const randomPoint = (length: number, random: Random): Quintic[] =>
  Array.from(
    { length },
    () => [0, 1, 2, 3, 4].map(() => random.below(KoalaBear.MODULUS)) as unknown as Quintic,
  );

/** Columns of a closed form that chips of the machine use, by height. */
function usedHeights(form: ClosedForm): number[] {
  const heights = constraintProgram.chips.flatMap(({ expressions, minLogHeight, maxLogHeight }) => {
    const { nodes } = expressions;
    for (let at = 0; at < nodes.length; at += NODE_WORDS) {
      if (nodes[at] !== NODE_CLOSED_FORM || CLOSED_FORMS[nodes[at + 1] as number] !== form)
        continue;
      return [minLogHeight, Math.min(maxLogHeight, 17)];
    }
    return [];
  });
  return [...new Set(heights)];
}

const columnOf = (form: ClosedForm, logHeight: number): Uint32Array =>
  Uint32Array.from({ length: 2 ** logHeight }, (_, row) => closedFormAt(form, row));

describe('a closed form', () => {
  let atPoint: (point: readonly Quintic[]) => Quintic[];
  before(async () => {
    const file = pathToFileURL(repositoryPath('verifier', 'dist', 'closed-forms.js')).href;
    atPoint = (await import(file)).closedFormsAtPoint;
  });

  for (const [i, form] of CLOSED_FORMS.entries()) {
    it(`${form} is the polynomial of its column, at every height at which a chip uses it`, () => {
      const random = new Random(i + 1);
      const heights = usedHeights(form);
      assert.ok(heights.length > 0);
      for (const logHeight of heights) {
        const point = randomPoint(logHeight, random);
        const expected = evaluateBaseMultilinear(columnOf(form, logHeight), point);
        assert.deepEqual(atPoint(point)[i], expected, `${logHeight}`);
        const needed = closedFormLogHeight(form);
        assert.ok(needed === undefined || needed === logHeight, `${logHeight}`);
      }
    });
  }

  it('of the range table: all v below 2^b for b up to 16, each pair once, and (0, 0) again', () => {
    const [values, bits] = [columnOf('rangeValue', 17), columnOf('rangeBits', 17)];
    const pairs = Array.from(values, (value, row) => `${value},${bits[row]}`);
    const expected = Array.from({ length: 17 }, (_, b) =>
      Array.from({ length: 2 ** b }, (_, v) => `${v},${b}`),
    ).flat();
    assert.deepEqual(pairs.sort(), [...expected, '0,0'].sort());
  });

  it('of the byte table: all pairs of bytes and their AND', () => {
    const names = ['andLeft', 'andRight', 'andResult'] as const;
    const [x, y, both] = names.map((form) => columnOf(form, 16)) as [
      Uint32Array,
      Uint32Array,
      Uint32Array,
    ];
    for (let row = 0; row < 2 ** 16; row++) {
      assert.equal(256 * (x[row] as number) + (y[row] as number), row);
      assert.equal(both[row], (x[row] as number) & (y[row] as number));
    }
  });

  it('of the powers of two: u, 2^u and 2^(16-u) for u below 16, twice', () => {
    const names = ['powerExponent', 'power', 'powerComplement'] as const;
    const [u, power, complement] = names.map((form) => [...columnOf(form, 5)]);
    const exponents = Array.from({ length: 32 }, (_, row) => row % 16);
    assert.deepEqual(u, exponents);
    assert.deepEqual(
      power,
      exponents.map((n) => 2 ** n),
    );
    assert.deepEqual(
      complement,
      exponents.map((n) => 2 ** (16 - n)),
    );
  });

  it('of another height is zero, so that no other table can show its rows', () => {
    const point = randomPoint(16, new Random(9));
    const values = atPoint(point);
    for (const form of ['rangeValue', 'rangeBits'] as const) {
      assert.deepEqual(values[CLOSED_FORMS.indexOf(form)], E.ZERO);
    }
  });
});
