/** The flags of the commands that need the service's configuration. */
import { type Command, Option } from 'commander';
import {
  CONFIG_FILE,
  CONFIG_OPTIONS,
  type ConfigOption,
  type FlagValues,
  readConfig,
  type ServiceConfig,
} from '../service/config.ts';

/** What commander makes of the flags. */
export type ConfigFlags = Readonly<Record<string, string | boolean | undefined>>;

/** @param keys those that the command needs; default: all */
export function addConfigOptions(
  command: Command,
  keys: readonly (keyof ServiceConfig)[] = Object.keys(CONFIG_OPTIONS) as (keyof ServiceConfig)[],
): Command {
  const { flag, variable } = CONFIG_FILE;
  command.option(`${flag} <file>`, `JSON file with settings (variable: ${variable})`);
  for (const key of keys) command.addOption(optionOf(CONFIG_OPTIONS[key]));
  return command;
}

/** Throws ConfigError. */
export function configOf(flags: ConfigFlags): ServiceConfig {
  const values: Record<string, string | boolean> = {};
  for (const [key, option] of Object.entries(CONFIG_OPTIONS) as [string, ConfigOption][]) {
    const value = flags[optionOf(option).attributeName()];
    if (value !== undefined) values[key] = value;
  }
  const file = flags[new Option(CONFIG_FILE.flag).attributeName()];
  return readConfig(
    values as FlagValues,
    process.env,
    typeof file === 'string' ? file : process.env[CONFIG_FILE.variable] || undefined,
  );
}

function optionOf({
  flag,
  variable,
  kind,
  fallback,
  shownFallback = String(fallback),
  help,
}: ConfigOption): Option {
  const value = kind.placeholder === undefined ? '' : ` <${kind.placeholder}>`;
  return new Option(
    `${flag}${value}`,
    `${help} (default: ${shownFallback}; variable: ${variable})`,
  );
}
