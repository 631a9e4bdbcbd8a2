import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Backend,
  postgresBackend,
  redisBackend,
} from '../../../api/service/queue/backends.ts';
import { openQueue } from '../../../api/service/queue/bull-queue.ts';
import {
  ATTEMPTS,
  FinalFailure,
  type QueueWorker,
  type TakenTask,
  type Task,
  type TaskQueue,
  type WorkerSettings,
} from '../../../api/service/queue/queue.ts';
import { toolAvailable } from '../../tools/tools.ts';
import { databases, redis } from './places.ts';

/** A place for the queue; `url` where other processes can reach it. */
interface QueuePlace {
  readonly name: string;
  open(): Promise<{ readonly backend: Backend; readonly url: string | undefined }>;
  close(): Promise<void>;
}

const SETTINGS: WorkerSettings = { name: 'w', concurrency: 1, lockMilliseconds: 2000 };
const DYING_WORKER = fileURLToPath(new URL('./dying-worker.js', import.meta.url));

function places(): QueuePlace[] {
  const all: QueuePlace[] = databases().map((database) => ({
    name: database.name,
    open: async () => {
      const pool = await database.open();
      const { options } = pool as { readonly options?: { readonly connectionString?: string } };
      return { backend: await postgresBackend(pool), url: options?.connectionString };
    },
    close: database.close,
  }));
  if (!toolAvailable('redis-server')) return all;
  const place = redis();
  let backend: Backend | undefined;
  const onRedis: QueuePlace = {
    name: place.name,
    open: async () => {
      const url = await place.open();
      backend = await redisBackend(url);
      return { backend, url };
    },
    close: async () => {
      await backend?.close();
      await place.close();
    },
  };
  return [...all, onRedis];
}

const task = (id: string, more: Partial<Task> = {}): Task => ({
  ...{ id, kind: 'test', data: { of: id }, priority: 10 },
  ...more,
});

