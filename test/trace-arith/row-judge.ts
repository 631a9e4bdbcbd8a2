/**
 * Judges one changed row of tables that were right before: would anything notice? Lookups may go to
 * any row of their table, because a cheating prover counts them anew.
 */
import type { Chip, ConstraintProgram } from '@vouch/verifier';
import { BlockEvaluator, type RowSource } from '../../trace-arith/evaluate.ts';
import { rowSource } from '../../trace-arith/lookups.ts';
import type { SegmentTables, TableInstance } from '../../trace-arith/tables.ts';

/** What notices a change: a constraint's number, or a bus's name. */
export type Finding = { readonly constraint: number } | { readonly bus: string };

/** What a row puts on a bus. */
type Contributions = ReadonlyMap<string, number>;

const PROVIDERS = new Set(['PROG', 'R20', 'VR', 'AND8', 'POW']);

/** Buses whose messages differ. */
function differences(before: Contributions, after: Contributions): string[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  const changed = keys.filter((key) => before.get(key) !== after.get(key));
  return [...new Set(changed.map((key) => key.split(' ')[0] as string))];
}

export class RowJudge {
  readonly #machine: ConstraintProgram;
  readonly #tables: SegmentTables;
  readonly #evaluators = new Map<number, BlockEvaluator>();
  readonly #programRows: ReadonlySet<string>;
  readonly #rangeRows: number;

  constructor(machine: ConstraintProgram, tables: SegmentTables) {
    this.#machine = machine;
    this.#tables = tables;
    const named = (name: string): TableInstance | undefined =>
      tables.instances.find(({ chip }) => machine.chips[chip]?.name === name);
    const program = named('PROG')?.preprocessed ?? [];
    const height = program[0]?.length ?? 0;
    this.#programRows = new Set(
      Array.from({ length: height }, (_, row) => program.map((column) => column[row]).join()),
    );
    this.#rangeRows = 2 ** (named('R20')?.logHeight ?? 0);
  }

  /**
   * Everything that notices when cells of a row take other values; the table is unchanged
   * afterwards.
   *
   * @param changes new values by column
   */
  judge(instance: TableInstance, row: number, changes: ReadonlyMap<number, number>): Finding[] {
    const before = this.#contributions(instance, row);
    return this.#changed(instance, row, changes, () => [
      ...this.#rowFindings(instance, row),
      ...differences(before, this.#contributions(instance, row)).map((bus) => ({ bus })),
    ]);
  }

  /**
   * What in the row itself is wrong after a change: constraints and lookups. The messages of
   * permutation buses may have changed, as if the rest of the tables went along.
   */
  judgeAlone(
    instance: TableInstance,
    row: number,
    changes: ReadonlyMap<number, number>,
  ): { findings: Finding[]; changedBuses: string[] } {
    const before = this.#contributions(instance, row);
    return this.#changed(instance, row, changes, () => ({
      findings: this.#rowFindings(instance, row),
      changedBuses: differences(before, this.#contributions(instance, row)),
    }));
  }

  #changed<Result>(
    instance: TableInstance,
    row: number,
    changes: ReadonlyMap<number, number>,
    judge: () => Result,
  ): Result {
    const old = [...changes.keys()].map((column) => instance.main[column]?.[row] ?? 0);
    for (const [column, value] of changes) (instance.main[column] as Uint32Array)[row] = value;
    const result = judge();
    for (const [i, column] of [...changes.keys()].entries()) {
      (instance.main[column] as Uint32Array)[row] = old[i] as number;
    }
    return result;
  }

  #rowFindings(instance: TableInstance, row: number): Finding[] {
    const chip = this.#chip(instance);
    const evaluator = this.#evaluate(instance, row);
    const constraints = chip.constraints.flatMap((node, constraint) =>
      evaluator.values(node)[0] === 0 ? [] : [{ constraint }],
    );
    const buses = new Set<string>();
    for (const { bus, sign, multiplicity, message } of chip.interactions) {
      const { kind, name } = this.#machine.buses[bus] as ConstraintProgram['buses'][number];
      if (kind !== 'lookup' || sign !== 1 || evaluator.values(multiplicity)[0] === 0) continue;
      if (
        !this.#isInTable(
          name,
          message.map((node) => evaluator.values(node)[0] as number),
        )
      ) {
        buses.add(name);
      }
    }
    return [...constraints, ...[...buses].map((bus) => ({ bus }))];
  }

  /** Net contributions to permutation buses, and to lookup buses where the chip is their table. */
  #contributions(instance: TableInstance, row: number): Contributions {
    const chip = this.#chip(instance);
    const evaluator = this.#evaluate(instance, row);
    const net = new Map<string, number>();
    for (const { bus, sign, multiplicity, message } of chip.interactions) {
      const { kind, name } = this.#machine.buses[bus] as ConstraintProgram['buses'][number];
      if (kind === 'lookup' && !PROVIDERS.has(chip.name)) continue;
      const times = evaluator.values(multiplicity)[0] as number;
      const key = `${name} ${message.map((node) => evaluator.values(node)[0]).join()}`;
      const total = (net.get(key) ?? 0) + sign * times;
      if (total === 0) net.delete(key);
      else net.set(key, total);
    }
    return net;
  }

  #evaluate(instance: TableInstance, row: number): BlockEvaluator {
    const chip = this.#chip(instance);
    let evaluator = this.#evaluators.get(instance.chip);
    if (evaluator === undefined) {
      const nodes = chip.interactions.flatMap((one) => [one.multiplicity, ...one.message]);
      evaluator = new BlockEvaluator(chip, [...chip.constraints, ...nodes]);
      this.#evaluators.set(instance.chip, evaluator);
    }
    evaluator.evaluate(this.#source(instance), row, 1);
    return evaluator;
  }

  #source(instance: TableInstance): RowSource {
    return rowSource(this.#tables.segment, instance);
  }

  #chip(instance: TableInstance): Chip {
    return this.#machine.chips[instance.chip] as Chip;
  }

  #isInTable(bus: string, [x = 0, y = 0, z = 0, ...rest]: readonly number[]): boolean {
    switch (bus) {
      case 'PROG':
        return this.#programRows.has([x, y, z, ...rest].join());
      case 'R20':
        return x < this.#rangeRows;
      case 'VR':
        return y <= 16 && x < 2 ** y;
      case 'AND8':
        return x < 256 && y < 256 && z === (x & y);
      case 'PAIR8':
        return x < 256 && y < 256;
      case 'POW':
        return x < 16 && y === 2 ** x && z === 2 ** (16 - x);
      default:
        throw new Error(`no table for ${bus}`);
    }
  }
}
