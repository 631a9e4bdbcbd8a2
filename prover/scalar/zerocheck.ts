/** The prover's side of verifier/src/zerocheck.ts. */
import {
  betaPowers,
  type Chip,
  QuinticField as E,
  eqTable,
  evaluateNodes,
  fingerprint,
  type InstancePowers,
  KoalaBear,
  type LeafClaim,
  lambdaPowers,
  type Point,
  placeSelector,
  type Quintic,
  type Transcript,
  ZEROCHECK_DEGREE,
  type ZerocheckProof,
} from '@vouch/verifier';
import type { ProvingContext } from '../proving-context.ts';
import type { Table } from '../table.ts';
import { type FoldedTable, liftTable } from './evaluate-rows.ts';
import type { Fractions } from './logup.ts';
import { bindLeading, proveSumcheck, sumRows } from './sumcheck.ts';

const { add, mul, neg, ONE, scale, sub, ZERO } = E;

interface Row {
  readonly main: readonly Quintic[];
  readonly preprocessed: readonly Quintic[];
  readonly closedForms: readonly Quintic[];
  readonly parameters: readonly Quintic[];
}

/** Fractions of all interactions at their places; (0, 1) elsewhere. */
export function leafFractions(context: ProvingContext, tables: readonly Table[]): Fractions {
  const { machine, shape } = context;
  const size = 2 ** shape.logLeaves;
  const numerators = new Array<Quintic>(size).fill(ZERO);
  const denominators = new Array<Quintic>(size).fill(ONE);
  for (const [t, table] of tables.entries()) {
    const chip = machine.chips[table.chip] as Chip;
    const lifted = liftTable(table, shape, t, context.segment);
    const blocks = shape.blocks.filter(({ instance }) => instance === t);
    for (let i = 0; i < 2 ** table.logHeight; i++) {
      const nodes = evaluateNodes(chip, rowOf(lifted, i));
      for (const { interaction, offset } of blocks) {
        const fraction = interactionFraction(context, chip, interaction, nodes);
        numerators[offset + i] = fraction.numerator;
        denominators[offset + i] = fraction.denominator;
      }
    }
  }
  return { numerators, denominators };
}

function rowOf(table: FoldedTable, i: number): Row {
  const at = (columns: readonly (readonly Quintic[])[]): Quintic[] =>
    columns.map((column) => column[i] as Quintic);
  return {
    main: at(table.main),
    preprocessed: at(table.preprocessed),
    closedForms: at(table.closedForms),
    parameters: table.parameters,
  };
}

function interactionFraction(
  { machine, segment, challenges }: ProvingContext,
  chip: Chip,
  interaction: number,
  nodes: readonly Quintic[],
): { numerator: Quintic; denominator: Quintic } {
  const { bus, sign, multiplicity, message } = chip.interactions[
    interaction
  ] as Chip['interactions'][number];
  const count = nodes[multiplicity] as Quintic;
  const betas = betaPowers(machine, challenges.beta);
  const values = message.map((node) => nodes[node] as Quintic);
  return {
    numerator: sign === 1 ? count : neg(count),
    denominator: sub(challenges.alpha, fingerprint(machine, betas, bus, segment, values)),
  };
}

export function proveZerocheck(
  transcript: Transcript,
  context: ProvingContext,
  tables: readonly Table[],
  leaves: LeafClaim,
): { proof: ZerocheckProof; point: Point } {
  const { machine, shape } = context;
  const terms = tables.map((table, t) => new InstanceTerm(context, table, t, leaves));
  const sums = terms.map((term) => term.sums());
  transcript.absorbExtensions(
    'zerocheck sums',
    sums.flatMap(({ numerator, denominator }) => [numerator, denominator]),
  );
  const lambda = transcript.squeezeExtension('zerocheck lambda');
  for (const [t, powers] of lambdaPowers(machine, shape, lambda).entries()) {
    (terms[t] as InstanceTerm).start(powers, sums[t] as ZerocheckProof['sums'][number]);
  }
  let round = 0;
  const { rounds, point } = proveSumcheck(
    transcript,
    {
      variables: shape.maxLogHeight,
      degree: ZEROCHECK_DEGREE,
      sumAt: (x) => terms.reduce((sum, term) => add(sum, term.sumAt(round, x)), ZERO),
      bind: (challenge) => {
        for (const term of terms) term.bind(round, challenge);
        round++;
      },
    },
    { round: 'zerocheck round', challenge: 'zerocheck challenge' },
  );
  const mainValues = terms.flatMap((term) => term.finalRow().main);
  const preprocessedValues = terms.flatMap((term) => term.finalRow().preprocessed);
  transcript.absorbExtensions('main values', mainValues);
  transcript.absorbExtensions('preprocessed values', preprocessedValues);
  return { proof: { sums, rounds, mainValues, preprocessedValues }, point };
}

