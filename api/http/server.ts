/** The HTTP server: listens, bounds what slow clients hold, and drains. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { ConfigError } from '../service/errors.ts';
import type { Service } from '../service/service.ts';
import { type AppOptions, createApp } from './app.ts';

export interface HttpServerOptions extends Omit<AppOptions, 'closing'> {
  readonly host: string;
  /** 0: one that the system chooses. */
  readonly port: number;
  /** In which a client must have sent its whole request. Default 60 seconds. */
  readonly requestMilliseconds?: number;
  /** Most connections at a time. Default 2000. */
  readonly connections?: number;
}

export interface HttpServer {
  /** As `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly logger: Logger;
  /**
   * Drains: `readyz` says no, no connection is taken, streams of events end, requests that have begun
   * are answered.
   *
   * @param graceMilliseconds after which what is left is cut off; 10 seconds by default
   */
  close(graceMilliseconds?: number): Promise<void>;
}

/** Longest silence on a connection: longer than a client may ask to wait. */
const SILENCE_MILLISECONDS = 120_000;
const HEADERS_MILLISECONDS = 10_000;
const SWEEP_MILLISECONDS = 50;

/** @throws ConfigError `config/address` if it cannot listen */
export async function startHttpServer(
  service: Service,
  options: HttpServerOptions,
): Promise<HttpServer> {
  const closing = new AbortController();
  const { host, port, logger, requestMilliseconds = 60_000, connections = 2000 } = options;
  const server = createServer(
    {
      requestTimeout: requestMilliseconds,
      headersTimeout: Math.min(HEADERS_MILLISECONDS, requestMilliseconds),
      connectionsCheckingInterval: Math.min(1000, requestMilliseconds),
    },
    createApp(service, { ...options, closing: closing.signal }),
  );
  server.maxConnections = connections;
  server.setTimeout(SILENCE_MILLISECONDS);
  server.listen(port, host);
  await once(server, 'listening').catch((error) => {
    throw addressError(host, port, error);
  });
  const { address, family, port: found } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${found}`;
  logger.info({ url }, 'listening');
  return {
    url,
    logger,
    async close(graceMilliseconds = 10_000) {
      closing.abort();
      const closed = once(server, 'close');
      server.close();
      // A connection is idle as soon as its last answer has gone out.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MILLISECONDS);
      const cut = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
      await closed;
      clearInterval(sweep);
      clearTimeout(cut);
      logger.info('no more requests');
    },
  };
}

const CAUSES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
};

function addressError(host: string, port: number, error: NodeJS.ErrnoException): ConfigError {
  const cause = CAUSES[error.code ?? ''] ?? error.message;
  const problem = `the server cannot listen at ${host}, port ${port}: ${cause}`;
  return new ConfigError('config/address', problem, 'give another --port or --host', error);
}
