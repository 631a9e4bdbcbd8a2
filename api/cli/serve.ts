import { resolve } from 'node:path';
import { Command } from 'commander';
import type { ServiceConfig } from '../service/config.ts';
import { addConfigOptions, type ConfigFlags, configOf } from './config-options.ts';
import { stopSignal } from './interrupt.ts';
import { openServiceLog } from './service-log.ts';
import { version } from './version.ts';

/** Largest bodies of requests in JSON, and of single inputs, whatever the configuration allows. */
const MOST_JSON_BYTES: number = 2 ** 23;
const MOST_INPUT_BYTES: number = 2 ** 24;

/** `vouch serve`: the HTTP service. */
export function serveCommand(): Command {
  return addConfigOptions(new Command('serve'))
    .description('offer proofs over HTTP: API, queue, a worker and pages')
    .addHelpText(
      'after',
      `
The address goes to stdout as soon as the service answers there, log lines in JSON to stderr. The first
start makes the database and takes some seconds longer. After SIGTERM or SIGINT requests that have begun
are answered, and the proof under way goes on later where it was; a second signal ends the process at
once.

Exit codes: 0 stopped by a signal, 1 internal error or the embedded database failed, 2 wrong usage, or
data directory or port in use, 69 the database or the queue does not answer.

Example:
  vouch serve
  vouch serve --port 80 --host 0.0.0.0 --database-url postgres://vouch@db/vouch`,
    )
    .action(serve);
}

async function serve(flags: ConfigFlags): Promise<void> {
  const config = configOf(flags);
  const stop = new AbortController();
  const stopped = stopSignal().then(() => stop.abort());
  // All of this is loaded only where it is needed: other commands start without it.
  const [{ startService }, { startHttpServer }, log] = await Promise.all([
    import('../service/start.ts'),
    import('../http/server.ts'),
    openServiceLog(config),
  ]);
  const { logger, onError, onJob } = log;
  const onFatal = (err: unknown): never => {
    logger.fatal({ err }, 'the database has failed');
    process.exit(1);
  };
  logger.info({ dataDir: resolve(config.dataDir) }, 'starting');
  const service = await startService(config, onError, { onJob, onFatal, stop: stop.signal });
  try {
    const server = await startHttpServer(service, {
      ...{ host: config.host, port: config.port, keys: config.auth === 'keys' },
      ...{ version: version(), logger, requestsPerMinute: config.requestsPerMinute },
      proxies: config.proxies,
      limits: bodyLimits(config),
    });
    process.stdout.write(`${server.url}\n`);
    await stopped;
    logger.info('draining');
    await server.close(1000 * config.drainSeconds);
  } finally {
    await service.close();
    logger.info('stopped');
  }
}

function bodyLimits({ maxBodyBytes }: ServiceConfig): {
  readonly json: number;
  readonly elf: number;
  readonly blob: number;
} {
  return {
    json: Math.min(MOST_JSON_BYTES, maxBodyBytes),
    elf: maxBodyBytes,
    blob: Math.min(MOST_INPUT_BYTES, maxBodyBytes),
  };
}
