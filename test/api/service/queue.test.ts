import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
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

const task = (id: string): Task => ({ id, kind: 'test', data: { of: id } });

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
    const until = async (isThere: () => boolean | Promise<boolean>): Promise<void> => {
      const end = Date.now() + 30_000;
      while (!(await isThere())) {
        assert.ok(Date.now() < end, `the queue holds ${await queue.held()}`);
        await sleep(20);
      }
    };
    const ended = (id: string): Promise<void> =>
      until(async () => !(await queue.held()).includes(id));
    /** A worker that never ends the task that it takes; resolves when it has one. */
    const takeForEver = async (): Promise<{ readonly worker: QueueWorker; isAborted: boolean }> => {
      const taken = { worker: undefined as unknown as QueueWorker, isAborted: false };
      await new Promise<void>((resolve) => {
        taken.worker = work(async ({ signal }) => {
          signal.addEventListener('abort', () => {
            taken.isAborted = true;
          });
          resolve();
          await new Promise(() => {});
        });
      });
      return taken;
    };

    it('hands a task with its data to a worker, once', async () => {
      const taken: TakenTask[] = [];
      await queue.add(task('t1'));
      assert.deepEqual(await queue.held(), ['t1']);
      work(async (found) => void taken.push(found));
      await ended('t1');
      assert.equal(taken.length, 1);
      const { id, kind, data, attempt, last } = taken[0] as TakenTask;
      assert.deepEqual(
        { id, kind, data, attempt, last },
        { id: 't1', kind: 'test', data: { of: 't1' }, attempt: 1, last: false },
      );
    });

    it('hands out tasks in the order in which they were added', async () => {
      const ids = ['e', 'b', 'd', 'a', 'c'];
      for (const id of ids) await queue.add(task(id));
      const order: string[] = [];
      work(async ({ id }) => void order.push(id));
      await ended('c');
      assert.deepEqual(order, ids);
    });

    it('holds a task of an id once, until it has ended', async () => {
      const runs: string[] = [];
      let finish = (): void => {};
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      await Promise.all([queue.add(task('t1')), queue.add(task('t1')), queue.add(task('t1'))]);
      await queue.add(task('t2'));
      assert.deepEqual((await queue.held()).sort(), ['t1', 't2']);
      work(async ({ id }) => {
        runs.push(id);
        await finished;
      });
      await until(() => runs.length > 0);
      await queue.add(task('t1'));
      assert.deepEqual((await queue.held()).sort(), ['t1', 't2']);
      finish();
      await ended('t2');
      assert.deepEqual(runs, ['t1', 't2']);
      await queue.add(task('t1'));
      await ended('t1');
      assert.deepEqual(runs, ['t1', 't2', 't1']);
    });

    it('tries a failed task again, later each time, and says which attempt is the last', async () => {
      const attempts: [number, boolean, number][] = [];
      await queue.add(task('t1'));
      work(async ({ attempt, last }) => {
        attempts.push([attempt, last, Date.now()]);
        throw new Error('broken');
      });
      await ended('t1');
      assert.deepEqual(
        attempts.map(([attempt, last]) => [attempt, last]),
        Array.from({ length: ATTEMPTS }, (_, i) => [i + 1, i + 1 === ATTEMPTS]),
      );
      const [first = 0, second = 0, third = 0] = attempts.map(([, , at]) => at);
      assert.ok(second > first && third - second > second - first);
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
      await ended('t1');
      await ended('t2');
      assert.deepEqual([...owners.values()].sort(), ['left', 'right']);
    });

    it('forgets everything when it is cleared', async () => {
      await queue.add(task('t1'));
      await queue.clear();
      assert.deepEqual(await queue.held(), []);
    });

    it('answers', () => queue.ping());

    it('lets a worker go that closes while its task does not end', async () => {
      await queue.add(task('t1'));
      const taken = await takeForEver();
      await taken.worker.close(100);
      assert.ok(taken.isAborted);
    });

    it('hands the task of a worker that stops to another at once, as the same attempt', async () => {
      await queue.add(task('t1'));
      let isTaken = false;
      const worker = work(({ signal }) => {
        isTaken = true;
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')));
        });
      });
      await until(() => isTaken);
      await worker.close(0);
      const attempts: number[] = [];
      work(async ({ attempt }) => void attempts.push(attempt));
      await ended('t1');
      assert.deepEqual(attempts, [1]);
    });

    it('gives the task of a worker that died to another', async () => {
      await queue.add(task('t1'));
      // A server is left by a whole process; within the embedded database a worker falls silent.
      if (url === undefined) await (await takeForEver()).worker.close(0);
      else {
        const child = spawn(process.execPath, [DYING_WORKER, url, `test-${count}`]);
        await once(child.stdout, 'data');
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      const taken: string[] = [];
      work(async ({ id }) => void taken.push(id));
      await ended('t1');
      assert.deepEqual(taken, ['t1']);
    });
  });
}
