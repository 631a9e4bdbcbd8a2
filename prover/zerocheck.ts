/** The prover's side of verifier/src/zerocheck.ts, with the kernels of kernels/constraints.ts. */
import {
  QuinticField as E,
  type InstancePowers,
  KoalaBear,
  type LeafClaim,
  lambdaPowers,
  type Point,
  type Quintic,
  type SegmentShape,
  type Transcript,
  ZEROCHECK_DEGREE,
  type ZerocheckProof,
} from '@vouch/verifier';
import { InstanceTerm } from './instance-term.ts';
import type { Job } from './kernel.ts';
import type { LoadedTable } from './loaded-table.ts';
import type { Pool } from './pool.ts';
import type { ProvingContext } from './proving-context.ts';
import { allocateElements } from './quintic-jobs.ts';
import { tableCells } from './stages.ts';
import { LINE_WORK } from './work.ts';

const { add, scale, ZERO } = E;

/**
 * Proves that all constraints hold and that the leaves are the tables' messages.
 *
 * @returns the point at which the columns' values are claimed
 */
export async function proveZerocheck(
  pool: Pool,
  transcript: Transcript,
  context: ProvingContext,
  tables: readonly LoadedTable[],
  leaves: LeafClaim,
): Promise<{ proof: ZerocheckProof; point: Point }> {
  const { machine, shape } = context;
  const terms = tables.map((table, t) => new InstanceTerm(pool, context, table, t, leaves.point));
  const sums: ZerocheckProof['sums'][number][] = [];
  for (const term of terms) sums.push(await term.sums());
  transcript.absorbExtensions(
    'zerocheck sums',
    sums.flatMap(({ numerator, denominator }) => [numerator, denominator]),
  );
  const lambda = transcript.squeezeExtension('zerocheck lambda');
  for (const [t, powers] of lambdaPowers(machine, shape, lambda).entries()) {
    await (terms[t] as InstanceTerm).start(powers as InstancePowers, sums[t] as (typeof sums)[0]);
  }
  const rounds: Quintic[][] = [];
  const point: Quintic[] = [];
  for (let round = 0; round < shape.maxLogHeight; round++) {
    const message = await roundMessage(pool, terms, shape, round);
    transcript.absorbExtensions('zerocheck round', message);
    const challenge = transcript.squeezeExtension('zerocheck challenge');
    const active = terms.filter((term) => round >= shape.maxLogHeight - term.logHeight);
    await bindTerms(pool, active, challenge);
    rounds.push(message);
    point.push(challenge);
  }
  for (const term of terms) term.free();
  const mainValues: Quintic[] = [];
  const preprocessedValues: Quintic[] = [];
  for (const table of tables) {
    const values = await table.evaluateAt(point.slice(point.length - table.logHeight));
    await pool.run([], LINE_WORK * tableCells(table.chip, table.logHeight));
    mainValues.push(...values.main);
    preprocessedValues.push(...values.preprocessed);
  }
  transcript.absorbExtensions('main values', mainValues);
  transcript.absorbExtensions('preprocessed values', preprocessedValues);
  return { proof: { sums, rounds, mainValues, preprocessedValues }, point };
}

async function bindTerms(
  pool: Pool,
  terms: readonly InstanceTerm[],
  challenge: Quintic,
): Promise<void> {
  const words = allocateElements(pool, 'challenge', [challenge]);
  await pool.run(terms.flatMap((term) => term.bind(challenge, words.offset)));
  pool.arena.free(words);
  for (const term of terms) await term.settle();
}

/** s(0), s(2), ..., s(5) of the sum over all instances. */
async function roundMessage(
  pool: Pool,
  terms: readonly InstanceTerm[],
  shape: SegmentShape,
  round: number,
): Promise<Quintic[]> {
  const isWaiting = (term: InstanceTerm): boolean => round < shape.maxLogHeight - term.logHeight;
  const jobs: Job[] = [];
  let work = 0;
  for (const term of terms) {
    if (isWaiting(term)) continue;
    jobs.push(...(await term.prepareRound()));
    work += term.roundWork;
  }
  await pool.run(jobs, work);
  const half = KoalaBear.inverse(2);
  const message: Quintic[] = new Array<Quintic>(ZEROCHECK_DEGREE).fill(ZERO);
  for (const term of terms) {
    const waits = isWaiting(term);
    const values = waits ? new Array<Quintic>(ZEROCHECK_DEGREE).fill(term.total) : term.round();
    const factor = KoalaBear.pow(half, waits ? round + 1 : shape.maxLogHeight - term.logHeight);
    for (const [i, value] of values.entries()) {
      message[i] = add(message[i] as Quintic, scale(value, factor));
    }
  }
  return message;
}
