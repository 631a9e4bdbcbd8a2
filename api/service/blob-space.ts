/** How many bytes blobs take, and may take. */
import { ServiceError } from './service.ts';

/** Seconds after which an upload asks for space again. */
const FULL_RETRY_SECONDS = 60;
/** Between two counts because there seems to be no room. */
const RECOUNT_MILLISECONDS = 60_000;

export class BlobSpace {
  readonly #mostBytes: number;
  readonly #count: () => Promise<number>;
  /** As last counted and changed by this process since. */
  #stored = 0;
  /** What this process is writing. */
  #reserved = 0;
  #mayRecountAt = 0;
  #recounting: Promise<void> | undefined;

  /** @param count of the bytes on the disk */
  constructor(mostBytes: number, count: () => Promise<number>) {
    this.#mostBytes = mostBytes;
    this.#count = count;
  }

  get bytes(): number {
    return this.#stored + this.#reserved;
  }

  /**
   * Runs a task that stores so many bytes.
   *
   * @throws ServiceError `storage/full` if there is no room for them
   */
  async reserving(bytes: number, task: () => Promise<void>): Promise<void> {
    if (!this.#hasRoom(bytes)) await this.#recountSometimes();
    if (!this.#hasRoom(bytes)) throw full(`${this.bytes} of ${this.#mostBytes} bytes are in use`);
    this.#reserved += bytes;
    try {
      await task();
      this.#stored += bytes;
    } finally {
      this.#reserved -= bytes;
    }
  }

  removed(bytes: number): void {
    this.#stored -= bytes;
  }

  /** What this process writes meanwhile may be counted twice or not at all, until the next count. */
  recount(): Promise<void> {
    this.#recounting ??= this.#count()
      .then((bytes) => {
        this.#stored = bytes;
      })
      .finally(() => {
        this.#recounting = undefined;
      });
    return this.#recounting;
  }

  #hasRoom(bytes: number): boolean {
    return this.bytes + bytes <= this.#mostBytes;
  }

  /** Other processes may have removed blobs. */
  async #recountSometimes(): Promise<void> {
    const now = performance.now();
    if (this.#recounting === undefined && now < this.#mayRecountAt) return;
    this.#mayRecountAt = now + RECOUNT_MILLISECONDS;
    await this.recount();
  }
}

export function full(what: string, cause?: unknown): ServiceError {
  const remedy = 'wait until old receipts are removed, or give the service more room';
  return new ServiceError('storage/full', `no room for more bytes: ${what}`, remedy, {
    retryAfter: FULL_RETRY_SECONDS,
    ...(cause !== undefined && { cause }),
  });
}
