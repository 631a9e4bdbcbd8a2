import { pino } from 'pino';
import {
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from '../../../api/http/server.ts';
import { MemoryService } from '../service/memory-service.ts';
import { Contract } from './contract.ts';

export interface TestServer {
  readonly service: MemoryService;
  readonly server: HttpServer;
  readonly contract: Contract;
  /** Lines of the log. */
  readonly log: Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

/** A server over a service in memory, on a port of loopback that the system chooses. */
export async function startTestServer(
  options: Partial<HttpServerOptions> & { readonly mostWaiting?: number } = {},
): Promise<TestServer> {
  const { mostWaiting = 100, ...rest } = options;
  const service = await MemoryService.start(mostWaiting);
  const log: Record<string, unknown>[] = [];
  const server = await startHttpServer(service, {
    host: '127.0.0.1',
    port: 0,
    keys: false,
    version: '0.0.0-test',
    requestsPerMinute: 1e9,
    logger: pino({}, { write: (line: string) => log.push(JSON.parse(line)) }),
    ...rest,
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
