/**
 * What a command says while it works: data on stdout, people on stderr. With `--json` every line on
 * stdout is one JSON value and the last has the type `result`.
 */

import { byteSize, duration, grouped, visible } from './text.ts';

/** Milliseconds between two reports of progress. */
const INTERVAL = 200;

export interface Reporter {
  readonly json: boolean;
  /** Data, as it is. */
  data(data: string | Uint8Array): void;
  /** A line for people. */
  say(line: string): void;
  /** A table or other text of several lines for people. */
  show(text: string): void;
  /** What the guest prints. */
  debug(text: string): void;
  /** Work done so far; shown where somebody looks, at most every INTERVAL. */
  progress(stage: string, done: number, total: number): void;
  /**
   * Share of a long work that is done, from 0 to 1: a bar where somebody looks, else its stages.
   */
  bar(work: string, stage: string, share: number, pace?: Pace): void;
  /** The end of a stage. */
  stage(stage: string, summary: string): void;
  /** One of several JSON values; only with `--json`. */
  value(type: string, fields: object): void;
  /** The last JSON value; only with `--json`. */
  result(fields: object): void;
  /** An error with what to do about it. */
  error(error: { readonly message: string; readonly remedy?: string | undefined }): void;
}

/** How a long work goes. */
export interface Pace {
  readonly secondsLeft: number;
  readonly cyclesPerSecond: number;
  /** Most memory of the process so far. */
  readonly peakBytes: number;
}

let reporter: Reporter | undefined;

/** The process's one reporter: it knows what is on the terminal's last line. */
export function reporterFor(json: boolean): Reporter {
  reporter ??= json ? jsonReporter() : humanReporter();
  return reporter;
}

function jsonReporter(): Reporter {
  const value = (type: string, fields: object): void => {
    process.stdout.write(`${JSON.stringify({ type, ...fields })}\n`);
  };
  const due = throttle();
  const isNew = change();
  return {
    json: true,
    data: () => {},
    say: () => {},
    show: () => {},
    debug: (text) => value('debug', { text }),
    progress: (stage, done, total) => {
      if (due()) value('progress', { stage, done, total });
    },
    bar: (_work, stage, share, pace) => {
      if (!isNew(stage) && !due()) return;
      const rounded = Object.entries(pace ?? {}).map(([name, of]) => [name, Math.round(of)]);
      value('progress', { stage, done: share, total: 1, ...Object.fromEntries(rounded) });
    },
    stage: (stage, summary) => value('stage', { stage, summary }),
    value,
    result: (fields) => value('result', fields),
    error: () => {},
  };
}

function humanReporter(): Reporter {
  const { stderr, stdout } = process;
  const live = stderr.isTTY === true && process.env.TERM !== 'dumb';
  const colours = live && !process.env.NO_COLOR;
  const due = throttle();
  const isNew = change();
  let drawn = false;
  let atLineStart = true;
  const write = (text: string): void => {
    if (drawn) stderr.write('\r\x1b[K');
    drawn = false;
    stderr.write(text);
    atLineStart = text.endsWith('\n');
  };
  const say = (line: string): void => write(`${atLineStart ? '' : '\n'}${visible(line)}\n`);
  return {
    json: false,
    data: (data) => {
      if (drawn) stderr.write('\r\x1b[K');
      drawn = false;
      stdout.write(data);
    },
    say,
    show: (text) => write(visible(text)),
    debug: (text) => write(visible(text)),
    progress: (stage, done, total) => {
      // A line that the guest has not finished stays where it is.
      if (!live || !atLineStart || !due()) return;
      const share =
        total > 0 && done / total >= 0.01 ? ` ${Math.floor((100 * done) / total)}%` : '';
      stderr.write(`\r\x1b[K${stage}: ${grouped(done)} cycles${share}`);
      drawn = true;
    },
    bar: (work, stage, share, pace) => {
      const begins = isNew(stage);
      if (!live && begins) say(`${work}: ${percent(share)} ${stage}`);
      if (!live || !atLineStart || !(begins || due())) return;
      const line = `${work} ${drawBar(share, colours)} ${percent(share)} ${stage}${paceText(pace)}`;
      stderr.write(`\r\x1b[K${line}`);
      drawn = true;
    },
    stage: (stage, summary) => say(`${stage}: ${summary}`),
    value: () => {},
    result: () => {},
    error: ({ message, remedy }) => {
      const prefix = colours ? '\x1b[31mvouch:\x1b[0m' : 'vouch:';
      write(`${atLineStart ? '' : '\n'}${prefix} ${visible(message)}\n`);
      if (remedy !== undefined) say(`  ${remedy}`);
    },
  };
}

const BAR_WIDTH = 30;

function drawBar(share: number, colours: boolean): string {
  const full = Math.round(share * BAR_WIDTH);
  const [done, rest] = ['\u2588'.repeat(full), '\u2591'.repeat(BAR_WIDTH - full)];
  return colours ? `\x1b[32m${done}\x1b[0m\x1b[2m${rest}\x1b[0m` : done + rest;
}

function percent(share: number): string {
  return `${Math.floor(100 * share)}%`.padStart(4);
}

/** Whether a text is another one than the last time. */
function change(): (text: string) => boolean {
  let last: string | undefined;
  return (text) => {
    const isNew = text !== last;
    last = text;
    return isNew;
  };
}

/** True at most once every INTERVAL, the first interval excluded. */
function throttle(): () => boolean {
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < INTERVAL) return false;
    last = now;
    return true;
  };
}

function paceText(pace: Pace | undefined): string {
  if (pace === undefined) return '';
  const { secondsLeft, cyclesPerSecond, peakBytes } = pace;
  const speed = `${(cyclesPerSecond / 1000).toFixed(0)} kHz`;
  return `, ${duration(secondsLeft)} left, ${speed}, ${byteSize(peakBytes)}`;
}
