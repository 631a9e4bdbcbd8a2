/**
 * A place to run the protocol's kernels: memory filled with elements, edges among them, that can be
 * read as plain values; a run that writes outside its targets fails.
 */
import assert from 'node:assert/strict';
import type { Quintic } from '@vouch/verifier';
import { instantiate, type Job, type Kernels, runJob } from '../../prover/kernel.ts';
import { BLOCK, BLOCK_BYTES, FIRST_FREE, SCRATCH_BYTES } from '../../prover/kernel-layout.ts';
import { Arena, createMemory, type Region } from '../../prover/memory.ts';
import { fromMontgomery } from '../../prover/montgomery.ts';
import { type QuinticVector, readElements, readVector } from '../../prover/quintic-vector.ts';
import { Random } from '../tools/random.ts';
import { EDGES, P } from './kernel-harness.ts';

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** How all blocks [0, total) can be cut into jobs: whole, in two, one by one. */
export function cutsOf(total: number): Range[][] {
  const ranges = (...ends: number[]): Range[] =>
    ends.slice(1).map((to, i) => ({ from: ends[i] as number, to }));
  const each = Array.from({ length: total + 1 }, (_, i) => i);
  return [ranges(0, total), ranges(0, Math.ceil(total / 3), total), ranges(...each)];
}

export class ProtocolBench {
  readonly arena: Arena = new Arena(createMemory(2 ** 26));
  readonly random: Random;
  readonly #kernels: Kernels;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.arena.allocate('scratch', SCRATCH_BYTES);
    this.#kernels = instantiate(this.arena.memory, FIRST_FREE);
  }

  /** A word: one time in four an edge. */
  word(): number {
    return this.random.chance(0.25) ? this.random.pick(EDGES) : this.random.below(P);
  }

  /** A region of elements. */
  region(bytes: number): Region {
    const region = this.arena.allocate('operand', bytes);
    const words = this.arena.words(region);
    for (let i = 0; i < words.length; i++) words[i] = this.word();
    return region;
  }

  /** A vector over E in a region of its own. */
  vector(length: number): QuinticVector {
    const stride = 4 * length + 64;
    return { offset: this.region(5 * stride).offset, stride, length };
  }

  /** An eq table's low part: a block with planes BLOCK_BYTES apart. */
  lowPart(): QuinticVector {
    return { offset: this.region(5 * BLOCK_BYTES).offset, stride: BLOCK_BYTES, length: BLOCK };
  }

  /** A region of zeros. */
  zeros(bytes: number): Region {
    const region = this.arena.allocate('sums', bytes);
    this.arena.words(region).fill(0);
    return region;
  }

  read(vector: QuinticVector): Quintic[] {
    return readVector(this.arena, vector);
  }

  elements(at: number, count: number): Quintic[] {
    return readElements(this.arena, at, count);
  }

  /** A column over F. */
  column(at: number, count: number): number[] {
    return Array.from(this.arena.words(at, count), fromMontgomery);
  }

  /** Runs the jobs and fails if a word outside the targets changed. */
  run(jobs: readonly Job[], targets: readonly Region[]): void {
    const words = new Uint32Array(this.arena.memory.buffer);
    const before = words.slice();
    for (const job of jobs) runJob(this.#kernels, job);
    const writable = (at: number): boolean =>
      at < FIRST_FREE + SCRATCH_BYTES ||
      targets.some(({ offset, bytes }) => at >= offset && at < offset + bytes);
    for (let i = 0; i < words.length; i++) {
      if (words[i] !== before[i] && !writable(4 * i)) {
        assert.fail(`${jobs[0]?.[0]} wrote at ${4 * i}`);
      }
    }
  }

  /** Runs the jobs, gives what they left in the targets, and puts the memory back. */
  trial<Result>(jobs: readonly Job[], targets: readonly Region[], result: () => Result): Result {
    const words = new Uint32Array(this.arena.memory.buffer);
    const before = words.slice();
    this.run(jobs, targets);
    const found = result();
    words.set(before);
    return found;
  }
}
