/** What is in a receipt: its tables, its bytes, the terms of its security. Nothing of it is verified. */
import type { InspectedReceipt } from '@vouch/verifier';
import { node } from '../../../verifier/demo/dom.ts';
import { hexadecimal } from '../../../verifier/demo/result.ts';
import { barChart, facts } from './charts.ts';
import { byteSize, count, percent } from './format.ts';

const MOST_TERMS = 12;

export function inspection(found: InspectedReceipt): HTMLElement[] {
  return [
    node('h2', {}, ['What the receipt says']),
    card('Claim', [claim(found)]),
    card('Tables: cells of each chip', [chips(found)]),
    card('Bytes', [bytes(found)]),
    card(`Security: ${found.security.bits.toFixed(2)} provable bits, the least of`, [terms(found)]),
  ];
}

function card(title: string, children: readonly HTMLElement[]): HTMLElement {
  return node('section', { class: 'card' }, [node('h3', {}, [title]), ...children]);
}

function claim({
  claim: claimed,
  programId,
  parameters,
  segments,
  bytes: size,
}: InspectedReceipt): HTMLElement {
  const { program, publicInput, exitCode, journal, machine } = claimed;
  return facts([
    ['Exit code', String(exitCode)],
    ['Cycles', count(segments.reduce((sum, { cycles }) => sum + cycles, 0))],
    ['Segments', count(segments.length)],
    ['Receipt', byteSize(size)],
    ['Parameters', parameters],
    ['Public input', `${count(publicInput.length)} bytes`],
    ['Journal', `${count(journal.length)} bytes`],
    [program.mode === 'id' ? 'Program id' : 'Program digest', hexadecimal(programId), 'wide'],
    ['SHA-256 of the public input', hexadecimal(publicInput.digest), 'wide'],
    ['Machine', hexadecimal(machine), 'wide'],
  ]);
}

/** Cells of the main columns, padding included, of all segments. */
function chips({ segments }: InspectedReceipt): HTMLElement {
  const cells = new Map<string, number>();
  for (const { tables } of segments) {
    for (const { chip, logHeight, mainColumns } of tables) {
      cells.set(chip, (cells.get(chip) ?? 0) + mainColumns * 2 ** logHeight);
    }
  }
  return barChart(
    [...cells]
      .filter(([, value]) => value > 0)
      .sort(([, a], [, b]) => b - a)
      .map(([name, value]) => ({ name, value, text: count(value) })),
  );
}

function bytes(found: InspectedReceipt): HTMLElement {
  const groups = new Map<string, number>([['claim and headers', found.headerBytes]]);
  for (const { name, bytes: size } of found.segments.flatMap(({ parts }) => parts)) {
    groups.set(name, (groups.get(name) ?? 0) + size);
  }
  return barChart(
    [...groups].map(([name, value]) => ({
      ...{ name, value },
      text: `${count(value)}, ${percent(value / found.bytes)}`,
    })),
  );
}

function terms({ security }: InspectedReceipt): HTMLElement {
  const sorted = [...security.terms].sort((a, b) => a.bits - b.bits).slice(0, MOST_TERMS);
  const rows = sorted.map(({ name, bits }) =>
    node('tr', {}, [node('td', {}, [name]), node('td', { class: 'number' }, [bits.toFixed(2)])]),
  );
  return node('table', {}, [node('tbody', {}, rows)]);
}
