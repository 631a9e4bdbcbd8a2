/** Servers and workers, from a configuration. */
import type { ServiceConfig } from './config.ts';
import { CoreService } from './core.ts';
import { Dispatcher } from './dispatcher.ts';
import type { ErrorListener } from './errors.ts';
import { startJanitor } from './janitor.ts';
import { openRuntime } from './runtime.ts';
import type { Service } from './service.ts';
import { startWebhooks } from './webhooks.ts';
import { JobWorker } from './worker.ts';

/**
 * Starts the service: without HTTP, with a worker in this process unless the configuration says
 * otherwise.
 *
 * @throws StorageError; what database and queue say when they do not answer
 */
export async function startService(
  config: ServiceConfig,
  onError: ErrorListener = () => {},
): Promise<Service> {
  const runtime = await openRuntime(config);
  const dispatcher = new Dispatcher(runtime, onError);
  const worker = config.localWorkers > 0 ? new JobWorker(runtime, onError) : undefined;
  const webhooks = await startWebhooks(runtime, onError);
  const janitor = startJanitor(runtime, onError);
  return new CoreService(runtime, async () => {
    await janitor.close();
    await webhooks.close();
    await dispatcher.close();
    await worker?.close(1000 * config.drainSeconds);
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
): Promise<{ close(): Promise<void> }> {
  const runtime = await openRuntime(config);
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
