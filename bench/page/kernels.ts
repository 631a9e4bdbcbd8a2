/** The page's part on single operations. */
import type { KernelReferences } from '../kernels.ts';
import type { ResultRecord } from '../records.ts';
import { digits, markdownTable } from './markdown.ts';

export function kernelSection(
  records: readonly ResultRecord[],
  { source, rows }: KernelReferences,
): string {
  const table = markdownTable(
    ['operation', 'ns', 'by design', 'ratio'],
    records.map(({ name, figures, failure }) => {
      const ns = Number(figures?.ns);
      const design = rows.find((row) => row.name === name)?.ns;
      if (failure !== undefined) return [name, failure, '', ''];
      if (design === undefined) return [name, digits(ns), '', ''];
      return [name, digits(ns), String(design), digits(ns / design)];
    }),
  );
  return [
    '## Single operations\n',
    'Nanoseconds of one operation in one thread, the least of several runs. By design stands',
    `${source}.\n`,
    `${table}\n`,
  ].join('\n');
}
