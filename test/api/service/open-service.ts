/** A service with its worker in this process, and the runtime under it, for suites to meddle with. */
import type { ServiceConfig } from '../../../api/service/config.ts';
import { CoreService } from '../../../api/service/core.ts';
import { Dispatcher } from '../../../api/service/dispatcher.ts';
import type { ErrorListener } from '../../../api/service/errors.ts';
import { openRuntime, type Runtime } from '../../../api/service/runtime.ts';
import { JobWorker } from '../../../api/service/worker.ts';

export async function openService(
  config: ServiceConfig,
  onError: ErrorListener,
): Promise<{ readonly runtime: Runtime; readonly service: CoreService }> {
  const runtime = await openRuntime(config);
  const dispatcher = new Dispatcher(runtime, onError);
  const worker = new JobWorker(runtime, onError);
  const service = new CoreService(runtime, async () => {
    await dispatcher.close();
    await worker.close(5000);
    await runtime.close();
  });
  return { runtime, service };
}
