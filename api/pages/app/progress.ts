import type { JobProgress } from '../../service/service.ts';
import { duration, percent } from './format.ts';

/** What is being done, how much of the work that was, and how long the rest will take. */
export function stageText({ stage, segment, segments, proved, done, left }: JobProgress): string {
  const where = segment > 0 ? ` of segment ${segment}` : '';
  const count = segments > 1 ? `, ${proved} of ${segments} segments proved` : '';
  const rest = left === undefined ? '' : `, about ${duration(left)} left`;
  return `${percent(done)}: ${stage ?? 'begins'}${where}${count}${rest}`;
}
