/** Filled tables: what is proved. */

/** One table: the rows of a chip, in columns of canonical field elements. */
export interface TableInstance {
  /** Index into the constraint program's chips. */
  readonly chip: number;
  readonly logHeight: number;
  /** The parameter of the same name: `imageEnd` and the rows of the chip's instances before. */
  readonly instanceStart: number;
  /** Main columns, 2^logHeight cells each. */
  readonly columns: readonly Uint32Array[];
}

/** The tables of one segment, ordered by chip, then by instance. */
export interface SegmentTables {
  /** 1-based. */
  readonly segment: number;
  readonly instances: readonly TableInstance[];
  /** The preprocessed columns of the chips that have any, by chip name; of the program. */
  readonly preprocessed: ReadonlyMap<string, readonly Uint32Array[]>;
  readonly imageEnd: number;
}
