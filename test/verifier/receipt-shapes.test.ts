import assert from 'node:assert/strict';
import {
  type Check,
  type Chip,
  decodeReceipt,
  describeMachine,
  encodeReceipt,
  HALT_PC,
  type Instance,
  KoalaBear,
  type Machine,
  MEMORY_END_KEY,
  type Receipt,
  VerificationError,
} from '@vouch/verifier';
import {
  courier,
  courierConstraints,
  courierParameters,
  DELIVER,
  HALT,
  HEAP,
  IMAGE,
  PROG,
  SINK,
} from '../prover/courier-machine.ts';
import {
  assertRefused,
  type Editable,
  edited,
  expectations,
  honestRun,
  proveRun,
} from './receipts.ts';

const options = expectations('id');
const { receipt } = proveRun('id', honestRun([2]));

/** Shapes are checked before a proof is read, so a receipt without proofs shows them. */
function shapeCheck(of: Receipt, machine: Machine): Check {
  try {
    decodeReceipt(encodeReceipt({ ...of, proofs: [] }), machine);
  } catch (error) {
    assert.ok(error instanceof VerificationError, String(error));
    return error.check;
  }
  throw new assert.AssertionError({ message: 'a receipt without proofs was decoded' });
}

/** The check that fails when the only segment has these tables. */
function checkOfTables(instances: readonly Instance[], machine: Machine = courier): Check {
  const [, last] = receipt.segments;
  assert.ok(last);
  const claim = { ...receipt.claim, machine: machine.digest };
  return shapeCheck({ ...receipt, claim, segments: [{ ...last, instances }] }, machine);
}

describe('the shape of a receipt', () => {
  const honest = receipt.segments[1]?.instances ?? [];
  const at = (chip: number): number => honest.findIndex((instance) => instance.chip === chip);
  const without = (chip: number): Instance[] => honest.filter((one) => one.chip !== chip);
  const withHeight = (chip: number, logHeight: number): Instance[] =>
    honest.with(at(chip), { chip, logHeight });
  const twice = (chip: number): Instance[] =>
    honest.flatMap((one) => (one.chip === chip ? [one, one] : [one]));

  it('is sound in the honest receipt: only the proofs are missing', () => {
    assert.equal(checkOfTables(honest), 'decode/truncated');
  });

  const wrong: readonly [what: string, tables: Instance[], check: Check][] = [
    ['no table at all', [], 'shape/presence'],
    ['no table that every segment needs', without(PROG), 'shape/presence'],
    ['no table that the last segment needs', without(SINK), 'shape/presence'],
    ['no image', without(IMAGE), 'shape/presence'],
    ['two images, so that a word would have two sources', twice(IMAGE), 'shape/instances'],
    ['two lookup tables of a kind', twice(PROG), 'shape/instances'],
    ['more tables of a chip than it may have', twice(HALT), 'shape/instances'],
    ['tables in another order', honest.toReversed(), 'shape/order'],
    ['the shorter table of a chip first', swapped(honest, HEAP), 'shape/order'],
    ['a chip that the machine does not have', [...honest, { chip: 7, logHeight: 3 }], 'shape/chip'],
    ['a table that is too tall', withHeight(DELIVER, 7), 'shape/height'],
    ['a table that is too short', withHeight(DELIVER, 0), 'shape/height'],
    ['a table of 2^255 rows', withHeight(DELIVER, 255), 'shape/height'],
    ['a taller program table than the program', withHeight(PROG, 4), 'shape/program'],
    ['a shorter image than the program', withHeight(IMAGE, 1), 'shape/program'],
    ['a heap that leaves the memory', withHeight(HEAP, 6), 'shape/heap'],
  ];
  for (const [what, tables, check] of wrong) {
    it(`is refused with ${what}`, () => assert.equal(checkOfTables(tables), check));
  }

  it("has tables of the run's end in the last segment only", () => {
    for (const chip of [SINK, HEAP, IMAGE]) {
      const [first, last] = receipt.segments;
      assert.ok(first && last);
      const instances = [...first.instances, { chip, logHeight: 2 }].sort(
        (a, b) => a.chip - b.chip,
      );
      const segments = [{ ...first, instances }, last];
      assert.equal(shapeCheck({ ...receipt, segments }, courier), 'shape/presence');
    }
  });

  it('has a program within bounds', () => {
    const outlines: ((outline: Editable<Receipt>['claim']['program']) => void)[] = [
      (found) => edit(found, { entry: HALT_PC }),
      (found) => edit(found, { imageEnd: MEMORY_END_KEY + 1 }),
      (found) => edit(found, { logHeights: [2, 7] }),
      (found) => edit(found, { logHeights: [0, 3] }),
    ];
    for (const change of outlines) {
      const bytes = edited(receipt, ({ claim }) => change(claim.program));
      assertRefused(bytes, options, 'shape/program');
    }
  });

  it('has at least one segment, and no more than follow', () => {
    assertRefused(encodeReceipt({ ...receipt, segments: [] }), options, 'statement/segments');
    const [first] = receipt.segments;
    assert.ok(first);
    const many = encodeReceipt({ ...receipt, segments: [first], proofs: [] });
    const count = new DataView(many.buffer);
    const offset = many.length - encodedHeader(first.instances.length) - 4;
    assert.equal(count.getUint32(offset, true), 1);
    count.setUint32(offset, 2 ** 17, true);
    assertRefused(many, options, 'decode/truncated');
    count.setUint32(offset, 2 ** 17 + 1, true);
    assertRefused(many, options, 'decode/limit');
  });
});

