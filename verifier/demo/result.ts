/** What the verifier said, as elements of the page. Text only ever becomes text nodes. */
import type { InspectedReceipt, VerificationError, VerifiedRun } from '@vouch/verifier';
import { node } from './dom.ts';

export const COUNT: Intl.NumberFormat = new Intl.NumberFormat('en');

export function validCard(
  run: VerifiedRun,
  found: InspectedReceipt,
  bytes: number,
  milliseconds: number,
): HTMLElement {
  const facts: readonly [string, string][] = [
    ['Exit code', `${run.exitCode}`],
    ['Cycles', COUNT.format(run.cycles)],
    ['Security', `${run.securityBits.toFixed(1)} bits (${run.parameters})`],
    ['Receipt', kibibytes(bytes)],
    ['Verified in', `${milliseconds.toFixed(0)} ms`],
  ];
  return node('section', { class: 'card good' }, [
    verdict('Valid', 'The program ran as claimed and wrote this journal.'),
    ...journal(run.journal),
    node(
      'dl',
      {},
      facts.map(([term, value]) =>
        node('div', {}, [node('dt', {}, [term]), node('dd', {}, [value])]),
      ),
    ),
    contents(found),
  ]);
}

export function invalidCard(error: VerificationError): HTMLElement {
  const family = error.check.split('/')[0] as string;
  const advice =
    ADVICE[error.check] ?? ADVICE[family] ?? 'The receipt was changed, or never valid.';
  return node('section', { class: 'card bad' }, [
    verdict('Not valid', advice),
    node('h3', {}, ['The check that failed']),
    node('pre', { class: 'mono', id: 'failed-check' }, [error.message]),
  ]);
}

export function problemCard(title: string, text: string): HTMLElement {
  return node('section', { class: 'card bad' }, [verdict(title, text)]);
}

const ADVICE: Readonly<Record<string, string>> = {
  decode: 'The file is damaged, or is no receipt of this version.',
  shape: 'No prover of this version makes such a receipt.',
  'security/bits': 'The receipt has fewer provable bits than you ask for.',
  'statement/machine': 'The receipt was made by another version of Vouch.',
  'statement/mode': 'This receipt has no program id: it is verified with the ELF file itself.',
  'statement/program': 'The receipt is of another program than the one with this id.',
  'statement/public-input': 'The run had another public input.',
  'statement/exit-code': 'The run ended with another exit code.',
};

function verdict(title: string, text: string): HTMLElement {
  return node('div', { class: 'verdict' }, [node('h2', {}, [title]), node('p', {}, [text])]);
}

function journal(bytes: Uint8Array): HTMLElement[] {
  const heading = `Journal, ${COUNT.format(bytes.length)} bytes`;
  const shown = bytes.length === 0 ? 'empty' : (printable(bytes) ?? `0x${hexadecimal(bytes)}`);
  return [node('h3', {}, [heading]), node('pre', { class: 'mono', id: 'journal' }, [shown])];
}

/** Where the bytes of the receipt are. */
function contents(found: InspectedReceipt): HTMLElement {
  const parts = found.segments.flatMap(({ parts }) => parts);
  const groups = new Map<string, number>([['claim and headers', found.headerBytes]]);
  for (const { name, bytes } of parts) {
    const group = name.replace(/ (rows|siblings|sumcheck)$/, '');
    groups.set(group, (groups.get(group) ?? 0) + bytes);
  }
  const tables = found.segments.flatMap(({ tables }) => tables);
  const rows = [...groups].map(([name, bytes]) =>
    node('tr', {}, [node('td', {}, [name]), node('td', {}, [`${COUNT.format(bytes)} bytes`])]),
  );
  const about =
    `The proof is about ${tables.length} tables with ${COUNT.format(found.segments.reduce((sum, { cells }) => sum + cells, 0))} ` +
    'cells. It takes:';
  return node('details', {}, [
    node('summary', {}, ['What is in the receipt']),
    node('p', { class: 'hint' }, [about]),
    node('table', {}, [node('tbody', {}, rows)]),
  ]);
}

/** The text that the bytes are, if they are text without control characters. */
export function printable(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /(?![\t\n])[\p{Cc}\p{Cf}]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

export function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function kibibytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
