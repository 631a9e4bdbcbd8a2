import type { JobProgress } from '../../service/service.ts';
import { duration, percent } from './format.ts';

/** What is being done, how much of the work that was, and how long the rest will take. */
export function stageText({ stage, segment, segments, done, left }: JobProgress): string {
  const where = segments > 1 && segment > 0 ? `, segment ${segment} of ${segments}` : '';
  const rest = left === undefined ? '' : `, about ${duration(left)} left`;
  return `${percent(done)}: ${stage ?? 'begins'}${where}${rest}`;
}
