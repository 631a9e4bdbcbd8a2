/** Filled tables: what is proved. */

/** One table: the rows of a chip, in columns of canonical field elements. */
export interface TableInstance {
  /** Index into the constraint program's chips. */
  readonly chip: number;
  readonly logHeight: number;
  /** The parameter of the same name: `imageEnd` and the rows of the chip's instances before. */
  readonly instanceStart: number;
  /** Committed columns, 2^logHeight cells each. */
  readonly main: readonly Uint32Array[];
  /** Columns of the program; empty for chips that have none. */
  readonly preprocessed: readonly Uint32Array[];
}

/** The tables of one segment, ordered by chip, then by instance. */
export interface SegmentTables {
  /** 1-based. */
  readonly segment: number;
  readonly instances: readonly TableInstance[];
}
