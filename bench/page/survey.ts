/** The page's part on the survey's table. */
import { PROOF_STAGES } from '../../api/index.ts';
import type { Guest } from '../../guests/index.ts';
import type { Papers } from '../papers.ts';
import type { ResultRecord } from '../records.ts';
import type { TableFigures } from '../table.ts';
import { digits, markdownTable, securityText, spread, times } from './markdown.ts';

/** The program of the survey's comparison: the product of 128 x 128 matrices of 64 bits. */
const SURVEY_PROGRAM = 'C4';

interface Row {
  readonly record: ResultRecord;
  readonly tier: string;
  readonly figures: TableFigures;
}

export function surveySection(
  records: readonly ResultRecord[],
  guests: readonly Guest[],
  papers: Papers,
): string {
  const rows: Row[] = records.flatMap((record) => {
    const tier = guests.find(({ name }) => name === record.name)?.tier ?? '-';
    const figures = record.figures as TableFigures | undefined;
    return figures === undefined ? [] : [{ record, tier, figures }];
  });
  const failures = records.flatMap(({ name, title, failure }) =>
    failure === undefined ? [] : [`- ${name}, ${title}: ${failure}`],
  );
  return [
    '## The table of the survey\n',
    'What Walfish and Blumberg compare ("Verifying computations without reexecuting them", CACM 2015),',
    'for the examples and the programs of the papers. Native is the same C source, `gcc -O2`, on this machine.',
    'The set-up commits to the program and serves all its runs; a verifier keeps 32 bytes of it. Medians, with',
    'the smallest and the largest of several runs in parentheses. Tier 0 is of programs below 2^14 cycles,',
    'A 2^17, B 2^22; a sweep has the smaller sizes through which Figure 8 of Zaatar steps.\n',
    `${costTable(rows)}\n`,
    ...(failures.length === 0 ? [] : ['Rows that failed:\n', `${failures.join('\n')}\n`]),
    '### The proofs\n',
    `${proofTable(rows)}\n`,
    '### Where the time goes\n',
    'Milliseconds of each stage.\n',
    `${stageTable(rows)}\n`,
    "### The papers' proofs\n",
    'What the papers report for the same programs, on their machines of their time. The ratio of the times',
    'is of systems and of hardware together, whose security levels differ; times of Zaatar and Pantry are of the',
    'processor, those of Vouch of the clock, with as many threads as stand above.\n',
    `${paperTable(rows, papers)}\n`,
    ...Object.entries(papers.hardware).map(([source, hardware]) => `- ${source}: ${hardware}`),
    '',
    ...comparison(rows, papers),
  ].join('\n');
}

function costTable(rows: readonly Row[]): string {
  return markdownTable(
    [
      ...['', 'program', 'native µs', 'interpreter µs', 'set-up ms', 'prove ms', 'prove / native'],
      ...['verify ms', 'break-even'],
    ],
    rows.map(({ record, tier, figures }) => [
      `${tier} ${record.name}`,
      record.title,
      figures.native_us === undefined ? (figures.native_failure ?? '') : spread(figures.native_us),
      spread(figures.interp_us),
      spread(figures.setup_ms),
      spread(figures.prove_ms),
      figures.prover_over_native === undefined ? '' : times(figures.prover_over_native),
      spread(figures.verify_ms),
      String(figures.break_even ?? ''),
    ]),
  );
}

function proofTable(rows: readonly Row[]): string {
  return markdownTable(
    [
      ...['', 'cycles', 'segments', 'cells / cycle', 'interactions / cycle', 'kHz', 'receipt KiB'],
      ...['peak MiB', 'security', 'runs'],
    ],
    rows.map(({ record, figures }) => [
      record.name,
      figures.cycles.toLocaleString('en-US'),
      String(figures.segments),
      digits(figures.cells / figures.cycles),
      digits(figures.interactions / figures.cycles),
      digits(figures.prover_hz / 1000),
      digits(figures.proof_bytes / 1024),
      digits(figures.peak_rss / 2 ** 20),
      securityText(figures),
      String(figures.prove_ms.runs),
    ]),
  );
}

function stageTable(rows: readonly Row[]): string {
  return markdownTable(
    ['', ...PROOF_STAGES],
    rows.map(({ record }) => [
      record.name,
      ...PROOF_STAGES.map((stage) => {
        const time = record.stages_ms?.[stage];
        return time === undefined ? '' : digits(time.median);
      }),
    ]),
  );
}

function paperTable(rows: readonly Row[], { rows: papers }: Papers): string {
  return markdownTable(
    [
      ...['', 'system', 'native µs', 'set-up s', 'prove s', 'prove / native', 'verify µs'],
      ...['Vouch prove s', 'ratio', 'source'],
    ],
    rows.flatMap(({ record, figures: { prove_ms: prove } }) =>
      papers
        .filter(({ guest }) => guest === record.name)
        .map(({ system, native_us, setup_s, prove_s, verify_us, source }) => [
          record.name,
          system,
          native_us === undefined ? '' : digits(native_us),
          setup_s === undefined ? '' : digits(setup_s),
          digits(prove_s),
          native_us === undefined ? '' : times((1e6 * prove_s) / native_us),
          verify_us === undefined ? '' : digits(verify_us),
          digits(prove.median / 1000),
          digits((1000 * prove_s) / prove.median),
          source,
        ]),
    ),
  );
}

/** The survey's own comparison of systems, with Vouch as one more. */
function comparison(rows: readonly Row[], { survey }: Papers): string[] {
  const found = rows.find(({ record }) => record.name === SURVEY_PROGRAM);
  const own =
    found?.figures.native_us === undefined
      ? []
      : [
          [
            `Vouch, measured here, native ${digits(found.figures.native_us.median / 1000)} ms`,
            digits(found.figures.verify_ms.median),
            `${digits(found.figures.setup_ms.median)} ms`,
            String(found.figures.break_even ?? ''),
            times(found.figures.prover_over_native ?? 0),
          ],
        ];
  return [
    "### The survey's systems\n",
    `${survey.source}. Values marked ~ are read off charts.\n`,
    markdownTable(
      ['system', 'verify ms', 'set-up', 'break-even', 'prove / native'],
      [
        ...survey.rows.map((row) => [
          ...[row.system, row.verify_ms, row.setup, row.break_even, row.overhead],
        ]),
        ...own,
      ],
    ),
    '',
  ];
}
