/** Numbers on the command line. */

import { UsageError } from './usage-error.ts';

const DECIMAL: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
const BINARY: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** `1000`, `1_000`, `10k`, `5M`, `2G`: a positive count. Throws UsageError. */
export function parseCount(option: string, text: string): number {
  return parse(option, text, /^(\d[\d_]*)([kmg]?)$/i, DECIMAL, 'a count such as 1000000 or 10M');
}

/** `4096`, `64K`, `64KiB`, `512M`, `1G`: bytes, in powers of 1024. Throws UsageError. */
export function parseBytes(option: string, text: string): number {
  return parse(option, text, /^(\d[\d_]*)([kmg]?)(?:i?b)?$/i, BINARY, 'bytes such as 4096 or 64M');
}

/** A 32-bit number, decimal or `0x...`. Throws UsageError. */
export function parseExitCode(option: string, text: string): number {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : -1;
  if (value >= 0 && value < 2 ** 32) return value;
  throw new UsageError('usage/number', `${option} is '${text}'`, 'give an integer below 2^32');
}

/** A number of bits, with or without a fraction. Throws UsageError. */
export function parseBits(option: string, text: string): number {
  if (/^\d{1,3}(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError('usage/number', `${option} is '${text}'`, 'give bits such as 100 or 120');
}

function parse(
  option: string,
  text: string,
  pattern: RegExp,
  units: Readonly<Record<string, number>>,
  expected: string,
): number {
  const [, digits = '', unit = ''] = pattern.exec(text) ?? [];
  const value = Number(digits.replaceAll('_', '')) * (units[unit.toLowerCase()] ?? 1);
  if (digits !== '' && value >= 1 && Number.isSafeInteger(value)) return value;
  throw new UsageError('usage/number', `${option} is '${text}'`, `give ${expected}, at least 1`);
}
