/**
 * Runs a kernel and its twin on two memories with the same contents and compares all of both, so
 * that a wrong word and a word written outside the target are found alike.
 */
import assert from 'node:assert/strict';
import { instantiate, type Job, type Kernels, runJob } from '../../prover/kernel.ts';
import { FIRST_FREE, SCRATCH_BYTES } from '../../prover/kernel-layout.ts';
import { Arena, createMemory } from '../../prover/memory.ts';
import { createTwins, type TwinKernels } from '../../prover/twins/index.ts';
import { Random } from '../tools/random.ts';

export const P = 0x7f000001;

/** First byte of the memory that a test may use. */
export const FREE: number = FIRST_FREE + SCRATCH_BYTES;

/** Words at which carries, signs and reductions change: Montgomery forms and their neighbours. */
export const EDGES: readonly number[] = [
  0,
  1,
  2,
  P - 1,
  P - 2,
  (P - 1) / 2,
  (P + 1) / 2,
  (P + 3) / 2,
  2 ** 32 % P,
  P - (2 ** 32 % P),
  2 ** 30,
  2 ** 24,
  2 ** 24 - 1,
  0x7e000000,
];

/** An element: one time in four an edge. */
function element(random: Random): number {
  return random.chance(0.25) ? random.pick(EDGES) : random.below(P);
}

export class Harness {
  readonly bytes: number;
  readonly kernels: Kernels;
  readonly twins: TwinKernels;
  readonly #ours: Uint32Array;
  readonly #theirs: Uint32Array;

  /** Both memories have `bytes` bytes from FREE on, filled with elements. */
  constructor(bytes: number, seed = 1) {
    const arenas = [new Arena(createMemory(2 ** 26)), new Arena(createMemory(2 ** 26))] as const;
    for (const arena of arenas) arena.allocate('test', SCRATCH_BYTES + bytes);
    const [ours, theirs] = arenas;
    this.bytes = bytes;
    this.kernels = instantiate(ours.memory, FIRST_FREE);
    this.twins = createTwins(theirs.memory);
    this.#ours = new Uint32Array(ours.memory.buffer);
    this.#theirs = new Uint32Array(theirs.memory.buffer);
    this.fill(seed);
  }

  /** New elements everywhere. */
  fill(seed: number): void {
    const random = new Random(seed);
    for (let i = FREE / 4; i < (FREE + this.bytes) / 4; i++) this.#set(i, element(random));
  }

  /** Words of both memories. */
  write(at: number, values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) this.#set(at / 4 + i, values[i] as number);
  }

  read(at: number, count: number): number[] {
    return [...this.#ours.subarray(at / 4, at / 4 + count)];
  }

  /** Runs the jobs with the kernels and `whole` with the twins, and compares. */
  check(whole: Job, jobs: readonly Job[] = [whole]): void {
    for (const job of jobs) runJob(this.kernels, job);
    runJob(this.twins, whole);
    this.#compare(whole);
  }

  /**
   * Checks a job over [0, total), whose last two arguments are the range, as a whole and cut at
   * each of the places given.
   */
  checkSplits(job: (from: number, to: number) => Job, total: number, cuts: number[][]): void {
    const before = this.#ours.slice();
    for (const cut of [[], ...cuts]) {
      this.#ours.set(before);
      this.#theirs.set(before);
      const ends = [0, ...cut, total];
      const jobs = ends.slice(1).map((to, i) => job(ends[i] as number, to));
      this.check(job(0, total), jobs);
    }
  }

  #set(index: number, value: number): void {
    this.#ours[index] = value;
    this.#theirs[index] = value;
  }

  #compare(job: Job): void {
    // Scratch is the kernels' own, so it lies outside the comparison.
    const [from, to] = [FREE / 4, (FREE + this.bytes) / 4];
    for (let i = from; i < to; i++) {
      if (this.#ours[i] !== this.#theirs[i]) {
        const place = `word ${i - FREE / 4} after ${job[0]}(${job.slice(1).join(', ')})`;
        assert.equal(this.#ours[i], this.#theirs[i], place);
      }
    }
  }
}

/** Place `i` of a harness's memory, in words. */
export function at(i: number): number {
  return FREE + 4 * i;
}
