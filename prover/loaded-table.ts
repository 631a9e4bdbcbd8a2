/** A table whose columns lie in the kernels' memory, in Montgomery form. */
import {
  type Chip,
  CLOSED_FORMS,
  closedFormAt,
  closedFormLogHeight,
  NODE_CLOSED_FORM,
  NODE_MAIN,
  type Point,
  type Quintic,
} from '@vouch/verifier';
import { tabulateEq } from './eq-tables.ts';
import type { Region } from './memory.ts';
import { toMontgomery } from './montgomery.ts';
import { sumParts } from './partial-sums.ts';
import type { ColumnReference } from './plan.ts';
import { type Pool, split } from './pool.ts';

/** Some columns of one height, one after the other. */
interface ColumnGroup {
  readonly offset: number;
  readonly count: number;
}

/** Rows that a job takes at least. */
const GRAIN = 1024;

export class LoadedTable {
  readonly chip: Chip;
  readonly logHeight: number;
  readonly #pool: Pool;
  readonly #main: ColumnGroup;
  readonly #preprocessed: ColumnGroup;
  readonly #closedForms = new Map<number, Region>();

  /** @param main,preprocessed byte offsets of the first columns; the others follow it */
  constructor(pool: Pool, chip: Chip, logHeight: number, main: number, preprocessed: number) {
    this.#pool = pool;
    this.chip = chip;
    this.logHeight = logHeight;
    this.#main = { offset: main, count: chip.mainColumns.length };
    this.#preprocessed = { offset: preprocessed, count: chip.preprocessedColumns.length };
  }

  /** Bytes of a column, and from one to the next. */
  get columnBytes(): number {
    return 4 * 2 ** this.logHeight;
  }

  /** Byte offset of a column; closed forms are written when they are first asked for. */
  column({ kind, index }: ColumnReference): number {
    if (kind === NODE_CLOSED_FORM) return this.#closedForm(index).offset;
    const group = kind === NODE_MAIN ? this.#main : this.#preprocessed;
    return group.offset + index * this.columnBytes;
  }

  #closedForm(index: number): Region {
    const known = this.#closedForms.get(index);
    if (known !== undefined) return known;
    const form = CLOSED_FORMS[index];
    if (form === undefined) throw new RangeError(`no closed form has the index ${index}`);
    const required = closedFormLogHeight(form);
    const defined = required === undefined || required === this.logHeight;
    const region = this.#pool.arena.allocate(`closed form ${form}`, this.columnBytes);
    const words = this.#pool.arena.words(region.offset, 2 ** this.logHeight);
    for (let row = 0; row < words.length; row++) {
      words[row] = defined ? toMontgomery(closedFormAt(form, row)) : 0;
    }
    this.#closedForms.set(index, region);
    return region;
  }

  /** Values of all committed columns at a point of logHeight coordinates. */
  async evaluateAt(point: Point): Promise<{ main: Quintic[]; preprocessed: Quintic[] }> {
    const weights = await tabulateEq(this.#pool, point);
    const main = await this.#dot(this.#main, weights);
    const preprocessed = await this.#dot(this.#preprocessed, weights);
    this.#pool.arena.free(weights.region);
    return { main, preprocessed };
  }

  /** Values of some columns, whatever their kind. */
  async evaluateColumns(columns: readonly ColumnReference[], point: Point): Promise<Quintic[]> {
    const weights = await tabulateEq(this.#pool, point);
    const values: Quintic[] = [];
    for (const column of columns) {
      values.push(...(await this.#dot({ offset: this.column(column), count: 1 }, weights)));
    }
    this.#pool.arena.free(weights.region);
    return values;
  }

  async #dot(
    { offset, count }: ColumnGroup,
    weights: { offset: number; stride: number },
  ): Promise<Quintic[]> {
    if (count === 0) return [];
    const ranges = split(2 ** this.logHeight, 2 * this.#pool.threads, GRAIN);
    return sumParts(this.#pool, ranges, count, (from, to, target) => [
      'dotColumns',
      offset,
      this.columnBytes,
      count,
      weights.offset,
      weights.stride,
      target,
      from,
      to,
    ]);
  }

  /** Gives back what the table allocated itself. */
  free(): void {
    for (const region of this.#closedForms.values()) this.#pool.arena.free(region);
    this.#closedForms.clear();
  }
}
