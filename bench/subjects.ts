/** The runs that are proved. */
import { createHash } from 'node:crypto';
import { execute, loadProgram, MAX_SEGMENT_CYCLES } from '../api/index.ts';
import { benchmarkInput, type Guest, guestInputs, readGuestElf } from '../guests/index.ts';
import { check } from './output.ts';

/** A run that is to be proved. */
export interface Subject {
  readonly name: string;
  readonly title: string;
  readonly elf: Uint8Array;
  readonly publicInput: Uint8Array;
  readonly privateInput: Uint8Array;
  /** What it must write. */
  readonly journal: Uint8Array;
}

/** The guest of tier 0 that stands for a user's first proof. */
const SHORT = 'msort8';
export const SCALED = 'fibonacci';
/** Cycles of guests/fibonacci for each iteration, and for all else. */
const ITERATION_CYCLES = 5;
const OTHER_CYCLES = 89;
/** Guests of tier C that take minutes. */
const LONG: readonly string[] = ['C5', 'C6'];
const MOST_ESTIMATED_CYCLES = 7e6;

/** A guest of tier 0, those of tier B, and runs of 2^14 and 2^20 cycles; or the named guests. */
export async function proofSubjects(
  guests: readonly Guest[],
  only: readonly string[] | undefined,
): Promise<Subject[]> {
  const chosen = guests.filter(({ name, tier }) =>
    only === undefined ? tier === 'B' || name === SHORT : only.includes(name),
  );
  const subjects = await Promise.all(chosen.map(subjectOf));
  if (only !== undefined) return subjects;
  return [...subjects, ...(await scaledSubjects(guests, [14, 20]))];
}

/** Runs of 2^22 to 2^26 cycles, and the longest guests of the suite; or the named guests. */
export async function longSubjects(
  guests: readonly Guest[],
  only: readonly string[] | undefined,
): Promise<Subject[]> {
  const chosen = guests.filter(({ name }) => (only ?? LONG).includes(name));
  const subjects = await Promise.all(chosen.map(subjectOf));
  if (only !== undefined) return subjects;
  return [...(await scaledSubjects(guests, [22, 23, 24, 25, 26])), ...subjects];
}

/**
 * A guest; or a scaled run: `fib20` is guests/fibonacci of 2^20 cycles; or `sha256-128`, guests/sha256 of
 * 128 bytes.
 */
export async function namedSubject(guests: readonly Guest[], name: string): Promise<Subject> {
  const guest = guests.find((found) => found.name === name);
  if (guest !== undefined) return await subjectOf(guest);
  const bytes = /^sha256-(\d+)$/.exec(name)?.[1];
  const hash = guests.find((found) => found.name === 'sha256');
  if (bytes !== undefined && hash !== undefined) {
    const privateInput = messageOf(Number(bytes));
    const journal = new Uint8Array(createHash('sha256').update(privateInput).digest());
    const title = `SHA-256 of ${bytes} bytes`;
    return { ...(await subjectOf(hash)), name, title, privateInput, journal };
  }
  const log = Number(/^fib(\d+)$/.exec(name)?.[1]);
  const [scaled] = Number.isNaN(log) ? [] : await scaledSubjects(guests, [log]);
  if (scaled === undefined) throw new Error(`there is no guest ${name}`);
  return scaled;
}

/** Runs of guests/fibonacci of just under a power of two of cycles. */
async function scaledSubjects(
  guests: readonly Guest[],
  logs: readonly number[],
): Promise<Subject[]> {
  const guest = guests.find(({ name }) => name === SCALED);
  if (guest === undefined) throw new Error(`there is no guest ${SCALED}`);
  const fibonacci = await subjectOf(guest);
  return logs.map((log) => {
    const iterations = Math.floor((2 ** log - OTHER_CYCLES) / ITERATION_CYCLES);
    const publicInput = benchmarkInput({ kind: 'words', words: [iterations] });
    const title = `fib(${iterations}): 2^${log} cycles`;
    const journal = benchmarkInput({ kind: 'words', words: [fibonacciNumber(iterations)] });
    return { ...fibonacci, name: `fib${log}`, title, publicInput, journal };
  });
}

/** Modulo 2^32. */
function fibonacciNumber(n: number): number {
  let [current, next] = [0, 1];
  for (let i = 0; i < n; i++) [current, next] = [next, (current + next) >>> 0];
  return current;
}

/** The message of so many bytes that is hashed. */
export function messageOf(bytes: number): Uint8Array {
  return benchmarkInput({ kind: 'generated', generator: 'bytes', M: bytes });
}

/** The suite's guests that are proved in less than a minute, or the named ones. */
export async function estimateSubjects(
  guests: readonly Guest[],
  only: readonly string[] | undefined,
): Promise<Subject[]> {
  const chosen = guests.filter(({ name, cycles }) =>
    only === undefined ? cycles < MOST_ESTIMATED_CYCLES : only.includes(name),
  );
  return await Promise.all(chosen.map(subjectOf));
}

/** The suite's guests that are proved in one segment, or the named ones. */
export async function singleSubjects(
  guests: readonly Guest[],
  only: readonly string[] | undefined,
): Promise<Subject[]> {
  const chosen = guests.filter(({ name, cycles }) =>
    only === undefined ? cycles <= MAX_SEGMENT_CYCLES : only.includes(name),
  );
  return await Promise.all(chosen.map(subjectOf));
}

/** Guests of tier B that fit one segment, or the named ones. */
export async function cutSubjects(
  guests: readonly Guest[],
  only: readonly string[] | undefined,
): Promise<Subject[]> {
  const chosen = guests.filter(({ name, tier, cycles }) =>
    only === undefined ? tier === 'B' && cycles <= MAX_SEGMENT_CYCLES : only.includes(name),
  );
  return await Promise.all(chosen.map(subjectOf));
}

/** Throws an Error if the guest does not compute what the manifest states. */
async function subjectOf(guest: Guest): Promise<Subject> {
  const elf = await readGuestElf(guest);
  const inputs = guestInputs(guest);
  const { journal } = check(guest, await execute(loadProgram(elf), inputs));
  return { name: guest.name, title: guest.title, elf, ...inputs, journal };
}
