/** The page that uploads a program, runs it, or submits a job. */

import { element, node } from '../../../verifier/demo/dom.ts';
import { onFile } from '../../../verifier/demo/dropped-file.ts';
import { FieldError } from '../../../verifier/demo/form.ts';
import { hexadecimal, printable, problemCard } from '../../../verifier/demo/result.ts';
import type { ExecutionReport, ExecutionRequest } from '../../client/index.ts';
import { barChart, facts } from './charts.ts';
import { flameGraph } from './flame-graph.ts';
import { byteSize, count, duration, percent } from './format.ts';
import { saveFile } from './save-file.ts';
import { attempt, beginPage, client } from './session.ts';

let elf: Uint8Array | undefined;

const buttons = [element<HTMLButtonElement>('prove'), element<HTMLButtonElement>('run')];
const report = element('report');

beginPage('new');
onFile(async (file) => {
  elf = new Uint8Array(await file.arrayBuffer());
  element('drop-title').textContent = file.name;
  element('drop-text').textContent = byteSize(file.size);
  element('drop').classList.add('full');
  report.replaceChildren();
  for (const button of buttons) button.disabled = false;
});
element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void work(prove);
});
buttons[1]?.addEventListener('click', () => void work(run));

/** One thing at a time. */
async function work(action: (request: ExecutionRequest) => Promise<void>): Promise<void> {
  for (const button of buttons) button.disabled = true;
  report.replaceChildren();
  await attempt(async () => {
    try {
      const inputs = { publicInput: bytesOf('public'), privateInput: bytesOf('private') };
      const { id: program } = await client().uploadProgram(elf ?? new Uint8Array(0));
      await action({ program, ...inputs });
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      report.replaceChildren(problemCard('Not sent', error.message));
      element(error.field).focus();
    }
  });
  for (const button of buttons) button.disabled = false;
}

async function prove(request: ExecutionRequest): Promise<void> {
  const security = element<HTMLSelectElement>('security').value as 'S120' | 'S100';
  const { id } = await client().prove({ ...request, security });
  location.href = `/jobs/${id}`;
}

async function run(request: ExecutionRequest): Promise<void> {
  const found = await client().execute({ ...request, profile: true });
  report.replaceChildren(
    outcomeCard(found, request.program),
    node('section', { class: 'card' }, [node('h2', {}, ['What the cycles were']), classes(found)]),
    ...flameCard(found),
  );
}

function outcomeCard(found: ExecutionReport, program: string): HTMLElement {
  const { outcome, journal, cycles, estimate } = found;
  const shown =
    journal.length === 0 ? 'empty' : (printable(journal) ?? `0x${hexadecimal(journal)}`);
  const isTrap = outcome.kind === 'trap';
  return node('section', { class: 'card', id: 'outcome' }, [
    node('h2', {}, [isTrap ? `Trapped: ${outcome.trap.message}` : `Exit code ${outcome.code}`]),
    node('pre', { class: 'mono', id: 'journal' }, [shown]),
    node('p', { class: 'hint' }, [`Journal, ${count(journal.length)} bytes`]),
    node('div', { class: 'field' }, [
      facts([
        ['Cycles', count(cycles)],
        ['Proof', estimate && `about ${duration(estimate.milliseconds)}`],
        ['Segments', estimate && count(estimate.segments)],
        ['Memory', estimate && byteSize(estimate.memoryBytes)],
        ['Receipt', estimate && byteSize(estimate.receiptBytes)],
        ['Program id', program, 'wide'],
      ]),
    ]),
  ]);
}

function classes({ statistics }: ExecutionReport): HTMLElement {
  const { cycles } = statistics;
  const found = Object.entries(statistics.classes).filter(([, value]) => value > 0);
  const bars = found
    .sort(([, a], [, b]) => b - a)
    .map(([name, value]) => ({ name, value, text: percent(value / Math.max(1, cycles)) }));
  return barChart(bars);
}

function flameCard({ profile }: ExecutionReport): HTMLElement[] {
  if (profile === undefined || profile === '') return [];
  const save = node('button', { type: 'button', class: 'small plain' }, ['Save collapsed stacks']);
  save.addEventListener('click', () => saveFile('profile.collapsed.txt', profile));
  return [
    node('section', { class: 'card', id: 'flame' }, [
      node('div', { class: 'flame-head' }, [
        node('h2', {}, ['Where the cycles went']),
        node('p', { class: 'hint' }, ['Choose a function to widen it; Escape shows all.']),
      ]),
      flameGraph(profile),
      node('div', { class: 'buttons' }, [save]),
    ]),
  ];
}

/** @throws FieldError */
function bytesOf(name: string): Uint8Array {
  const { value } = element<HTMLInputElement>(name);
  if (element<HTMLSelectElement>(`${name}-kind`).value === 'text') {
    return new TextEncoder().encode(value);
  }
  const digits = value.trim().replace(/^0x/i, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) {
    throw new FieldError(name, 'Bytes are written as two digits 0-9, a-f each.');
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
