import assert from 'node:assert/strict';
import {
  type Bus,
  type ConstraintProgram,
  describeMachine,
  machineDigest,
  NODE_WORDS,
  S120,
} from '@vouch/verifier';
import { type ChipBuilder, type ChipShape, defineChip } from '../../trace-arith/builder.ts';
import { BUSES } from '../../trace-arith/buses.ts';
import { constant } from '../../trace-arith/expression.ts';
import { CompileError, compile, machine } from '../../trace-arith/index.ts';
import { CHIPS } from '../../trace-arith/machine.ts';

const LINK: Bus = { id: 1, name: 'LINK', kind: 'permutation', scope: 'local' };
const TABLE: Bus = { id: 2, name: 'TABLE', kind: 'lookup', scope: 'local' };

const table = defineChip(
  'TABLE',
  (chip) => chip.provide(TABLE, chip.column('count'), [chip.closedForm('index')]),
  { maxInstances: 1 },
);

function compiled(
  build: (chip: ChipBuilder) => void,
  shape: Partial<ChipShape> = {},
): ConstraintProgram {
  const chip = defineChip('USER', build, shape);
  return compile('test', 1, [chip, table], [LINK, TABLE]).constraintProgram;
}

/** A chip with one more interaction or constraint, beside those that every bus needs. */
function withExtra(extra: (chip: ChipBuilder) => void): () => ConstraintProgram {
  return () =>
    compiled((chip) => {
      const x = chip.column('x');
      const real = chip.real();
      chip.send(LINK, real, [x]);
      chip.lookup(TABLE, real, [x]);
      extra(chip);
    });
}

function fails(problem: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof CompileError && problem.test(error.message);
}

describe('a multiplicity may be', () => {
  const message = [constant(7)];
  const allowed: Record<string, (chip: ChipBuilder) => void> = {
    'the constant 1': (chip) => chip.send(LINK, 1, message),
    'a preprocessed selector': (chip) => chip.receive(LINK, chip.preprocessed('s'), message),
    'a flag that is 0 in padding rows': (chip) => chip.send(LINK, chip.flag('f'), message),
    'real without such a flag': (chip) => chip.send(LINK, chip.isReal.sub(chip.flag('f')), message),
    'a flag whose rule is written another way': (chip) => {
      const f = chip.column('f');
      chip.assertZero(f.mul(f).sub(f), 'f is its square');
      chip.assertZero(f.mul(chip.isReal).sub(f), 'f only in real rows');
      chip.send(LINK, f, message);
    },
  };
  for (const [name, extra] of Object.entries(allowed)) {
    it(name, () => {
      assert.doesNotThrow(withExtra(extra));
    });
  }

  it('a sum of one-hot columns, or real without it', () => {
    assert.doesNotThrow(() =>
      compiled((chip) => {
        const [a, b, c] = chip.realOneOf('a', 'b', 'c');
        chip.send(LINK, a.add(c), [b]);
        chip.send(LINK, chip.isReal.sub(b), [b]);
        chip.lookup(TABLE, chip.isReal, [b]);
      }),
    );
  });
});

describe('a multiplicity may not be', () => {
  const message = [constant(7)];
  const refused: Record<string, [RegExp, (chip: ChipBuilder) => void]> = {
    'a constant other than 1': [/must be 1/, (chip) => chip.send(LINK, 2, message)],
    'a free column': [/neither f nor/, (chip) => chip.send(LINK, chip.column('f'), message)],
    'a boolean column that padding rows may set': [
      /neither f nor/,
      (chip) => chip.send(LINK, chip.boolean('f'), message),
    ],
    'a column that is 0 in padding rows but not boolean': [
      /neither f nor/,
      (chip) => {
        const f = chip.column('f');
        chip.assertZero(f.mul(constant(1).sub(chip.isReal)), 'f only in real rows');
        chip.send(LINK, f, message);
      },
    ],
    'real without a boolean column that padding rows may set': [
      /neither f nor/,
      (chip) => chip.send(LINK, chip.isReal.sub(chip.boolean('f')), message),
    ],
    'a sum of flags that do not exclude each other': [
      /neither f nor/,
      (chip) => chip.send(LINK, chip.flag('f').add(chip.flag('g')), message),
    ],
    'twice real': [/neither f nor/, (chip) => chip.send(LINK, chip.isReal.mul(2), message)],
    'a negative': [/negative/, (chip) => chip.send(LINK, constant(0).sub(chip.isReal), message)],
    'a product': [/linear/, (chip) => chip.send(LINK, chip.isReal.mul(chip.flag('f')), message)],
    'a free column in front of a lookup': [
      /neither f nor/,
      (chip) => chip.lookup(TABLE, chip.column('f'), message),
    ],
  };
  for (const [name, [problem, extra]] of Object.entries(refused)) {
    it(name, () => {
      assert.throws(withExtra(extra), fails(problem));
    });
  }

  it('a column of a chip without `real`', () => {
    const build = (chip: ChipBuilder): void => {
      chip.lookup(TABLE, 1, [7]);
      chip.send(LINK, chip.boolean('f'), [7]);
    };
    assert.throws(() => compiled(build), fails(/does not tell/));
  });

  it('a sum of columns as `real` without the rule that they exclude each other', () => {
    const chip = defineChip('USER', (builder) => {
      const [a, b] = builder.realOneOf('a', 'b');
      builder.send(LINK, a.add(b), [7]);
      builder.lookup(TABLE, a, [7]);
    });
    const without = { ...chip, constraints: chip.constraints.slice(0, -1) };
    const build = (): unknown => compile('test', 1, [without, table], [LINK, TABLE]);
    assert.throws(build, fails(/`real` is not constrained/));
  });
});

