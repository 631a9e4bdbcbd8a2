/** The page of all jobs: those that are worked on are watched, the others asked for now and then. */

import { element, node } from '../../../verifier/demo/dom.ts';
import { hasEnded, type Job, type JobState } from '../../client/index.ts';
import { byteSize, count, duration, moment } from './format.ts';
import { stageText } from './progress.ts';
import { attempt, beginPage, client } from './session.ts';

/** A browser has six connections to a server; streams must leave some. */
const MOST_WATCHED = 3;
const ASK_MILLISECONDS = 5000;
const PAGE = 20;

const list = element('jobs');
const filter = element<HTMLSelectElement>('state');
const older = element<HTMLButtonElement>('older');
const rows = new Map<string, HTMLElement>();
const watched = new Set<string>();
let pages: Job[] = [];
let next: string | undefined;
let limit = PAGE;

beginPage('jobs');
filter.addEventListener('change', () => void attempt(refresh));
older.addEventListener('click', () => {
  limit += PAGE;
  void attempt(refresh);
});
setInterval(() => {
  if (document.visibilityState === 'visible') void attempt(refresh);
}, ASK_MILLISECONDS);
void attempt(refresh);

async function refresh(): Promise<void> {
  const state = filter.value as JobState | '';
  const found: Job[] = [];
  let cursor: string | undefined;
  do {
    const page = await client().jobs({
      ...(state !== '' && { state }),
      ...(cursor !== undefined && { cursor }),
      limit: PAGE,
    });
    found.push(...page.jobs);
    cursor = page.next;
  } while (cursor !== undefined && found.length < limit);
  pages = found;
  next = cursor;
  show();
  for (const job of pages) if (!hasEnded(job)) void watch(job.id);
}

function show(): void {
  const shown = new Set(pages.map(({ id }) => id));
  for (const id of rows.keys()) if (!shown.has(id)) rows.delete(id);
  list.replaceChildren(...pages.map(row));
  element('empty').hidden = pages.length > 0;
  older.hidden = next === undefined;
}

async function watch(id: string): Promise<void> {
  if (watched.size >= MOST_WATCHED || watched.has(id)) return;
  watched.add(id);
  try {
    for await (const { job } of client().watch(id)) {
      pages = pages.map((other) => (other.id === id ? job : other));
      rows.get(id)?.replaceWith(row(job));
    }
  } catch {
    // The next refresh says what is wrong, if it still is.
  } finally {
    watched.delete(id);
  }
}

function row(job: Job): HTMLElement {
  const { id, state, request, createdAt, progress } = job;
  const bar = node('div', {}, []);
  bar.style.width = `${100 * progress.done}%`;
  const isRunning = state === 'running';
  const created = node('a', { class: 'job', href: `/jobs/${id}` }, [
    node('span', {}, [node('span', { class: `badge ${state}` }, [state])]),
    node('span', { class: 'what' }, [
      'program ',
      node('span', { class: 'mono' }, [request.program.slice(0, 12)]),
    ]),
    node('span', { class: 'progress' }, [
      ...(isRunning ? [node('div', { class: 'bar' }, [bar])] : []),
      node('span', { class: 'hint' }, [isRunning ? stageText(progress) : outcomeText(job)]),
    ]),
    node('span', { class: 'when faint' }, [moment(createdAt)]),
  ]);
  rows.set(id, created);
  return created;
}

function outcomeText({ state, cycles, receipt, startedAt, endedAt, failure }: Job): string {
  if (state === 'queued') return 'waits for a worker';
  if (state === 'failed') return failure?.message ?? 'no reason is known';
  if (state === 'cancelled') return '';
  const time =
    startedAt !== undefined && endedAt !== undefined ? duration(endedAt - startedAt) : '';
  return `${count(cycles ?? 0)} cycles in ${time}, receipt ${byteSize(receipt?.bytes ?? 0)}`;
}
