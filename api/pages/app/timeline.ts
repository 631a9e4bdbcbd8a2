/** When each task of a job was worked on, and by whom: a lane for each worker. */

import { node } from '../../../verifier/demo/dom.ts';
import type { JobStatistics } from '../../service/service.ts';
import { colourOf } from './charts.ts';
import { duration } from './format.ts';

type Task = JobStatistics['tasks'][number];

const KINDS: readonly Task['kind'][] = ['execute', 'commit', 'challenge', 'prove', 'finish'];
const WIDTH = 900;
const LABELS = 130;
const LANE = 26;
const MARKS = 5;

/** The chart, and what it says as a list for who cannot see it. */
export function timeline(tasks: readonly Task[]): HTMLElement[] {
  const start = Math.min(...tasks.map(({ startedAt }) => startedAt));
  const length = Math.max(1, ...tasks.map(({ endedAt }) => endedAt - start));
  const workers = [...new Set(tasks.map(({ worker }) => worker))].sort();
  const height = LANE * workers.length + 24;
  const x = (time: number): number => LABELS + ((WIDTH - LABELS - 10) * time) / length;
  const chart = shape('svg', {
    class: 'chart',
    viewBox: `0 0 ${WIDTH} ${height}`,
    role: 'img',
    'aria-label': `${tasks.length} tasks of ${workers.length} workers in ${duration(length)}`,
  });
  for (let mark = 0; mark <= MARKS; mark++) {
    const at = x((length * mark) / MARKS);
    const anchor = mark === MARKS ? 'end' : mark === 0 ? 'start' : 'middle';
    chart.append(
      shape('line', { x1: at, x2: at, y1: 0, y2: LANE * workers.length }),
      shape(
        'text',
        { x: at, y: height - 6, 'text-anchor': anchor },
        duration((length * mark) / MARKS),
      ),
    );
  }
  workers.forEach((worker, lane) => {
    chart.append(shape('text', { x: 0, y: LANE * lane + 17 }, shortened(worker)));
    for (const task of tasks.filter((found) => found.worker === worker)) {
      const from = x(task.startedAt - start);
      const width = Math.max(2, x(task.endedAt - start) - from - 1);
      const kind = colourOf(KINDS.indexOf(task.kind));
      const bar = shape('rect', {
        ...{ x: from, y: LANE * lane + 3, width, height: LANE - 6, rx: 3, class: kind },
      });
      bar.append(shape('title', {}, sentence(task)));
      chart.append(bar);
    }
  });
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
  const scroll = node(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Chart' },
    [],
  );
  scroll.append(chart);
  return [scroll, node('ul', { class: 'legend' }, legend), list];
}

function sentence({ kind, segment, startedAt, endedAt, attempt }: Task): string {
  const of = segment > 0 ? ` segment ${segment}` : '';
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  return `${kind}${of}, ${duration(endedAt - startedAt)}${again}`;
}

function shortened(text: string): string {
  return text.length > 18 ? `${text.slice(0, 17)}…` : text;
}

function shape(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text?: string,
): SVGElement {
  const created = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, String(value));
  if (text !== undefined) created.textContent = text;
  return created;
}
