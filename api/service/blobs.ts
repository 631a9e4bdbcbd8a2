/**
 * Files named by the SHA-256 of their contents: programs, inputs, receipts, what steps of proofs hand
 * on. A file is there whole or not at all: it is written under another name, brought to the disk and
 * renamed, and its folder is brought to the disk, before `put` returns. Several processes share the folder.
 *
 * ```
 * blobs/ab/cdef…            62 digits behind the first two
 * blobs/new/<random>        being written
 * blobs/new/<sha>.<random>  being removed
 * ```
 */
import { createHash, randomUUID } from 'node:crypto';
import * as nodeFiles from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BlobSpace, full } from './blob-space.ts';
import { StorageError, unusableFile } from './errors.ts';
import { syncFolder } from './store/sync-folder.ts';

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
/** A blob that is being removed. */
const ASIDE = /^([0-9a-f]{64})\./;
/** Longer than it takes to write a blob: what is older was left behind. */
const LEFTOVER_MILLISECONDS = 3_600_000;
/** How long the answer of a probe holds. */
const PROBE_MILLISECONDS = 1000;
const PROBE: Uint8Array = new TextEncoder().encode('probe');

/** A blob as the sweep of old ones sees it. */
export interface BlobEntry {
  readonly sha256: string;
  readonly bytes: number;
  /** When it was put there or used last, in milliseconds since 1970. */
  readonly usedAt: number;
}

export class Blobs {
  readonly #folder: string;
  readonly #files: FilePort;
  readonly #space: BlobSpace;
  #probing: Promise<void> | undefined;

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
    await guard(folder, blobs.#clearNew());
    await blobs.recount();
    return blobs;
  }

  private constructor(folder: string, mostBytes: number, files: FilePort) {
    this.#folder = folder;
    this.#files = files;
    this.#space = new BlobSpace(mostBytes, async () => {
      let bytes = 0;
      for await (const entry of this.entries()) bytes += entry.bytes;
      return bytes;
    });
  }

  /** Bytes of all blobs together, as far as this process knows: others write and remove too. */
  get bytes(): number {
    return this.#space.bytes;
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
    await this.#space.reserving(bytes.length - (stored ?? 0), () => this.#write(path, bytes));
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
    await this.#unlink(this.#path(sha256));
  }

  /**
   * Removes a blob that nobody has used since it was listed. It is moved aside first: whoever uses it in
   * that moment finds it gone, or has it moved back.
   *
   * @throws StorageError `storage/file`
   */
  async removeUnused({ sha256, usedAt }: BlobEntry): Promise<void> {
    const path = this.#path(sha256);
    if ((await this.#usedAt(path)) !== usedAt) return;
    const aside = join(this.#folder, NEW, `${sha256}.${randomUUID()}`);
    if (!(await this.#move(path, aside))) return;
    if ((await this.#usedAt(aside)) === usedAt) await this.#unlink(aside);
    else await this.#move(aside, path);
  }

  /**
   * Writes a small file, brings it to the disk and removes it. What that gave is the answer for another
   * second.
   *
   * @throws ServiceError `storage/full`; StorageError `storage/file`
   */
  probe(): Promise<void> {
    this.#probing ??= this.#tryDisk().finally(() => {
      setTimeout(() => {
        this.#probing = undefined;
      }, PROBE_MILLISECONDS).unref();
    });
    return this.#probing;
  }

  /** Counts the bytes anew: other processes write and remove too. */
  async recount(): Promise<void> {
    await this.#space.recount();
  }

  async #makeFolders(): Promise<void> {
    await this.#files.mkdir(join(this.#folder, NEW), { recursive: true });
    const present = new Set(await this.#files.readdir(this.#folder));
    const missing = PREFIXES.filter((prefix) => !present.has(prefix));
    for (const prefix of missing) {
      await this.#files.mkdir(join(this.#folder, prefix), { recursive: true });
    }
    await syncFolder(this.#folder, this.#files);
    await syncFolder(dirname(this.#folder), this.#files);
  }

  /** Of processes that were killed: what they were writing goes, what they were removing comes back. */
  async #clearNew(): Promise<void> {
    const before = Date.now() - LEFTOVER_MILLISECONDS;
    for (const name of await this.#files.readdir(join(this.#folder, NEW))) {
      const path = join(this.#folder, NEW, name);
      const [, sha256] = ASIDE.exec(name) ?? [];
      if (sha256 !== undefined) await this.#move(path, this.#path(sha256));
      else if (((await this.#usedAt(path)) ?? before) < before) {
        await this.#files.unlink(path).catch(() => {});
      }
    }
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

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#folder, NEW, randomUUID());
    try {
      await this.#writeNew(temporary, bytes);
      await this.#files.rename(temporary, path);
      await syncFolder(dirname(path), this.#files);
    } catch (error) {
      await this.#files.unlink(temporary).catch(() => {});
      throw fileError(path, error);
    }
  }

  async #writeNew(path: string, bytes: Uint8Array): Promise<void> {
    const file = await this.#files.open(path, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #tryDisk(): Promise<void> {
    const path = join(this.#folder, NEW, randomUUID());
    try {
      await guard(path, this.#writeNew(path, PROBE));
    } finally {
      await this.#files.unlink(path).catch(() => {});
    }
  }

  /**
   * Marks a file as used now. False if there is none. Whoever put it there may not have brought its name to
   * the disk yet.
   */
  async #touch(path: string): Promise<boolean> {
    const now = new Date();
    try {
      await this.#files.utimes(path, now, now);
      await syncFolder(dirname(path), this.#files);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw fileError(path, error);
    }
  }

  /** False if there is no such file. */
  async #move(from: string, to: string): Promise<boolean> {
    try {
      await this.#files.rename(from, to);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw fileError(from, error);
    }
  }

  async #unlink(path: string): Promise<void> {
    const size = await this.#sizeOf(path);
    try {
      await this.#files.unlink(path);
      this.#space.removed(size ?? 0);
    } catch (error) {
      if (!isMissing(error)) throw fileError(path, error);
    }
  }

  async #sizeOf(path: string): Promise<number | undefined> {
    return (await this.#files.stat(path).catch(() => undefined))?.size;
  }

  async #usedAt(path: string): Promise<number | undefined> {
    return (await this.#files.stat(path).catch(() => undefined))?.mtimeMs;
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

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
