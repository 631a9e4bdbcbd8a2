/** Servers and workers, from a configuration. */
import type { ServiceConfig } from './config.ts';
import { CoreService } from './core.ts';
import { Dispatcher } from './dispatcher.ts';
import type { ErrorListener } from './errors.ts';
import { startJanitor } from './janitor.ts';
import { openRuntime, type Runtime } from './runtime.ts';
import type { Job, JobEvent, Service } from './service.ts';
import { startWebhooks } from './webhooks.ts';
import { JobWorker } from './worker.ts';

/** What is told of a service, and what it is told. */
export interface StartOptions {
  /** Told of each job of this process that was accepted, begins or ends. */
  readonly onJob?: (job: Job) => void;
  /** Told that the database has failed for good: only a new process can use it. */
  readonly onFatal?: (error: unknown) => void;
  /** When it is aborted, workers and webhooks begin to drain, while requests are still answered. */
  readonly stop?: AbortSignal;
}

/**
 * Starts the service: without HTTP, with a worker in this process unless the configuration says
 * otherwise. What is under way when it is told to stop, or closed, has `drainSeconds` from then on.
 *
 * @throws StorageError; what database and queue say when they do not answer
 */
export async function startService(
  config: ServiceConfig,
  onError: ErrorListener = () => {},
  options: StartOptions = {},
): Promise<Service> {
  const runtime = await openRuntime(config);
  listen(runtime, options);
  const dispatcher = new Dispatcher(runtime, onError);
  const worker = config.localWorkers > 0 ? new JobWorker(runtime, onError) : undefined;
  const webhooks = await startWebhooks(runtime, onError);
  const janitor = startJanitor(runtime, onError);
  const drain = once(async (): Promise<void> => {
    await Promise.all([worker?.close(1000 * config.drainSeconds), webhooks.close()]);
  });
  options.stop?.addEventListener('abort', () => void drain().catch(onError));
  return new CoreService(runtime, async () => {
    const drained = drain();
    await janitor.close();
    await dispatcher.close();
    await drained;
    await runtime.close();
  });
}

/**
 * Starts a worker for the service that other processes offer.
 *
 * @throws as `startService`
 */
export async function startWorker(
  config: ServiceConfig,
  onError: ErrorListener = () => {},
  options: Pick<StartOptions, 'onJob'> = {},
): Promise<{ close(): Promise<void> }> {
  const runtime = await openRuntime(config);
  listen(runtime, options);
  const worker = new JobWorker(runtime, onError);
  const dispatcher = new Dispatcher(runtime, onError);
  return {
    async close() {
      await dispatcher.close();
      await worker.close(1000 * config.drainSeconds);
      await runtime.close();
    },
  };
}

function listen({ changes }: Runtime, { onJob, onFatal }: StartOptions): void {
  changes.on('job', (_id: string, job: Job, kind: JobEvent['kind']) => {
    if (kind === 'state') onJob?.(job);
  });
  changes.on('fatal', (error: unknown) => onFatal?.(error));
}

function once<T>(task: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= task();
    return running;
  };
}
