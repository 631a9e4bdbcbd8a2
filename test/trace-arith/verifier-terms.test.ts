import assert from 'node:assert/strict';
import {
  betaPowers,
  boundarySum,
  describeMachine,
  QuinticField as E,
  fingerprint,
  type Quintic,
  S120,
} from '@vouch/verifier';
import { type Claim, HALT_PC, machine, verifierTerms } from '../../trace-arith/index.ts';

const { constraintProgram } = machine();
const alpha: Quintic = [11, 12, 13, 14, 15];
const beta: Quintic = [21, 22, 23, 24, 25];

const claim: Claim = {
  publicInput: Uint8Array.of(9, 8, 7, 6, 0xff, 0xfe, 0xfd),
  exitCode: 0x8003_0002,
  journal: Uint8Array.of(1, 2, 3, 4, 0xff),
  segments: [
    { pcStart: 0x8000, pcEnd: 0x8010, cycleEnd: 1000 },
    { pcStart: 0x8010, pcEnd: HALT_PC, cycleEnd: 77 },
  ],
};

describe('the terms that the debug checker adds', () => {
  it('are the messages that the verifier adds', () => {
    const betas = betaPowers(constraintProgram, beta);
    const sum = verifierTerms(claim).reduce<Quintic>((total, term) => {
      const bus = constraintProgram.buses.findIndex(({ name }) => name === term.bus);
      const elements = term.message.map((element) => E.fromBase(element));
      const print = fingerprint(constraintProgram, betas, bus, term.segment, elements);
      const fraction = E.inverse(E.sub(alpha, print));
      return term.sign === 1 ? E.add(total, fraction) : E.sub(total, fraction);
    }, E.ZERO);
    const root = new Array<number>(8).fill(0);
    const segments = claim.segments.map((ends) => ({ ...ends, root, instances: [] }));
    const described = describeMachine(constraintProgram, [S120], [17, 18, 19]);
    const { publicInput } = claim;
    const found = boundarySum(described, { alpha, beta }, claim, publicInput, segments);
    assert.deepEqual(E.mul(found.numerator, E.inverse(found.denominator)), sum);
  });
});
