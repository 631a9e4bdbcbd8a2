import assert from 'node:assert/strict';
import {
  type Check,
  KoalaBear,
  MAIN_CONTEXT,
  type OpeningSchedule,
  type Quintic,
  Transcript,
  VerificationError,
  verifyOpening,
} from '@vouch/verifier';
import { rootOf } from '../../prover/scalar/commit.ts';
import { Random } from '../tools/random.ts';
import { commitVector, type Lie, type Moment, openFalsely } from './opening-liar.ts';

const LOG_CHUNKS = 2;
const LOG_ROWS = 5;
const TAG = 'Vouch lying opening test';
const ERROR: Quintic = [1, 2, 3, 4, 5];

/** Three rounds at rate 1/2, in codes of length 64, 32 and 16. */
function scheduleOf(queries: number): OpeningSchedule {
  const rounds = [LOG_CHUNKS, 1, 1].map((foldedVariables, i) => ({
    regime: { kind: 'unique' } as const,
    logInverseRate: 1,
    foldedVariables,
    queries,
    queryWork: 0,
    foldWork: 0,
    outOfDomainSamples: i === 0 ? 0 : 1,
  }));
  return { rounds, finalVariables: LOG_ROWS - 2 };
}

/** The check that refuses an opening of a random vector at a random point, undefined if none does. */
function refusal(lie: Lie, queries: number, seed: number): Check | undefined {
  const random = new Random(seed);
  const element = (): number => random.below(KoalaBear.MODULUS);
  const schedule = scheduleOf(queries);
  const [first] = schedule.rounds;
  assert.ok(first !== undefined);
  const vector = Array.from({ length: 2 ** (LOG_CHUNKS + LOG_ROWS) }, element);
  const opened = commitVector(vector, first);
  const point = Array.from(
    { length: LOG_CHUNKS + LOG_ROWS },
    (): Quintic => [element(), element(), element(), element(), element()],
  );
  const begin = (): Transcript => {
    const transcript = new Transcript(TAG);
    transcript.absorbDigest('root', rootOf(opened.matrix));
    return transcript;
  };
  const { claim, proof } = openFalsely(begin(), opened, schedule, point, lie, random);
  const chunks = { start: 0, count: 2 ** LOG_CHUNKS };
  const commitment = { root: rootOf(opened.matrix), chunks, context: MAIN_CONTEXT };
  try {
    verifyOpening(begin(), [commitment], schedule, claim, proof);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof VerificationError, String(error));
    return error.check;
  }
}

const MOMENTS: Readonly<Record<string, Moment>> = {
  'a message of the first folding': { round: 0, at: 0 },
  'a message in the middle of a folding': { round: 0, at: 1 },
  'a message of the second folding': { round: 1, at: 0 },
  'a message of the last folding': { round: 2, at: 0 },
  'the first folded root': { round: 0, at: 'root' },
  'the folded root in the middle': { round: 1, at: 'root' },
  'the final coefficients': { round: 2, at: 'root' },
  'the first value outside the domain': { round: 0, at: 'outOfDomain' },
  'the value outside the domain in the middle': { round: 1, at: 'outOfDomain' },
};
const LIES: Readonly<Record<string, Lie>> = {
  'the claim itself': { moment: { round: 0, at: 0 }, error: ERROR },
  ...Object.fromEntries(Object.entries(MOMENTS).map(([name, moment]) => [name, { moment }])),
};

/** So many queries miss what differs in half of a code with probability 2^-40. */
const ENOUGH = 40;
const TRIES = 20;
const MOST_TRIES = 1000;

describe('a prover of the opening who speaks of another vector from some moment on', () => {
  it('is believed if he never does, whoever wrote him', () => {
    for (const queries of [1, ENOUGH]) assert.equal(refusal({}, queries, 1), undefined);
    assert.equal(refusal({ error: ERROR }, ENOUGH, 1), 'opening/final');
  });

  for (const [name, lie] of Object.entries(LIES)) {
    it(`is refused when the lie begins with ${name}`, () => {
      for (let seed = 1; seed <= 5; seed++) {
        assert.equal(refusal(lie, ENOUGH, seed), 'opening/final');
      }
    });

    it(`with ${name}, is sometimes believed if there is one query a round`, () => {
      const refusals = new Set<Check | undefined>();
      for (let seed = 0; seed < TRIES || !refusals.has(undefined); seed++) {
        assert.ok(seed < MOST_TRIES, 'nothing but the queries must stand in his way');
        refusals.add(refusal(lie, 1, seed));
      }
      assert.deepEqual([...refusals].sort(), ['opening/final', undefined]);
    });
  }

  it('is refused by the trees when the rows that he opens are those of the other vector', () => {
    for (const [name, moment] of Object.entries(MOMENTS)) {
      // Rows of round 0 are over F: no change of one entry folds to every element of E.
      if (moment.round === 0 && moment.at !== 'outOfDomain') continue;
      const check = refusal({ moment, forgesRows: true }, ENOUGH, 1);
      assert.equal(check, 'merkle/root', name);
    }
  });
});