for (const place of places()) {
  describe(`The queue in ${place.name}`, function () {
    this.timeout(180_000);
    let backend: Backend;
    let url: string | undefined;
    let queue: TaskQueue;
    let workers: QueueWorker[] = [];
    let count = 0;
    before(async () => {
      ({ backend, url } = await place.open());
    });
    beforeEach(async () => {
      queue = await openQueue(`test-${++count}`, backend);
    });
    afterEach(async () => {
      for (const worker of workers) await worker.close(1000);
      workers = [];
      await queue.close();
    });
    after(() => place.close());

    const work = (
      handler: (task: TakenTask) => Promise<void>,
      settings: Partial<WorkerSettings> = {},
    ): QueueWorker => {
      const worker = queue.work(handler, { ...SETTINGS, ...settings });
      workers.push(worker);
      return worker;
    };
    const reached = async (id: string, state: string): Promise<void> => {
      const end = Date.now() + 30_000;
      while ((await queue.state(id)) !== state) {
        assert.ok(Date.now() < end, `${id} is ${await queue.state(id)}, expected ${state}`);
        await sleep(20);
      }
    };

    it('hands a task with its data to a worker, once', async () => {
      const taken: TakenTask[] = [];
      await queue.add(task('t1'));
      assert.equal(await queue.state('t1'), 'waiting');
      assert.equal(await queue.waiting(), 1);
      work(async (found) => void taken.push(found));
      await reached('t1', 'done');
      assert.equal(taken.length, 1);
      const { id, kind, data, attempt, last } = taken[0] as TakenTask;
      assert.deepEqual(
        { id, kind, data, attempt, last },
        { id: 't1', kind: 'test', data: { of: 't1' }, attempt: 1, last: false },
      );
      assert.equal(await queue.waiting(), 0);
      assert.equal(await queue.state('t2'), 'unknown');
    });

    it('hands out the smallest priority first, and equals in their order', async () => {
      for (const [id, priority] of Object.entries({ a: 9, b: 2, c: 9, d: 1, e: 2 })) {
        await queue.add(task(id, { priority }));
      }
      const order: string[] = [];
      work(async ({ id }) => void order.push(id));
      await reached('c', 'done');
      assert.deepEqual(order, ['d', 'b', 'e', 'a', 'c']);
    });

    it('adds a task of a known id once, also after it has ended', async () => {
      let runs = 0;
      await Promise.all([queue.add(task('t1')), queue.add(task('t1')), queue.add(task('t1'))]);
      assert.equal(await queue.waiting(), 1);
      work(async () => void runs++);
      await reached('t1', 'done');
      await queue.add(task('t1'));
      assert.equal(await queue.state('t1'), 'done');
      assert.equal(runs, 1);
    });

    it('hands out a flow when its children are done, and children only once', async () => {
      const order: string[] = [];
      const flow = { ...task('whole'), children: ['p1', 'p2', 'p3'].map((id) => task(id)) };
      await queue.addFlow(flow);
      await queue.addFlow(flow);
      work(async ({ id }) => void order.push(id), { concurrency: 2 });
      await reached('whole', 'done');
      assert.equal(order.at(-1), 'whole');
      assert.deepEqual([...order].sort(), ['p1', 'p2', 'p3', 'whole']);
    });

    it('tries a failed task again, later each time, and says which attempt is the last', async () => {
      const attempts: [number, boolean, number][] = [];
      await queue.add(task('t1'));
      work(async ({ attempt, last }) => {
        attempts.push([attempt, last, Date.now()]);
        throw new Error('broken');
      });
      await reached('t1', 'failed');
      assert.deepEqual(
        attempts.map(([attempt, last]) => [attempt, last]),
        Array.from({ length: ATTEMPTS }, (_, i) => [i + 1, i + 1 === ATTEMPTS]),
      );
      const [first = 0, second = 0, third = 0] = attempts.map(([, , at]) => at);
      assert.ok(second > first && third - second > second - first);
    });

    it('does not try again what fails for good', async () => {
      let runs = 0;
      await queue.add(task('t1'));
      work(async () => {
        runs++;
        throw new FinalFailure('no use');
      });
      await reached('t1', 'failed');
      assert.equal(runs, 1);
    });

    it('takes out what no worker has, and leaves the rest alone', async () => {
      let finish = (): void => {};
      const ended = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const runs: string[] = [];
      await queue.add(task('t1', { priority: 1 }));
      await queue.add(task('t2'));
      work(async ({ id }) => {
        runs.push(id);
        await ended;
      });
      await reached('t1', 'active');
      await queue.remove('t1');
      await queue.remove('t2');
      await queue.remove('t3');
      assert.equal(await queue.state('t2'), 'unknown');
      finish();
      await reached('t1', 'done');
      assert.deepEqual(runs, ['t1']);
    });

    it('shares tasks among workers', async () => {
      const owners = new Map<string, string>();
      const both = new Set<string>();
      for (const id of ['t1', 't2']) await queue.add(task(id));
      for (const name of ['left', 'right']) {
        const handler = async ({ id }: TakenTask): Promise<void> => {
          owners.set(id, name);
          both.add(name);
          // Neither ends before the other has begun.
          while (both.size < 2) await sleep(10);
        };
        work(handler, { name });
      }
      await reached('t1', 'done');
      await reached('t2', 'done');
      assert.deepEqual([...owners.values()].sort(), ['left', 'right']);
    });

    it('forgets everything when it is cleared', async () => {
      await queue.add(task('t1'));
      await queue.addFlow({ ...task('whole'), children: [task('p1')] });
      await queue.clear();
      assert.equal(await queue.waiting(), 0);
      for (const id of ['t1', 'whole', 'p1']) assert.equal(await queue.state(id), 'unknown');
    });

    it('answers', () => queue.ping());

    it('lets a worker go that closes while its task does not end', async () => {
      let aborted = false;
      await queue.add(task('t1'));
      const worker = work(async ({ signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        await new Promise(() => {});
      });
      await reached('t1', 'active');
      await worker.close(100);
      assert.ok(aborted);
    });

    it('hands the task of a worker that stops to another at once, as the same attempt', async () => {
      await queue.add(task('t1'));
      const worker = work(({ signal }) => {
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')));
        });
      });
      await reached('t1', 'active');
      await worker.close(0);
      const attempts: number[] = [];
      work(async ({ attempt }) => void attempts.push(attempt));
      await reached('t1', 'done');
      assert.deepEqual(attempts, [1]);
    });

    it('gives the task of a worker that died to another', async () => {
      await queue.add(task('t1'));
      // A server is left by a whole process; within the embedded database a worker falls silent.
      let child: ChildProcess | undefined;
      if (url !== undefined) {
        child = spawn(process.execPath, [DYING_WORKER, url, `test-${count}`], { stdio: 'ignore' });
      }
      const silent = child === undefined ? work(async () => new Promise(() => {})) : undefined;
      await reached('t1', 'active');
      if (child !== undefined) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await silent?.close(0);
      const taken: string[] = [];
      work(async ({ id }) => void taken.push(id));
      await reached('t1', 'done');
      assert.deepEqual(taken, ['t1']);
    });
  });
}
