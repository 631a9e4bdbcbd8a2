/** A worker process that takes a task, says so, and never ends it: `dying-worker.js <url> <queue>`. */
import { postgresBackend, redisBackend } from '../../../api/service/queue/backends.ts';
import { openQueue } from '../../../api/service/queue/bull-queue.ts';
import { openServerPool } from '../../../api/service/store/server-pool.ts';

const [, , url = '', name = ''] = process.argv;
const isRedis = url.startsWith('redis:');
const backend = await (isRedis ? redisBackend(url) : postgresBackend(openServerPool(url)));
const queue = await openQueue(name, backend);
const take = (): Promise<void> => new Promise(() => process.stdout.write('taken\n'));
queue.work(take, { name: 'dying', concurrency: 1, lockMilliseconds: 2000 });
