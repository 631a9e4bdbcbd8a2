import { rm } from 'node:fs/promises';
import { pino } from 'pino';
import {
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from '../../../api/http/server.ts';
import type { Service } from '../../../api/service/service.ts';
import { startService } from '../../../api/service/start.ts';
import { MemoryService } from '../service/memory-service.ts';
import { testConfig } from '../service/test-config.ts';
import { Contract } from './contract.ts';

export interface TestServer<Kind extends Service = Service> {
  readonly service: Kind;
  readonly server: HttpServer;
  readonly contract: Contract;
  /** Lines of the log. */
  readonly log: Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

/** A server over a service in memory, on a port of loopback that the system chooses. */
export async function startTestServer(
  options: Partial<HttpServerOptions> & { readonly mostWaiting?: number } = {},
): Promise<TestServer<MemoryService>> {
  const { mostWaiting = 100, ...rest } = options;
  return serve(await MemoryService.start(mostWaiting), rest);
}

/** A server over the service itself, with everything embedded, in a folder that is removed. */
export async function startEmbeddedServer(
  options: Partial<HttpServerOptions> = {},
): Promise<TestServer> {
  const config = await testConfig({ maxCycles: 2 ** 38 });
  const found = await serve(await startService(config), options);
  return {
    ...found,
    async close() {
      await found.close();
      await rm(config.dataDir, { recursive: true, force: true });
    },
  };
}

async function serve<Kind extends Service>(
  service: Kind,
  options: Partial<HttpServerOptions>,
): Promise<TestServer<Kind>> {
  const log: Record<string, unknown>[] = [];
  const server = await startHttpServer(service, {
    host: '127.0.0.1',
    port: 0,
    keys: false,
    version: '0.0.0-test',
    requestsPerMinute: 1e9,
    logger: pino({}, { write: (line: string) => log.push(JSON.parse(line)) }),
    ...options,
  });
  return {
    ...{ service, server, log },
    contract: new Contract(server.url),
    async close() {
      await server.close(2000);
      await service.close();
    },
  };
}
