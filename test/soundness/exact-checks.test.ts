/**
 * Checks of the verifier behind which another one would refuse the same receipt, or which a decoded
 * receipt cannot fail: each by itself.
 */
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import {
  type Check,
  describeMachine,
  HALT_PC,
  MAX_CYCLE_END,
  MAX_INPUT_BYTES,
  QuinticField,
  type Receipt,
  segmentShape,
  Transcript,
  VerificationError,
  verifyLogup,
  verifyReduction,
  verifyZerocheck,
} from '@vouch/verifier';
import { courier } from '../prover/courier-machine.ts';
import { repositoryPath } from '../tools/paths.ts';
import {
  assertRefused,
  type Editable,
  edited,
  expectations,
  honestRun,
  proveRun,
} from '../verifier/receipts.ts';

const { ONE, ZERO } = QuinticField;

const fails =
  (check: Check) =>
  (error: unknown): boolean =>
    error instanceof VerificationError && error.check === check;

describe('the verifier refuses by the first check that applies', () => {
  const { receipt } = proveRun('id', honestRun([2]));
  const options = expectations('id');
  type Header = Editable<Receipt>['segments'][number];
  const refused = (change: (first: Header, last: Header) => void, check: Check): void => {
    const bytes = edited(receipt, ({ segments }) => {
      change(segments[0] as Header, segments[1] as Header);
    });
    assertRefused(bytes, options, check);
  };

  it('a first segment that does not begin at the entry', () => {
    refused((first) => {
      first.pcStart += 2;
    }, 'statement/pc');
  });

  it('a segment that does not begin where the one before ended', () => {
    refused((_, last) => {
      last.pcStart += 2;
    }, 'statement/pc');
    refused((first) => {
      first.pcEnd += 2;
    }, 'statement/pc');
  });

  it('an address behind that of the end', () => {
    refused((first, last) => {
      first.pcEnd = HALT_PC + 2;
      last.pcStart = HALT_PC + 2;
    }, 'statement/pc');
  });

  it('a run that does not end in a HALT', () => {
    refused((_, last) => {
      last.pcEnd = last.pcStart;
    }, 'statement/pc');
  });

  it('no cycle at all, and more than time can count', () => {
    for (const cycleEnd of [0, MAX_CYCLE_END + 1]) {
      refused((first) => {
        first.cycleEnd = cycleEnd;
      }, 'statement/cycles');
    }
  });

  it('a public input that is too long for its region', () => {
    const bytes = edited(receipt, ({ claim }) => {
      claim.publicInput.length = MAX_INPUT_BYTES + 1;
    });
    assertRefused(bytes, options, 'decode/limit');
  });

  it('a segment without a table, on a machine that asks for none', () => {
    const chips = courier.constraints.chips.map(
      (chip) => ({ ...chip, presence: 'optional' }) as const,
    );
    const { constraints, parameterSets, rowLogs } = courier;
    const machine = describeMachine({ ...constraints, chips }, parameterSets, rowLogs);
    const bytes = edited(receipt, ({ claim, segments }) => {
      claim.machine = machine.digest;
      (segments[0] as Header).instances = [];
    });
    assertRefused(bytes, { ...options, machine }, 'shape/presence');
  });

  it('more tables than all chips can have', () => {
    const limit = courier.constraints.chips.reduce((sum, chip) => sum + chip.maxInstances, 0);
    const bytes = edited(receipt, ({ segments }) => {
      const [table] = segments[0]?.instances ?? [];
      assert.ok(table);
      (segments[0] as Header).instances = Array.from({ length: limit + 1 }, () => ({ ...table }));
    });
    assertRefused(bytes, options, 'decode/limit');
  });
});

describe('a part of the verifier refuses a proof of another shape', () => {
  const { receipt } = proveRun('program', honestRun());
  const [proof] = receipt.proofs;
  const [header] = receipt.segments;
  assert.ok(proof && header);
  const shape = segmentShape(courier.constraints, header.instances, () => 5, false);
  const { logup, zerocheck, reduction } = proof;
  const begin = (): Transcript => new Transcript('shapes');

  it('a LogUp tree of another depth, or with other rounds', () => {
    const { layers } = logup;
    for (const other of [layers.slice(1), [...layers, ...layers.slice(-1)]]) {
      const changed = { ...logup, layers: other };
      assert.throws(() => verifyLogup(begin(), layers.length, changed), fails('logup/layers'));
    }
    const [root, ...rest] = layers;
    assert.ok(root);
    const round = [ZERO, ZERO, ZERO];
    const changed = { ...logup, layers: [{ ...root, rounds: [round] }, ...rest] };
    assert.throws(() => verifyLogup(begin(), layers.length, changed), fails('logup/layers'));
  });

  it('a zerocheck with too many or too few sums, rounds or values', () => {
    const leaves = { point: [], numerator: ZERO, denominator: ONE };
    const challenges = { alpha: ONE, beta: ONE };
    for (const field of ['sums', 'rounds', 'mainValues', 'preprocessedValues'] as const) {
      const list: readonly unknown[] = zerocheck[field];
      for (const other of [list.slice(1), [...list, list[0]]]) {
        const changed = { ...zerocheck, [field]: other };
        const verify = (): unknown =>
          verifyZerocheck(begin(), courier.constraints, shape, 1, challenges, leaves, changed);
        assert.throws(verify, fails('zerocheck/shape'), field);
      }
    }
  });

  it('a reduction with another number of rounds', () => {
    for (const rounds of [reduction.rounds.slice(1), [...reduction.rounds, [ZERO, ZERO]]]) {
      const verify = (): unknown =>
        verifyReduction(begin(), shape, [], zerocheck.mainValues, { ...reduction, rounds });
      assert.throws(verify, fails('reduction/shape'));
    }
  });

  it('messages of which one has the fingerprint alpha', async () => {
    const file = pathToFileURL(repositoryPath('verifier', 'dist', 'statement.js')).href;
    const { checkBalance } = await import(file);
    const sums = [
      { numerator: ZERO, denominator: ONE },
      { numerator: ZERO, denominator: ZERO },
    ];
    assert.throws(() => checkBalance(sums), fails('balance/denominator'));
    assert.doesNotThrow(() => checkBalance(sums.slice(0, 1)));
  });
});