/** A machine like the courier with tables so tall and so many that bounds are reached. */
function giant(change: Partial<Chip>, chip: number): Machine {
  const chips = courierConstraints.chips.map((one, i) =>
    i === chip ? { ...one, ...change } : one,
  );
  return describeMachine({ ...courierConstraints, chips }, [courierParameters], [5, 6]);
}

describe('bounds of a receipt', () => {
  it('keep the multiplicities of a message below p', () => {
    const machine = giant({ maxLogHeight: 24, maxInstances: 64 }, DELIVER);
    const tables = (count: number): Instance[] => {
      const honest = receipt.segments[1]?.instances ?? [];
      const [deliver] = [{ chip: DELIVER, logHeight: 24 }];
      const many = Array.from({ length: count }, () => deliver as Instance);
      return [...many, ...honest.filter(({ chip }) => chip > DELIVER)];
    };
    // 2 messages on GLOBAL_MEM for each row: 31 tables have 2^30 - 2^25, below p/2 = 2^30 - 2^23.
    assert.ok(31 * 2 ** 25 < KoalaBear.MODULUS / 2);
    assert.equal(checkOfTables(tables(31), machine), 'shape/cells');
    assert.equal(checkOfTables(tables(32), machine), 'shape/bus');
    // Tables that are too many together, but not in any one segment.
    const [first, last] = receipt.segments;
    assert.ok(first && last);
    const half = tables(16).filter(({ chip }) => chip < SINK || chip === PROG);
    const claim = { ...receipt.claim, machine: machine.digest };
    const segments = [
      { ...first, instances: half },
      { ...last, instances: tables(16) },
    ];
    assert.equal(shapeCheck({ ...receipt, claim, segments }, machine), 'shape/bus');
    // Fewer than 2^21 messages are left below p/2, and a public input can have more.
    const lower = [23, 21, 20].map((logHeight): Instance => ({ chip: DELIVER, logHeight }));
    const nearly = [...tables(31).slice(0, 31), ...lower, ...tables(0)];
    const withInput = (length: number): Receipt => ({
      ...receipt,
      claim: { ...claim, publicInput: { ...claim.publicInput, length } },
      segments: [{ ...last, instances: nearly }],
    });
    assert.equal(shapeCheck(withInput(0), machine), 'shape/cells');
    assert.equal(shapeCheck(withInput(2 ** 23), machine), 'shape/bus');
  });

  it('keep a leaf within 256 elements', () => {
    const machine = giant({ maxLogHeight: 12, maxInstances: 2 }, DELIVER);
    const tables = (logHeight: number): Instance[] => [
      { chip: DELIVER, logHeight },
      ...(receipt.segments[1]?.instances ?? []).filter(({ chip }) => chip > DELIVER),
    ];
    assert.equal(checkOfTables(tables(10), machine), 'decode/truncated');
    assert.equal(checkOfTables(tables(11), machine), 'shape/cells');
  });

  it('keep the heap in memory at the last possible row', () => {
    const place = (imageEnd: number): Check =>
      shapeCheck(
        {
          ...receipt,
          claim: {
            ...receipt.claim,
            program: {
              ...receipt.claim.program,
              ...outline(imageEnd),
            } as Receipt['claim']['program'],
          },
        },
        courier,
      );
    assert.equal(place(MEMORY_END_KEY - 12), 'decode/truncated');
    assert.equal(place(MEMORY_END_KEY - 11), 'shape/heap');
  });
});

