import assert from 'node:assert/strict';
import {
  giveLock,
  type LockFiles,
  type LockHolder,
  takeLock,
} from '../../../api/service/store/lock-file.ts';
import { processSeed, Random } from '../../tools/random.ts';

const LOCK = 'lock';
const RUNS = 3000;

/** Files in memory, and processes that take one step at a time, in any order, or die. */
class World {
  readonly files = new Map<string, string>();
  readonly #waiting = new Map<string, () => void>();
  readonly #dead = new Set<string>();
  readonly holders = new Set<string>();

  /** A process that takes the lock and, if it is to, gives it back. */
  start(token: string, { gives = false } = {}): void {
    const own = { token };
    const port = this.#port(token);
    const life = async (): Promise<void> => {
      if ((await takeLock(LOCK, own, port)) !== undefined) return;
      this.holders.add(token);
      if (!gives) return;
      await this.#turn(token);
      this.holders.delete(token);
      await giveLock(LOCK, own, port);
    };
    void life();
  }

  /** A file of a process that was killed. */
  leave(name: string, token: string): void {
    this.files.set(name, token);
    this.#dead.add(token);
  }

  kill(token: string): void {
    this.#dead.add(token);
    this.#waiting.delete(token);
    this.holders.delete(token);
  }

  /** Whoever can take a step. */
  get waiting(): string[] {
    return [...this.#waiting.keys()];
  }

  async step(token: string): Promise<void> {
    const go = this.#waiting.get(token);
    this.#waiting.delete(token);
    go?.();
    // Until the process asks for its next step, or is done.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets a process go on alone until it is done. */
  async finish(token: string): Promise<void> {
    while (this.#waiting.has(token)) await this.step(token);
  }

  #turn(token: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(token, resolve));
  }

  #port(own: string): LockFiles<LockHolder> {
    const { files } = this;
    const step = async <T>(act: () => T): Promise<T> => {
      await this.#turn(own);
      return act();
    };
    return {
      create: (name, { token }) =>
        step(() => !files.has(name) && files.set(name, token).get(name) === token),
      read: (name) =>
        step(() => {
          const token = files.get(name);
          return token === undefined ? undefined : { token };
        }),
      remove: (name) => step(() => void files.delete(name)),
      lives: ({ token }) => step(() => !this.#dead.has(token)),
      removalOf: ({ token }) => `${token}.dead`,
      forget: () => Promise.resolve(),
      wait: () => step(() => {}),
    };
  }
}

describe('A lock that is a file', () => {
  it('is not taken from a living process by one that comes late', async () => {
    for (let steps = 0; steps < 10; steps++) {
      const world = new World();
      world.leave(LOCK, 'D');
      // B pauses somewhere between finding D, which is dead, and having its lock.
      world.start('B');
      for (let step = 0; step < steps; step++) await world.step('B');
      for (const token of ['A', 'C']) {
        world.start(token);
        await world.finish(token);
      }
      await world.finish('B');
      assert.equal(world.holders.size, 1, `after ${steps} steps`);
      assert.deepEqual([...world.files], [[LOCK, ...world.holders]]);
    }
  });

  it('has one holder at most, in whatever order processes take their steps and die', async () => {
    const seed = processSeed();
    const random = new Random(seed);
    for (let run = 0; run < RUNS; run++) {
      const world = new World();
      // What processes that were killed have left behind.
      const left = random.below(4);
      if (left > 0) world.leave(LOCK, 'x');
      if (left > 1) world.leave('x.dead', 'y');
      if (left > 2) world.leave('y.dead', 'z');
      for (let i = 0; i < 4; i++) world.start(`p${i}`, { gives: random.below(2) === 0 });
      let [deaths, last] = [random.below(3), 'p0'];
      while (world.waiting.length > 0) {
        const next = world.waiting[random.below(world.waiting.length)] ?? '';
        // Long pauses are what goes wrong: most steps follow one of the same process.
        last = world.waiting.includes(last) && random.below(3) > 0 ? last : next;
        await world.step(last);
        assert.ok(world.holders.size <= 1, `VOUCH_SEED=${seed}, run ${run}`);
        if (deaths > 0 && random.below(12) === 0) {
          deaths--;
          world.kill(last);
        }
      }
      for (let i = 0; i < 4; i++) world.kill(`p${i}`);
      world.start('next');
      await world.finish('next');
      assert.deepEqual([...world.holders], ['next'], `VOUCH_SEED=${seed}, run ${run}`);
    }
  }).timeout(120_000);
});
