import {
  CLOSED_FORMS,
  type ClosedForm,
  closedFormAt,
  closedFormLogHeight,
  QuinticField as E,
  instanceParameters,
  type Quintic,
  type SegmentShape,
} from '@vouch/verifier';
import type { Table } from '../table.ts';

/** Columns of a table as vectors over E, so that they can be folded. */
export interface FoldedTable {
  main: Quintic[][];
  preprocessed: Quintic[][];
  closedForms: Quintic[][];
  readonly parameters: readonly Quintic[];
}

export function liftTable(
  table: Table,
  shape: SegmentShape,
  instance: number,
  segment: number,
): FoldedTable {
  const lift = (column: Uint32Array): Quintic[] => Array.from(column, (x) => E.fromBase(x));
  return {
    main: table.main.map(lift),
    preprocessed: table.preprocessed.map(lift),
    closedForms: CLOSED_FORMS.map((form) => closedFormColumn(form, table.logHeight)),
    parameters: instanceParameters(shape, instance, segment),
  };
}

function closedFormColumn(form: ClosedForm, logHeight: number): Quintic[] {
  const required = closedFormLogHeight(form);
  const defined = required === undefined || required === logHeight;
  return Array.from({ length: 2 ** logHeight }, (_, row) =>
    E.fromBase(defined ? closedFormAt(form, row) : 0),
  );
}