describe('an opening', () => {
  const round = (copy: Editable<Receipt>, i: number) => {
    const found = copy.proofs[0]?.opening.rounds[i];
    assert.ok(found);
    return found;
  };

  it('answers every query', () => {
    for (const i of [0, 1, 2]) {
      const bytes = edited(receipt, (copy) => {
        for (const tree of round(copy, i).opened) {
          tree.leaves.pop();
          tree.siblings = [];
        }
      });
      assertRefused(bytes, options, 'opening/shape');
    }
  });

  it('answers no more than the queries', () => {
    const bytes = edited(receipt, (copy) => {
      for (const { leaves } of round(copy, 2).opened)
        while (leaves.length < 4) leaves.push(leaves[0] ?? []);
    });
    assertRefused(bytes, options, 'decode/limit');
    const none = edited(receipt, (copy) => {
      for (const tree of round(copy, 0).opened) tree.siblings.push(tree.siblings[0] ?? []);
    });
    assertRefused(none, options, 'merkle/proof-length', 'decode/limit');
  });

  it('has a final vector of one length', () => {
    const coefficients = receipt.proofs[1]?.opening.finalCoefficients ?? [];
    const longer = edited(receipt, (copy) => {
      copy.proofs[1]?.opening.finalCoefficients.push([0, 0, 0, 0, 0]);
    });
    assertRefused(longer, options, 'decode/trailing');
    const shorter = edited(receipt, (copy) => {
      copy.proofs[1]?.opening.finalCoefficients.pop();
    });
    assertRefused(shorter, options, 'decode/truncated');
    assert.equal(coefficients.length, 4);
  });

  it('needs its work, and so does LogUp', () => {
    const failing = (make: (copy: Editable<Receipt>, nonce: bigint) => void): void => {
      const checks = new Set<Check>();
      for (let nonce = 0n; nonce < 16n; nonce++) {
        const bytes = edited(receipt, (copy) => make(copy, nonce));
        try {
          decodeReceipt(bytes, courier);
          assertRefused(bytes, options, 'transcript/proof-of-work');
          checks.add('transcript/proof-of-work');
        } catch (error) {
          if (!(error instanceof assert.AssertionError)) throw error;
        }
      }
      assert.ok(checks.has('transcript/proof-of-work'));
    };
    failing((copy, nonce) => {
      copy.lookupNonce = nonce;
    });
    failing((copy, nonce) => {
      round(copy, 0).queryNonce = nonce;
    });
    failing((copy, nonce) => {
      round(copy, 0).foldingNonces[0] = nonce;
    });
  });
});

function swapped(instances: readonly Instance[], chip: number): Instance[] {
  const found = instances.filter((one) => one.chip === chip).toReversed();
  return instances.map((one) => (one.chip === chip ? (found.shift() as Instance) : one));
}

function edit(program: Editable<Receipt>['claim']['program'], change: object): void {
  assert.ok(program.mode === 'id');
  Object.assign(program.commitment, change);
}

function outline(imageEnd: number): object {
  const { program } = receipt.claim;
  assert.ok(program.mode === 'id');
  return { commitment: { ...program.commitment, imageEnd } };
}

/** Bytes of a segment's header: root, table count, tables, pc, pc, cycle. */
function encodedHeader(tables: number): number {
  return 32 + 2 + 2 * tables + 12;
}
