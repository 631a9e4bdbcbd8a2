/** Files that the command line names; `-` is stdin or stdout. */

import { createReadStream } from 'node:fs';
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from './usage-error.ts';

/** Largest ELF file that is read. */
const MAX_ELF_BYTES = 0x1000_0000;
/** Largest input that is read; the machine says itself what it accepts. */
const MAX_INPUT_BYTES = 0x0200_0000;

/** Largest receipt that is read: a journal of 16 MiB and proofs. */
const MAX_RECEIPT_BYTES = 0x1000_0000;

const RECEIPT_REMEDY = 'give the file that vouch prove has written, or - for stdin';
const WRITE_REMEDY = 'name a file that you may write';

/** The bytes of a receipt. Throws UsageError. */
export function readReceipt(path: string): Promise<Uint8Array> {
  return readBounded(path, MAX_RECEIPT_BYTES, 'the receipt', RECEIPT_REMEDY);
}

/** The bytes of a receipt of any size, piece by piece. Throws UsageError. */
export async function* receiptPieces(path: string): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const piece of openStream(path)) yield piece as Uint8Array;
  } catch (error) {
    throw fileError('the receipt', path, error, RECEIPT_REMEDY);
  }
}

/** The bytes of a program file. Throws UsageError. */
export function readElf(
  path: string,
  remedy = 'give the path of an ELF file',
): Promise<Uint8Array> {
  return readBounded(path, MAX_ELF_BYTES, 'the program', remedy);
}

/**
 * The bytes of an input: `text:...` is UTF-8, `hex:...` is bytes, `-` is stdin, anything else is a
 * file's path, with or without `@`. Throws UsageError.
 *
 * @param option name of the option, for messages
 */
export async function readInput(option: string, source: string): Promise<Uint8Array> {
  if (source.startsWith('text:')) return new TextEncoder().encode(source.slice('text:'.length));
  if (source.startsWith('hex:')) return parseHex(option, source.slice('hex:'.length));
  const path = source.startsWith('@') ? source.slice(1) : source;
  const remedy = 'give text:..., hex:..., a file, or - for stdin';
  return readBounded(path, MAX_INPUT_BYTES, option, remedy);
}

/** Refuses a place that cannot be written before the work for it is done. Throws UsageError. */
export async function checkOutput(option: string, path: string): Promise<void> {
  if (path === '-') return;
  const target = await stat(path).catch(() => undefined);
  if (target?.isDirectory()) {
    throw new UsageError('usage/file', `${option}: ${path} is a directory`, 'name a file in it');
  }
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory()) {
    const problem = `${option}: the directory ${dirname(path)} does not exist`;
    throw new UsageError('usage/file', problem, 'create it, or name a file elsewhere');
  }
  try {
    await access(target === undefined ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw fileError(option, path, error, WRITE_REMEDY);
  }
}

/** Writes a file, or stdout for `-`. Throws UsageError. */
export async function writeOutput(
  option: string,
  path: string,
  data: string | Uint8Array,
): Promise<void> {
  if (path === '-') {
    process.stdout.write(data);
    return;
  }
  try {
    await writeFile(path, data);
  } catch (error) {
    throw fileError(option, path, error, WRITE_REMEDY);
  }
}

/** Refuses that more than one source is stdin. Throws UsageError. */
export function checkSingleStdin(sources: readonly (string | undefined)[]): void {
  if (sources.filter((source) => source === '-').length <= 1) return;
  throw new UsageError('usage/stdin', 'stdin is named twice', 'use - for one of them only');
}

async function readBounded(
  path: string,
  most: number,
  what: string,
  remedy: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of openStream(path)) {
      chunks.push(chunk as Uint8Array);
      length += (chunk as Uint8Array).length;
      // Leaving the loop closes the stream, endless ones included.
      if (length > most) break;
    }
  } catch (error) {
    throw fileError(what, path, error, remedy);
  }
  if (length <= most) return new Uint8Array(Buffer.concat(chunks, length));
  const shown = path === '-' ? 'stdin' : path;
  const problem = `${what}: ${shown} has more than ${most} bytes`;
  throw new UsageError('usage/file', problem, 'give a smaller file');
}

function openStream(path: string): AsyncIterable<unknown> {
  return path === '-' ? process.stdin : createReadStream(path);
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a directory',
  EACCES: 'may not be accessed',
  EPERM: 'may not be accessed',
  ENOTDIR: 'has a parent that is not a directory',
  EROFS: 'is on a read-only file system',
  ENOSPC: 'has no space left on its device',
};

function fileError(what: string, path: string, error: unknown, remedy: string): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const cause = CAUSES[code ?? ''] ?? `cannot be used: ${message}`;
  return new UsageError('usage/file', `${what}: ${path === '-' ? 'stdin' : path} ${cause}`, remedy);
}

function parseHex(option: string, text: string): Uint8Array {
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  if (/^([0-9a-f]{2})*$/i.test(digits)) return new Uint8Array(Buffer.from(digits, 'hex'));
  const problem = `${option}: '${text.slice(0, 40)}' is not hexadecimal bytes`;
  throw new UsageError('usage/hex', problem, 'give two digits 0-9, a-f for each byte');
}
