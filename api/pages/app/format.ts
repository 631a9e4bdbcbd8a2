/** Figures for people. */
import { COUNT, kibibytes } from '../../../verifier/demo/result.ts';

export function count(value: number): string {
  return COUNT.format(value);
}

export function byteSize(bytes: number): string {
  if (bytes < 2 ** 20) return kibibytes(bytes);
  const [unit, size] = bytes < 2 ** 30 ? ['MiB', 2 ** 20] : ['GiB', 2 ** 30];
  return `${(bytes / Number(size)).toFixed(1)} ${unit}`;
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A time, with its day unless that is today. */
export function moment(time: number): string {
  const date = new Date(time);
  const clock = date.toLocaleTimeString();
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock : `${date.toLocaleDateString()}, ${clock}`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
