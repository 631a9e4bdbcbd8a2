/** A filled table of one chip instance: what the prover proves things about. */
export interface Table {
  /** Index into `ConstraintProgram.chips`. */
  readonly chip: number;
  readonly logHeight: number;
  /** Columns of 2^logHeight canonical elements. */
  readonly main: readonly Uint32Array[];
  readonly preprocessed: readonly Uint32Array[];
}
