import { Command } from 'commander';
import { ConfigError } from '../service/errors.ts';
import { addConfigOptions, type ConfigFlags, configOf } from './config-options.ts';
import { stopSignal } from './interrupt.ts';
import { openServiceLog } from './service-log.ts';

/** `vouch worker`: proves what a service elsewhere has accepted. */
export function workerCommand(): Command {
  const keys = ['dataDir', 'databaseUrl', 'queueUrl', 'workerName', 'threads'] as const;
  const limits = ['proverMemory', 'storageBytes', 'drainSeconds', 'logLevel'] as const;
  return addConfigOptions(new Command('worker'), [...keys, ...limits])
    .description('work for a service that other processes offer')
    .addHelpText(
      'after',
      `
Needs the database, the queue and the data directory of the service; the folder blobs in the data
directory must be the same for all, on a shared disk where they run on several machines.

Exit codes: 0 stopped by a signal, 1 internal error, 2 wrong usage, 69 the database or the queue does
not answer.

Example:
  DATABASE_URL=postgres://vouch@db/vouch QUEUE_URL=redis://queue vouch worker --data-dir /srv/vouch`,
    )
    .action(work);
}

async function work(flags: ConfigFlags): Promise<void> {
  const config = configOf(flags);
  if (config.databaseUrl === undefined) {
    throw new ConfigError(
      'config/conflict',
      'a worker cannot share the embedded database',
      'set DATABASE_URL for the worker and the server; `vouch serve` has a worker of its own',
    );
  }
  const stopped = stopSignal();
  const [{ startWorker }, { logger, onError, onJob }] = await Promise.all([
    import('../service/start.ts'),
    openServiceLog(config),
  ]);
  const worker = await startWorker(config, onError, { onJob });
  process.stdout.write(`${config.workerName}\n`);
  await stopped;
  logger.info('draining');
  await worker.close();
  logger.info('stopped');
}