/** The part of the sum that one instance contributes. */
class InstanceTerm {
  readonly #context: ProvingContext;
  readonly #chip: Chip;
  readonly #logHeight: number;
  readonly #interactions: readonly { interaction: number; selector: Quintic }[];
  #eq: Quintic[];
  #table: FoldedTable;
  #powers: InstancePowers | undefined;
  #total: Quintic = ZERO;

  constructor(context: ProvingContext, table: Table, t: number, leaves: LeafClaim) {
    const { machine, shape } = context;
    this.#context = context;
    this.#chip = machine.chips[table.chip] as Chip;
    this.#logHeight = table.logHeight;
    this.#eq = eqTable(leaves.point.slice(leaves.point.length - table.logHeight));
    this.#table = liftTable(table, shape, t, context.segment);
    this.#interactions = shape.blocks
      .filter(({ instance }) => instance === t)
      .map((block) => ({
        interaction: block.interaction,
        selector: placeSelector(block, leaves.point),
      }));
  }

  /** n_t and d_t. */
  sums(): { numerator: Quintic; denominator: Quintic } {
    let numerator = ZERO;
    let denominator = ZERO;
    for (const [i, eq] of this.#eq.entries()) {
      const message = this.#messages(evaluateNodes(this.#chip, rowOf(this.#table, i)));
      numerator = add(numerator, mul(eq, message.numerator));
      denominator = add(denominator, mul(eq, message.denominator));
    }
    return { numerator, denominator };
  }

  start(powers: InstancePowers, sums: { numerator: Quintic; denominator: Quintic }): void {
    this.#powers = powers;
    this.#total = add(
      mul(powers.numerator, sums.numerator),
      mul(powers.denominator, sums.denominator),
    );
  }

  #messages(nodes: readonly Quintic[]): { numerator: Quintic; denominator: Quintic } {
    let numerator = ZERO;
    let denominator = ZERO;
    for (const { interaction, selector } of this.#interactions) {
      const fraction = interactionFraction(this.#context, this.#chip, interaction, nodes);
      numerator = add(numerator, mul(selector, fraction.numerator));
      denominator = add(denominator, mul(selector, fraction.denominator));
    }
    return { numerator, denominator };
  }

  /** F_t of one row. */
  #value(row: Row): Quintic {
    const powers = this.#powers as InstancePowers;
    const nodes = evaluateNodes(this.#chip, row);
    const { numerator, denominator } = this.#messages(nodes);
    const messages = add(mul(powers.numerator, numerator), mul(powers.denominator, denominator));
    return this.#chip.constraints.reduce(
      (sum, node, i) => add(sum, mul(powers.constraints[i] as Quintic, nodes[node] as Quintic)),
      messages,
    );
  }

  /** Rounds before the instance's own variables start. */
  get #waiting(): number {
    return this.#context.shape.maxLogHeight - this.#logHeight;
  }

  sumAt(round: number, x: Quintic): Quintic {
    if (round < this.#waiting) return scale(this.#total, KoalaBear.inverse(2 ** (round + 1)));
    const table = this.#table;
    const columns = [this.#eq, ...table.main, ...table.preprocessed, ...table.closedForms];
    const mainEnd = 1 + table.main.length;
    const preprocessedEnd = mainEnd + table.preprocessed.length;
    const sum = sumRows(columns, x, (values) => {
      const row = {
        main: values.slice(1, mainEnd),
        preprocessed: values.slice(mainEnd, preprocessedEnd),
        closedForms: values.slice(preprocessedEnd),
        parameters: table.parameters,
      };
      return mul(values[0] as Quintic, this.#value(row));
    });
    return scale(sum, KoalaBear.pow(KoalaBear.inverse(2), this.#waiting));
  }

  bind(round: number, challenge: Quintic): void {
    if (round < this.#waiting) return;
    const bindAll = (columns: Quintic[][]): Quintic[][] =>
      columns.map((column) => bindLeading(column, challenge));
    this.#eq = bindLeading(this.#eq, challenge);
    this.#table = {
      main: bindAll(this.#table.main),
      preprocessed: bindAll(this.#table.preprocessed),
      closedForms: bindAll(this.#table.closedForms),
      parameters: this.#table.parameters,
    };
  }

  finalRow(): Row {
    return rowOf(this.#table, 0);
  }
}