describe('compile refuses', () => {
  it('a constraint of degree 5', () => {
    const extra = (chip: ChipBuilder): void => {
      const x = chip.column('y');
      chip.assertZero(x.mul(x).mul(x).mul(x).mul(x), 'fifth power');
    };
    assert.throws(withExtra(extra), fails(/degree 5/));
  });

  it('a message of degree 3', () => {
    const extra = (chip: ChipBuilder): void => {
      const x = chip.column('y');
      chip.send(LINK, chip.isReal, [x.mul(x).mul(x)]);
    };
    assert.throws(withExtra(extra), fails(/degree 3/));
  });

  it('messages of two lengths on one bus', () => {
    const extra = (chip: ChipBuilder): void => chip.send(LINK, chip.isReal, [1, 2]);
    assert.throws(withExtra(extra), fails(/lengths/));
  });

  it('two tables for a lookup bus', () => {
    const extra = (chip: ChipBuilder): void => chip.provide(TABLE, chip.column('n'), [1]);
    assert.throws(withExtra(extra), fails(/one table/));
  });

  it('a lookup table that may have two instances', () => {
    const chips = [
      defineChip('USER', (chip) => {
        chip.send(LINK, chip.real(), [1]);
        chip.lookup(TABLE, chip.isReal, [1]);
      }),
      { ...table, maxInstances: 2 },
    ];
    assert.throws(() => compile('test', 1, chips, [LINK, TABLE]), fails(/one table/));
  });

  it('two columns or two constraints of one name', () => {
    assert.throws(
      withExtra((chip) => chip.column('x')),
      fails(/taken/),
    );
    const twice = (chip: ChipBuilder): void => {
      chip.assertZero(chip.column('y'), 'rule');
      chip.assertZero(chip.column('z'), 'rule');
    };
    assert.throws(withExtra(twice), fails(/taken/));
  });

  it('buses with one number', () => {
    const bus = { ...TABLE, id: LINK.id };
    assert.throws(() => compile('test', 1, [table], [LINK, bus]), fails(/taken/));
  });
});

describe('the compiled machine', () => {
  const { constraintProgram, constraintNames } = machine();

  it('has nodes whose operands come before them, and references that exist', () => {
    for (const { expressions, constraints, interactions, name } of constraintProgram.chips) {
      const count = expressions.nodes.length / NODE_WORDS;
      for (let node = 0; node < count; node++) {
        const [operation = 0, a = 0, b = 0] = expressions.nodes.slice(NODE_WORDS * node);
        assert.ok(operation < 5 || (a < node && b < node), name);
      }
      const used = interactions.flatMap((one) => [one.multiplicity, ...one.message]);
      assert.ok(
        [...constraints, ...used].every((node) => node >= 0 && node < count),
        name,
      );
    }
  });

  it('shares equal expressions', () => {
    for (const { expressions, name } of constraintProgram.chips) {
      const seen = new Set<string>();
      for (let at = 0; at < expressions.nodes.length; at += NODE_WORDS) {
        seen.add(expressions.nodes.slice(at, at + NODE_WORDS).join());
      }
      assert.equal(seen.size, expressions.nodes.length / NODE_WORDS, name);
    }
  });

  it('has degree 4, messages of at most nine elements and a name for each constraint', () => {
    assert.equal(constraintProgram.constraintDegree, 4);
    assert.equal(constraintProgram.messageWidth, 9);
    for (const [i, chip] of constraintProgram.chips.entries()) {
      assert.equal(constraintNames[i]?.length, chip.constraints.length);
    }
  });

  it('has a digest that changes with every part of it', () => {
    const hex = (program: ConstraintProgram): string =>
      Buffer.from(machineDigest(program)).toString('hex');
    const [first] = constraintProgram.chips;
    assert.ok(first !== undefined);
    const [interaction, ...others] = first.interactions;
    assert.ok(interaction !== undefined);
    const withFirst = (change: object): ConstraintProgram => ({
      ...constraintProgram,
      chips: [{ ...first, ...change }, ...constraintProgram.chips.slice(1)],
    });
    const nodes = [...first.expressions.nodes];
    nodes[1] = (nodes[1] as number) + 1;
    const changed = [
      constraintProgram,
      { ...constraintProgram, version: 1 },
      { ...constraintProgram, messageWidth: 10 },
      { ...constraintProgram, constraintDegree: 3 },
      { ...constraintProgram, buses: BUSES.map((bus) => ({ ...bus, id: bus.id + 1 })) },
      { ...constraintProgram, chips: constraintProgram.chips.slice(1) },
      withFirst({ constraints: first.constraints.slice(1) }),
      withFirst({ interactions: others }),
      withFirst({ interactions: [{ ...interaction, sign: -interaction.sign }, ...others] }),
      withFirst({ expressions: { nodes } }),
      withFirst({ maxInstances: 4 }),
      withFirst({ presence: 'required' }),
      withFirst({ minLogHeight: 6 }),
      withFirst({ mainColumns: [...first.mainColumns, 'more'] }),
    ];
    assert.equal(
      new Set(changed.map((program) => hex(program as ConstraintProgram))).size,
      changed.length,
    );
  });

  it('is one that the verifier accepts', () => {
    const { chips } = constraintProgram;
    const { buses, programChips, heapChips } = describeMachine(
      constraintProgram,
      [S120],
      [17, 18, 19],
    );
    assert.equal(constraintProgram.buses[buses.memory]?.name, 'GLOBAL_MEM');
    assert.deepEqual(
      [...programChips, ...heapChips].map((chip) => chips[chip]?.name),
      ['IMAGE', 'PROG', 'HEAP'],
    );
  });

  it('is the same each time it is compiled', () => {
    const again = compile('rv32imc', 2, CHIPS, BUSES).constraintProgram;
    assert.deepEqual(again, constraintProgram);
  });
});
