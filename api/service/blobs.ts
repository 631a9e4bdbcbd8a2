/**
 * Files named by the SHA-256 of their contents: programs, inputs, receipts, what steps of proofs hand
 * on. A file is there whole or not at all: it is written under another name, brought to the disk and
 * renamed, and its folder is brought to the disk, before `put` returns.
 *
 * ```
 * blobs/ab/cdef…            62 digits behind the first two
 * blobs/new/<random>        being written; removed at the next start
 * ```
 */
import { createHash, randomUUID } from 'node:crypto';
import * as nodeFiles from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StorageError, unusableFile } from './errors.ts';
import { ServiceError } from './service.ts';

/** What is used of `node:fs/promises`. */
export type FilePort = Pick<
  typeof nodeFiles,
  'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'stat' | 'unlink' | 'utimes'
>;

const NEW = 'new';
/** The first two digits of a digest. */
const PREFIXES: readonly string[] = Array.from({ length: 256 }, (_, i) =>
  i.toString(16).padStart(2, '0'),
);
const DIGEST = /^[0-9a-f]{64}$/;
/** Seconds after which an upload asks for space again. */
const FULL_RETRY_SECONDS = 60;

/** A blob as the sweep of old ones sees it. */
export interface BlobEntry {
  readonly sha256: string;
  readonly bytes: number;
  /** When it was put there last, in milliseconds since 1970. */
  readonly usedAt: number;
}

export class Blobs {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #files: FilePort;
  #bytes = 0;

  /**
   * Opens the folder, and makes it if there is none.
   *
   * @param mostBytes of all blobs together
   * @throws StorageError `storage/file`
   */
  static async open(
    folder: string,
    mostBytes: number,
    files: FilePort = nodeFiles,
  ): Promise<Blobs> {
    const blobs = new Blobs(folder, mostBytes, files);
    await guard(folder, blobs.#makeFolders());
    for (const name of await guard(folder, files.readdir(join(folder, NEW)))) {
      await files.unlink(join(folder, NEW, name)).catch(() => {});
    }
    await blobs.recount();
    return blobs;
  }

  private constructor(folder: string, mostBytes: number, files: FilePort) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
    this.#files = files;
  }

  /** Bytes of all blobs together, as last counted and changed by this process since. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Stores bytes; when it returns, they are on the disk.
   *
   * @returns their hexadecimal SHA-256
   * @throws ServiceError `storage/full`; StorageError `storage/file`
   */
  async put(bytes: Uint8Array): Promise<string> {
    const sha256 = digestOf(bytes);
    const path = this.#path(sha256);
    const stored = await this.#sizeOf(path);
    if (stored === bytes.length) {
      // What the disk has damaged is written anew.
      const file = await this.#files.readFile(path).catch(() => undefined);
      if (file?.equals(bytes) && (await this.#touch(path))) return sha256;
    }
    if (this.#bytes + bytes.length - (stored ?? 0) > this.#mostBytes) {
      throw full(`${this.#bytes} of ${this.#mostBytes} bytes are in use`);
    }
    await guard(path, this.#write(path, bytes));
    this.#bytes += bytes.length - (stored ?? 0);
    return sha256;
  }

  /**
   * The bytes of that digest, which are compared with it; undefined if there are none.
   *
   * @throws StorageError `storage/damaged` or `storage/file`
   */
  async get(sha256: string): Promise<Uint8Array | undefined> {
    if (!DIGEST.test(sha256)) return undefined;
    const path = this.#path(sha256);
    const file = await this.#files.readFile(path).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw fileError(path, error);
    });
    if (file === undefined) return undefined;
    const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
    if (digestOf(bytes) === sha256) return bytes;
    throw new StorageError(
      'storage/damaged',
      `${path} has other contents than its name says`,
      'restore it from a backup, or upload or prove it again',
    );
  }

  /** Marks a blob as used now. False if there is none. Throws StorageError `storage/file`. */
  async use(sha256: string): Promise<boolean> {
    return DIGEST.test(sha256) && (await this.#touch(this.#path(sha256)));
  }

  async remove(sha256: string): Promise<void> {
    const path = this.#path(sha256);
    const size = await this.#sizeOf(path);
    if (size === undefined) return;
    await this.#files.unlink(path).catch((error: unknown) => {
      if (!isMissing(error)) throw fileError(path, error);
    });
    this.#bytes -= size;
  }

  async #makeFolders(): Promise<void> {
    await this.#files.mkdir(join(this.#folder, NEW), { recursive: true });
    const present = new Set(await this.#files.readdir(this.#folder));
    const missing = PREFIXES.filter((prefix) => !present.has(prefix));
    for (const prefix of missing) await this.#files.mkdir(join(this.#folder, prefix));
    if (missing.length > 0) await this.#syncFolder(this.#folder);
  }

  async *entries(): AsyncGenerator<BlobEntry> {
    for (const prefix of PREFIXES) {
      const folder = join(this.#folder, prefix);
      for (const rest of await guard(folder, this.#files.readdir(folder))) {
        const found = await this.#files.stat(join(folder, rest)).catch(() => undefined);
        if (found === undefined) continue;
        yield { sha256: prefix + rest, bytes: found.size, usedAt: found.mtimeMs };
      }
    }
  }

  /** Counts the bytes anew: other processes write too. */
  async recount(): Promise<void> {
    let bytes = 0;
    for await (const entry of this.entries()) bytes += entry.bytes;
    this.#bytes = bytes;
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#folder, NEW, randomUUID());
    try {
      const file = await this.#files.open(temporary, 'wx');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#files.rename(temporary, path);
      await this.#syncFolder(dirname(path));
    } catch (error) {
      await this.#files.unlink(temporary).catch(() => {});
      throw error;
    }
  }

  async #syncFolder(path: string): Promise<void> {
    // Windows knows no handle of a folder; its file system keeps a log of renames.
    if (process.platform === 'win32') return;
    const folder = await this.#files.open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** Marks a file as used now. False if there is none. */
  async #touch(path: string): Promise<boolean> {
    const now = new Date();
    try {
      await this.#files.utimes(path, now, now);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw fileError(path, error);
    }
  }

  async #sizeOf(path: string): Promise<number | undefined> {
    return (await this.#files.stat(path).catch(() => undefined))?.size;
  }

  #path(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), sha256.slice(2));
  }
}

/** Hexadecimal SHA-256. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function guard<T>(path: string, task: Promise<T>): Promise<T> {
  return await task.catch((error: unknown) => {
    throw fileError(path, error);
  });
}

function fileError(path: string, cause: unknown): Error {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return full('the disk is full', cause);
  return unusableFile(path, cause);
}

function full(what: string, cause?: unknown): ServiceError {
  const remedy = 'wait until old receipts are removed, or give the service more room';
  return new ServiceError('storage/full', `no room for more bytes: ${what}`, remedy, {
    retryAfter: FULL_RETRY_SECONDS,
    ...(cause !== undefined && { cause }),
  });
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
