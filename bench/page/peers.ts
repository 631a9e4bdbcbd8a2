/** The page's part on other systems: measured beside Vouch, and published. */
import { readFile } from 'node:fs/promises';
import type { ResultRecord } from '../records.ts';
import type { Sample } from '../sample.ts';
import { digits, markdownTable, spread } from './markdown.ts';

/** Figures that others published: `data/published.json`. */
export interface Published {
  readonly groups: readonly {
    readonly title: string;
    readonly source: string;
    readonly hardware: string;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly string[])[];
  }[];
}

export async function readPublished(): Promise<Published> {
  const file = new URL('../../../bench/data/published.json', import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')) as Published;
}

export function peerSection(records: readonly ResultRecord[]): string {
  const titles = [...new Set(records.map(({ title }) => title))];
  const kinds = new Map(
    records.flatMap(({ system, figures }) =>
      figures === undefined ? [] : [[system, String(figures.security)] as const],
    ),
  );
  return [
    '## What a TypeScript program could use instead\n',
    'Measured on the same machine with the same inputs; a row whose output is another than the guest’s is',
    'a failure. End to end begins with the input and ends with the proof. Peers prove a circuit that was',
    'written for the one computation, Vouch proves a compiled C program. Their keys were made on this',
    'machine with a known secret, which costs prover and verifier the same as keys from a ceremony and',
    'gives no security; peak memory of a peer includes its set-up where that was in the same process.\n',
    ...titles.map((title) => {
      const rows = records.filter((record) => record.title === title);
      return `### ${title}\n\n${peerTable(rows)}\n`;
    }),
    ...[...kinds].map(([system, kind]) => `- Security of ${system}: ${kind}`),
    '',
  ].join('\n');
}

function peerTable(rows: readonly ResultRecord[]): string {
  return markdownTable(
    [
      ...[
        'system',
        'end to end ms',
        'prove ms',
        'set-up ms',
        'verify ms',
        'proof bytes',
        'peak MiB',
      ],
      ...['bits', 'versions'],
    ],
    rows.map(({ system, program, figures, failure }) => {
      const versions = system === 'vouch' ? '' : program;
      if (figures === undefined)
        return [system, `failed: ${failure}`, '', '', '', '', '', '', versions];
      return [
        system,
        ...['end_to_end_ms', 'prove_ms', 'setup_ms', 'verify_ms'].map((name) =>
          spread(figures[name] as Sample),
        ),
        Number(figures.proof_bytes).toLocaleString('en-US'),
        digits(Number(figures.peak_rss) / 2 ** 20),
        Number(figures.security_bits).toFixed(0),
        versions,
      ];
    }),
  );
}

export function publishedSection({ groups }: Published): string {
  return [
    '## What others publish\n',
    'Not measured here, and on other hardware.\n',
    ...groups.map(
      ({ title, source, hardware, columns, rows }) =>
        `### ${title} (published)\n\n${source}; hardware: ${hardware}.\n\n${markdownTable(columns, rows)}\n`,
    ),
  ].join('\n');
}
