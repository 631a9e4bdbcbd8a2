import assert from 'node:assert/strict';
import { type Chip, describeMachine, type Machine } from '@vouch/verifier';
import { courierConstraints, courierParameters, PROG } from '../prover/courier-machine.ts';

describe('a machine', () => {
  const [chip] = courierConstraints.chips;
  const describeWith = (change: object): Machine =>
    describeMachine({ ...courierConstraints, ...change }, [courierParameters], [5, 6]);

  it('is described only if the verifier can rely on it', () => {
    assert.ok(chip);
    const { buses, chips } = courierConstraints;
    const wrong = [
      { buses: buses.map((bus) => ({ ...bus, id: 1 })) },
      { buses: buses.map((bus, i) => (i === 1 ? { ...bus, id: 0 } : bus)) },
      { buses: buses.map((bus) => ({ ...bus, scope: 'local' })) },
      { buses: buses.filter(({ name }) => name !== 'EXIT') },
      { messageWidth: 4 },
      { chips: [...chips, { ...(chips[PROG] as Chip), name: 'PROG2' }] },
      { chips: [...chips.slice(0, PROG), { ...(chips[PROG] as Chip), maxInstances: 2 }] },
      { chips: [{ ...chip, minLogHeight: 0 }, ...chips.slice(1)] },
      { chips: [{ ...chip, maxLogHeight: 25 }, ...chips.slice(1)] },
      { chips: [{ ...chip, interactions: [] }, ...chips.slice(1)] },
    ];
    for (const change of wrong) assert.throws(() => describeWith(change), RangeError);
    assert.doesNotThrow(() => describeWith({}));
  });

  it('has parameter sets that fit the field and each other', () => {
    const sets = [
      { ...courierParameters, logRows: () => 7 },
      { ...courierParameters, lookupWork: 33 },
      { ...courierParameters, schedule: (k: number) => courierParameters.schedule(k, 7) },
      {
        ...courierParameters,
        schedule: (_: number, r: number) => courierParameters.schedule(3, r),
      },
    ];
    for (const set of sets) {
      assert.throws(() => describeMachine(courierConstraints, [set], [5, 6]), RangeError);
    }
    const denser: typeof courierParameters = {
      ...courierParameters,
      schedule: (k, r) => {
        const { rounds, finalVariables } = courierParameters.schedule(k, r);
        return { rounds: rounds.map((one) => ({ ...one, logInverseRate: 3 })), finalVariables };
      },
    };
    const both = [courierParameters, denser];
    assert.throws(() => describeMachine(courierConstraints, both, [5, 6]), RangeError);
  });

  it('has a digest of everything that the verifier uses', () => {
    assert.ok(chip);
    const { chips, buses } = courierConstraints;
    const [first, ...rest] = chip.interactions;
    assert.ok(first && rest[0]);
    const changedChip = (change: Partial<Chip>): object => ({
      chips: [{ ...chip, ...change }, ...chips.slice(1)],
    });
    const changes = [
      {},
      { name: 'other' },
      { version: 2 },
      { messageWidth: 6 },
      { constraintDegree: 3 },
      { buses: buses.map((bus) => ({ ...bus, id: bus.id + 1 })) },
      changedChip({ name: 'GOTO' }),
      changedChip({ constraints: [] }),
      changedChip({ maxInstances: 3 }),
      changedChip({ minLogHeight: 2 }),
      changedChip({ presence: 'required' }),
      changedChip({ expressions: { nodes: [...chip.expressions.nodes, 0, 0, 0] } }),
      changedChip({ interactions: [...chip.interactions].reverse() }),
      changedChip({ interactions: [first, { ...rest[0], sign: 1 }] }),
    ];
    const digests = changes.map((change) => describeWith(change).digest.join());
    assert.equal(new Set(digests).size, changes.length);
  });
});
