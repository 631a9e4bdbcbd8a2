import { Command } from 'commander';
import type { Runtime } from '../service/runtime.ts';
import { ANONYMOUS, type Scope } from '../service/service.ts';
import { addConfigOptions, type ConfigFlags, configOf } from './config-options.ts';
import { type Reporter, reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';
import { UsageError } from './usage-error.ts';
import { parseCount } from './values.ts';

const DAY_MILLISECONDS = 86_400_000;
const KNOWN_SCOPES: readonly string[] = ['read', 'prove', 'admin'] satisfies Scope[];

/** `vouch key`: the API keys of a service. */
export function keyCommand(): Command {
  const command = new Command('key').description('make, list and revoke API keys').addHelpText(
    'after',
    `
With the embedded database the service must not run meanwhile; a key with the scope admin can do the same
over HTTP.

Example:
  vouch key create ci --scopes read,prove --days 90`,
  );
  const add = (name: string, description: string): Command => {
    const part = command.command(name).description(description);
    return addConfigOptions(part, ['dataDir', 'databaseUrl']).option(
      '--json',
      'one JSON value a line, the last of type "result"',
    );
  };
  add('create', 'make a key; its text goes to stdout, and is not kept')
    .argument('<name>', 'what it is for')
    .option('--scopes <scopes>', 'read, prove, admin', 'read,prove')
    .option('--days <count>', 'days until it expires (default: never)')
    .action(create);
  add('list', 'list the keys').action(list);
  add('webhook', 'print the secret that webhooks of a key are signed with')
    .argument('[id]', 'id of the key; without API keys all webhooks have the same', ANONYMOUS)
    .action(webhook);
  add('revoke', 'revoke a key').argument('<id>', 'id of the key').action(revoke);
  return command;
}

async function create(name: string, flags: ConfigFlags): Promise<void> {
  const scopes = String(flags.scopes).split(',');
  const unknown = scopes.find((scope) => !KNOWN_SCOPES.includes(scope));
  if (unknown !== undefined) {
    const remedy = `give some of ${KNOWN_SCOPES.join(',')}`;
    throw new UsageError('usage/scope', `there is no scope '${unknown}'`, remedy);
  }
  const days = flags.days === undefined ? undefined : parseCount('--days', String(flags.days));
  const expiresAt = days === undefined ? undefined : Date.now() + days * DAY_MILLISECONDS;
  await withRuntime(flags, 'create', async ({ keys }, reporter) => {
    const made = await keys.create(name, scopes as Scope[], expiresAt);
    reporter.data(`${made.secret}\n`);
    return made;
  });
}

async function list(flags: ConfigFlags): Promise<void> {
  await withRuntime(flags, 'list', async ({ keys }, reporter) => {
    const all = await keys.all();
    for (const { id, name, scopes, revokedAt, expiresAt = Infinity } of all) {
      const isOver = revokedAt !== undefined ? 'revoked' : expiresAt <= Date.now() ? 'expired' : '';
      reporter.data(`${[id, scopes.join(','), name, isOver].join('\t').trimEnd()}\n`);
    }
    return { keys: all };
  });
}

async function revoke(id: string, flags: ConfigFlags): Promise<void> {
  await withRuntime(flags, 'revoke', async ({ keys }) => ({ key: await keys.revoke(id) }));
}

async function webhook(id: string, flags: ConfigFlags): Promise<void> {
  const { webhookSecret } = await import('../service/webhook-secrets.ts');
  await withRuntime(flags, 'webhook', async (runtime, reporter) => {
    if (id !== ANONYMOUS) await runtime.keys.find(id);
    const secret = await webhookSecret(runtime, id);
    reporter.data(`${secret}\n`);
    return { secret };
  });
}

async function withRuntime(
  flags: ConfigFlags,
  name: string,
  task: (runtime: Runtime, reporter: Reporter) => Promise<object>,
): Promise<void> {
  const config = configOf(flags);
  const reporter = reporterFor(flags.json === true);
  const { openRuntime } = await import('../service/runtime.ts');
  const runtime = await openRuntime(config);
  try {
    const fields = await task(runtime, reporter);
    reporter.result({ ...commandFields(`key ${name}`, 0), ...fields });
  } finally {
    await runtime.close();
  }
}
