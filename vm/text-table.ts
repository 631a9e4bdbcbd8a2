/**
 * Lines of cells in columns: the first `right` columns are aligned to the right, the others to the
 * left. Every line ends with a line feed.
 */
export function textTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  right: number,
): string {
  const lines = [heading, ...rows];
  const widths = heading.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const text = lines.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < right ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}
