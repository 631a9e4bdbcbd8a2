/** The page of one job, which follows it until it has ended. */

import { element, node } from '../../../verifier/demo/dom.ts';
import { hexadecimal, printable } from '../../../verifier/demo/result.ts';
import { hasEnded, type Job } from '../../client/index.ts';
import { facts, stackedBar } from './charts.ts';
import { byteSize, count, duration, moment } from './format.ts';
import { stageText } from './progress.ts';
import { saveFile } from './save-file.ts';
import { attempt, beginPage, client } from './session.ts';
import { timeline } from './timeline.ts';

const id = decodeURIComponent(location.pathname.split('/').at(-1) ?? '');
const cancel = element<HTMLButtonElement>('cancel');

beginPage('jobs');
element('job-id').textContent = id;
cancel.addEventListener('click', () => void attempt(async () => show(await client().cancel(id))));
void attempt(async () => {
  show(await client().job(id));
  for await (const { job } of client().watch(id)) show(job);
});

function show(job: Job): void {
  const { state, failure, journal, receipt, statistics } = job;
  const badge = element('state');
  badge.className = `badge ${state}`;
  badge.textContent = state;
  document.title = `${state} - Vouch`;
  cancel.hidden = hasEnded(job);
  showProgress(job);
  element('facts').replaceChildren(figures(job));
  fill(
    'failure',
    failure && [
      node('h2', {}, ['Why there is no receipt']),
      node('p', {}, [failure.message]),
      node('p', { class: 'hint' }, [`${failure.code}. What helps: ${failure.remedy}`]),
    ],
  );
  fill(
    'journal-card',
    journal && [
      node('h2', {}, [`Journal, ${count(journal.length)} bytes`]),
      node('pre', { class: 'mono', id: 'journal' }, [
        journal.length === 0 ? 'empty' : (printable(journal) ?? `0x${hexadecimal(journal)}`),
      ]),
      node('p', { class: 'hint' }, ['The service says so. The receipt proves it.']),
    ],
  );
  fill('receipt', receipt && receiptSection(receipt));
  const tasks = statistics?.tasks ?? [];
  fill(
    'timeline',
    tasks.length === 0 ? undefined : [node('h2', {}, ['Tasks']), ...timeline(tasks)],
  );
  const stages = statistics?.stages ?? [];
  fill(
    'stages',
    stages.length === 0
      ? undefined
      : [
          node('h2', {}, ['Stages of the proof']),
          ...stackedBar(
            stages.map(({ stage, milliseconds }) => ({
              name: stage,
              value: milliseconds,
              text: duration(milliseconds),
            })),
          ),
        ],
  );
}

function showProgress({ state, progress }: Job): void {
  const done = state === 'succeeded' ? 1 : progress.done;
  const bar = element('bar');
  bar.setAttribute('aria-valuenow', (100 * done).toFixed(0));
  element('bar-done').style.width = `${100 * done}%`;
  const texts: Partial<Record<Job['state'], string>> = {
    queued: 'Waits for a worker.',
    succeeded: 'Done. The service has verified the receipt.',
    failed: 'Has failed.',
    cancelled: 'Was cancelled.',
  };
  element('stage').textContent = texts[state] ?? stageText(progress);
}

function figures(job: Job): HTMLElement {
  const { request, createdAt, startedAt, endedAt, outcome, cycles, statistics } = job;
  const { program, security, priority } = request;
  const time = startedAt === undefined ? undefined : (endedAt ?? Date.now()) - startedAt;
  return facts([
    ['Submitted', moment(createdAt)],
    ['Worked on', time === undefined ? undefined : duration(time)],
    ['Exit code', outcome?.kind === 'exit' ? String(outcome.code) : undefined],
    ['Trap', outcome?.kind === 'trap' ? outcome.trap.cause : undefined],
    ['Cycles', cycles === undefined ? undefined : count(cycles)],
    ['Segments', statistics === undefined ? undefined : count(statistics.segments)],
    ['Cells', statistics === undefined ? undefined : count(statistics.cells)],
    [
      'Security',
      statistics === undefined
        ? security
        : `${statistics.securityBits.toFixed(1)} bits (${security})`,
    ],
    ['Priority', String(priority)],
    ['Program', program, 'wide'],
  ]);
}

function receiptSection({ sha256, bytes }: NonNullable<Job['receipt']>): HTMLElement[] {
  const save = node('button', { type: 'button', class: 'small plain', id: 'save' }, ['Save']);
  save.addEventListener('click', () => void attempt(() => saveReceipt(sha256)));
  const verify = node(
    'a',
    { class: 'button', href: `/receipt?sha256=${sha256}`, id: 'verify-receipt' },
    ['Verify in this browser'],
  );
  return [
    node('h2', {}, [`Receipt, ${byteSize(bytes)}`]),
    node('p', { class: 'mono id' }, [sha256]),
    node('div', { class: 'buttons' }, [verify, save]),
  ];
}

async function saveReceipt(sha256: string): Promise<void> {
  saveFile(`${sha256.slice(0, 16)}.receipt`, await client().receipt(sha256));
}

/** Shows a section, or hides it where there is nothing to show. */
function fill(name: string, children: readonly HTMLElement[] | undefined): void {
  const section = element(name);
  section.hidden = children === undefined;
  if (children === undefined) return;
  const focused = document.activeElement?.id;
  section.replaceChildren(...children);
  if (focused) document.getElementById(focused)?.focus();
}
