/** When each task of a job was worked on, and by whom: a lane for each worker. */

import { node } from '../../../verifier/demo/dom.ts';
import type { JobStatistics } from '../../service/service.ts';
import { colourOf } from './charts.ts';
import { duration } from './format.ts';

type Task = JobStatistics['tasks'][number];

const KINDS: readonly Task['kind'][] = ['execute', 'commit', 'challenge', 'prove', 'finish'];
/** Parts of the scale; on narrow screens every other of its marks is hidden. */
const MARKS = 4;

/** The chart, and what it says as a list for who cannot see it. */
export function timeline(tasks: readonly Task[]): HTMLElement[] {
  const start = Math.min(...tasks.map(({ startedAt }) => startedAt));
  const length = Math.max(1, ...tasks.map(({ endedAt }) => endedAt - start));
  const workers = [...new Set(tasks.map(({ worker }) => worker))].sort();
  const lanes = workers.map((worker) =>
    node('div', { class: 'lane' }, [
      node('span', { class: 'worker' }, [worker]),
      node(
        'div',
        { class: 'track' },
        tasks.filter((task) => task.worker === worker).map((task) => bar(task, start, length)),
      ),
    ]),
  );
  const marks = Array.from({ length: MARKS + 1 }, (_, mark) =>
    node('span', {}, [duration((length * mark) / MARKS)]),
  );
  const chart = node(
    'div',
    {
      ...{ class: 'timeline', role: 'img' },
      'aria-label': `${tasks.length} tasks of ${workers.length} workers in ${duration(length)}`,
    },
    [...lanes, node('div', { class: 'marks' }, marks)],
  );
  const kinds = KINDS.filter((kind) => tasks.some((task) => task.kind === kind));
  const legend = kinds.map((kind) => {
    const of = tasks.filter((task) => task.kind === kind);
    const time = of.reduce((sum, { startedAt, endedAt }) => sum + endedAt - startedAt, 0);
    return node('li', { class: colourOf(KINDS.indexOf(kind)) }, [`${kind} ${duration(time)}`]);
  });
  const list = node('details', {}, [
    node('summary', {}, ['All tasks']),
    node(
      'ul',
      {},
      tasks.map((task) => node('li', {}, [`${task.worker}: ${sentence(task)}`])),
    ),
  ]);
  return [chart, node('ul', { class: 'legend' }, legend), list];
}

function bar(task: Task, start: number, length: number): HTMLElement {
  const created = node(
    'div',
    { class: `task ${colourOf(KINDS.indexOf(task.kind))}`, title: sentence(task) },
    [],
  );
  created.style.left = `${(100 * (task.startedAt - start)) / length}%`;
  created.style.width = `${(100 * (task.endedAt - task.startedAt)) / length}%`;
  return created;
}

function sentence({ kind, segment, startedAt, endedAt, attempt }: Task): string {
  const of = segment > 0 ? ` segment ${segment}` : '';
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  return `${kind}${of}, ${duration(endedAt - startedAt)}${again}`;
}
