/**
 * Judges forged tables by what differs from honest ones, which balance: constraints and lookups of
 * changed rows, and the difference on each permutation bus. Lookups may go to any row of their
 * table, because a cheating prover counts them anew.
 */
import { type Chip, type ConstraintProgram, KoalaBear } from '@vouch/verifier';
import { BlockEvaluator } from '../../trace-arith/evaluate.ts';
import {
  machine,
  type SegmentTables,
  type TableInstance,
  type VerifierTerm,
} from '../../trace-arith/index.ts';
import { rowSource } from '../../trace-arith/lookups.ts';

const { add, neg, MODULUS } = KoalaBear;
const { constraintProgram, constraintNames } = machine();
const PROVIDERS: ReadonlySet<string> = new Set(['PROG', 'R20', 'VR', 'AND8', 'POW']);

export interface Judgement {
  /**
   * Whether every row says on the permutation buses what it said before: at most cells differ that
   * no message has, or those of an access that does not take place.
   */
  readonly same: boolean;
  /** What notices: "chip: constraint" and names of buses. */
  readonly findings: readonly string[];
}

export class DeltaJudge {
  readonly #honest: SegmentTables;
  readonly #terms: readonly VerifierTerm[];
  readonly #programRows: ReadonlySet<string>;
  readonly #evaluators = new Map<number, BlockEvaluator>();

  constructor(honest: SegmentTables, terms: readonly VerifierTerm[]) {
    this.#honest = honest;
    this.#terms = terms;
    const program = honest.instances.find((one) => nameOf(one) === 'PROG')?.preprocessed ?? [];
    const height = program[0]?.length ?? 0;
    this.#programRows = new Set(
      Array.from({ length: height }, (_, row) => program.map((column) => column[row]).join()),
    );
  }

  judge(forged: SegmentTables, terms: readonly VerifierTerm[] = this.#terms): Judgement {
    const net = new Map<string, number>();
    const findings = new Set<string>();
    let same = true;
    for (const [before, after] of pairs(this.#honest.instances, forged.instances)) {
      const chip = constraintProgram.chips[(before ?? after)?.chip ?? 0] as Chip;
      if (PROVIDERS.has(chip.name)) continue;
      for (const row of changedRows(before, after)) {
        const difference = new Map<string, number>();
        if (before !== undefined && row < 2 ** before.logHeight) {
          this.#count(before, row, difference, true);
        }
        if (after !== undefined && row < 2 ** after.logHeight) {
          this.#count(after, row, difference, false);
          for (const finding of this.#rowFindings(after, row)) findings.add(finding);
        }
        if (difference.size > 0) same = false;
        for (const [key, times] of difference) accumulate(net, key, times);
      }
    }
    for (const [some, sign] of [
      [terms, 1],
      [this.#terms, -1],
    ] as const) {
      for (const term of some) put(net, term.bus, term.message, sign * term.sign);
    }
    for (const key of net.keys()) findings.add(key.split(' ')[0] as string);
    return { same, findings: [...findings] };
  }

  #count(instance: TableInstance, row: number, net: Map<string, number>, remove: boolean): void {
    const chip = constraintProgram.chips[instance.chip] as Chip;
    const evaluator = this.#evaluate(instance, row);
    for (const { bus, sign, multiplicity, message } of chip.interactions) {
      const { kind, name } = constraintProgram.buses[bus] as ConstraintProgram['buses'][number];
      if (kind === 'lookup') continue;
      const times = evaluator.values(multiplicity)[0] as number;
      const elements = message.map((node) => evaluator.values(node)[0] as number);
      put(net, name, elements, (remove ? -sign : sign) * times);
    }
  }

  #rowFindings(instance: TableInstance, row: number): string[] {
    const chip = constraintProgram.chips[instance.chip] as Chip;
    const evaluator = this.#evaluate(instance, row);
    const found = chip.constraints.flatMap((node, i) =>
      evaluator.values(node)[0] === 0
        ? []
        : [`${chip.name}: ${constraintNames[instance.chip]?.[i]}`],
    );
    for (const { bus, multiplicity, message } of chip.interactions) {
      const { kind, name } = constraintProgram.buses[bus] as ConstraintProgram['buses'][number];
      if (kind !== 'lookup' || evaluator.values(multiplicity)[0] === 0) continue;
      const elements = message.map((node) => evaluator.values(node)[0] as number);
      if (!this.#isInTable(name, elements)) found.push(name);
    }
    return found;
  }

  #evaluate(instance: TableInstance, row: number): BlockEvaluator {
    const chip = constraintProgram.chips[instance.chip] as Chip;
    let evaluator = this.#evaluators.get(instance.chip);
    if (evaluator === undefined) {
      const nodes = chip.interactions.flatMap((one) => [one.multiplicity, ...one.message]);
      evaluator = new BlockEvaluator(chip, [...chip.constraints, ...nodes]);
      this.#evaluators.set(instance.chip, evaluator);
    }
    evaluator.evaluate(rowSource(this.#honest.segment, instance), row, 1);
    return evaluator;
  }

  #isInTable(bus: string, [x = 0, y = 0, z = 0, ...rest]: readonly number[]): boolean {
    switch (bus) {
      case 'PROG':
        return this.#programRows.has([x, y, z, ...rest].join());
      case 'R20':
        return x < 2 ** 20;
      case 'VR':
        return y <= 16 && x < 2 ** y;
      case 'AND8':
        return x < 256 && y < 256 && z === (x & y);
      case 'PAIR8':
        return x < 256 && y < 256;
      default:
        return x < 16 && y === 2 ** x && z === 2 ** (16 - x);
    }
  }
}

function put(
  net: Map<string, number>,
  bus: string,
  message: readonly number[],
  times: number,
): void {
  accumulate(net, `${bus} ${message.join()}`, times < 0 ? neg(-times % MODULUS) : times);
}

function accumulate(net: Map<string, number>, key: string, times: number): void {
  const total = add(net.get(key) ?? 0, times);
  if (total === 0) net.delete(key);
  else net.set(key, total);
}

function nameOf({ chip }: TableInstance): string {
  return constraintProgram.chips[chip]?.name ?? '';
}

/** Instances of the same chip and place among its instances. */
function* pairs(
  before: readonly TableInstance[],
  after: readonly TableInstance[],
): Generator<[TableInstance | undefined, TableInstance | undefined]> {
  for (const chip of constraintProgram.chips.keys()) {
    const [a, b] = [before, after].map((list) => list.filter((one) => one.chip === chip)) as [
      TableInstance[],
      TableInstance[],
    ];
    for (let i = 0; i < Math.max(a.length, b.length); i++) yield [a[i], b[i]];
  }
}

function* changedRows(
  before: TableInstance | undefined,
  after: TableInstance | undefined,
): Generator<number> {
  const rows = Math.max(2 ** (before?.logHeight ?? 0), 2 ** (after?.logHeight ?? 0));
  const columns = (before ?? after)?.main.length ?? 0;
  const common = before !== undefined && after !== undefined;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      if (common && before.main[i]?.[row] === after.main[i]?.[row]) continue;
      yield row;
      break;
    }
  }
}
