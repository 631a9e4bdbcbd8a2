/**
 * Coefficients of a linear model: those with which the sum of the squares of the errors is least.
 *
 * @param rows values of the model's terms, one row for each measurement
 * @param measured what the sum of terms times coefficients should be, one for each row
 */
export function leastSquares(
  rows: readonly (readonly number[])[],
  measured: readonly number[],
): number[] {
  const count = rows[0]?.length ?? 0;
  const dot = (of: (row: readonly number[], i: number) => number): number =>
    rows.reduce((sum, row, i) => sum + of(row, i), 0);
  // The normal equations, each followed by its right side.
  const system = Array.from({ length: count }, (_, j) => [
    ...Array.from({ length: count }, (_, k) => dot((row) => at(row, j) * at(row, k))),
    dot((row, i) => at(row, j) * at(measured, i)),
  ]);
  for (let pivot = 0; pivot < count; pivot++) {
    const best = system.reduce(
      (found, row, i) =>
        i >= pivot && Math.abs(at(row, pivot)) > Math.abs(at(system[found] ?? [], pivot))
          ? i
          : found,
      pivot,
    );
    const pivotRow = system[best] as number[];
    [system[best], system[pivot]] = [system[pivot] as number[], pivotRow];
    for (const [i, row] of system.entries()) {
      if (i === pivot) continue;
      const factor = at(row, pivot) / at(pivotRow, pivot);
      system[i] = row.map((value, k) => value - factor * at(pivotRow, k));
    }
  }
  return system.map((row, j) => at(row, count) / at(row, j));
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN;
}
