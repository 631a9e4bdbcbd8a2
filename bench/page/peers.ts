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
    'Measured on the same machine with the same inputs and as many threads; a row whose output is another',
    'than the guest’s, or whose proof is refused, is a failure. End to end begins with the input and ends with',
    'the proof; that of Vouch has its set-up and a verification in it. Prove begins with the witness where that is',
    'made apart, of Vouch with the filled tables. Medians of three proofs after one that warms up; set-ups are made',
    'once. Peak memory has the set-up in it where that was in the same process. A limit of time holds for the',
    'set-up, and for all four proofs together.\n',
    '- Peers prove a circuit that was written for the one computation, Vouch proves a compiled C program.',
    '- Their product of matrices is one in a field, which is reduced to 32 bits outside of the proof; that of',
    '  Vouch is one of 32-bit words.',
    '- snarkjs runs in WebAssembly, as it does in a page too; there are native provers for its circuits, which',
    '  are quicker. Circuits of circom have two public numbers instead of 256 bits, whose keys are smaller.',
    '- Barretenberg is a nightly version that takes a reference string of one’s own; later ones load one from',
    '  the network. Noir’s circuit is adapted to its format.',
    '- The proofs of all peers hide the private input, those of Vouch do not.',
    '- Keys of snarkjs and Noir are from secrets that were known on this machine, which costs prover and',
    '  verifier the same as keys from a ceremony and gives no security. Making the reference string is not in',
    '  the set-up. Vouch and o1js need no such string.\n',
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
    'Not measured here, on other hardware, at the security levels of their sources, most of them conjectured.\n',
    ...groups.map(
      ({ title, source, hardware, columns, rows }) =>
        `### ${title} (published)\n\n${source}; hardware: ${hardware}.\n\n${markdownTable(columns, rows)}\n`,
    ),
  ].join('\n');
}
