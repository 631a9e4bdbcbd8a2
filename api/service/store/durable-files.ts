/**
 * The files of the embedded database, brought to the disk. PGlite never calls fsync
 * (https://github.com/electric-sql/pglite/issues/1107): its Emscripten file system has no such
 * operation, and it starts PostgreSQL with `-F`. With the operation added and `-F` left out,
 * PostgreSQL's own rules hold: the log is on the disk before a commit returns, data files before the
 * log behind them is dropped.
 */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** What PostgreSQL is started with; `fdatasync` is a system call that the file system never sees. */
export const DURABLE_START: readonly string[] = [
  ...['--single', '-O', '-j'],
  ...['-c', 'fsync=on'],
  ...['-c', 'wal_sync_method=fsync'],
  ...['-c', 'synchronous_commit=on'],
  ...['-c', 'search_path=bullmq,public'],
  ...['-c', 'exit_on_error=false'],
  ...['-c', 'log_checkpoints=false'],
  ...['-c', 'max_worker_processes=0'],
  ...['-c', 'max_parallel_workers=0'],
  ...['-c', 'max_parallel_workers_per_gather=0'],
  ...['-c', 'max_parallel_maintenance_workers=0'],
  ...['-c', 'io_method=sync'],
];

/** What is used of Emscripten's file system over Node.js. */
interface NodeFiles {
  readonly stream_ops: { fsync?: (stream: OpenFile) => number };
  realPath(node: object): string;
  /** Turns errors of Node.js into those that PostgreSQL sees. */
  tryFSOperation<T>(operation: () => T): T;
}

interface OpenFile {
  /** Undefined for a folder. */
  readonly nfd?: number;
  readonly node: object;
}

type Module = Awaited<ReturnType<NodeFS['init']>>['emscriptenOpts'];

export class DurableFiles extends NodeFS {
  /** PostgreSQL has ended by itself (a PANIC), and cannot be called any more. */
  isOver = false;

  override async init(database: PGlite, options: Module): Promise<{ emscriptenOpts: Module }> {
    const { emscriptenOpts } = await super.init(database, options);
    const addSync = (module: object): void => {
      const files = (module as { readonly NODEFS: NodeFiles }).NODEFS;
      files.stream_ops.fsync = (stream) => files.tryFSOperation(() => sync(files, stream));
    };
    const { preRun = [] } = emscriptenOpts;
    const end = (): void => {
      this.isOver = true;
    };
    const ends = { onAbort: end, onExit: end };
    return { emscriptenOpts: { ...emscriptenOpts, ...ends, preRun: [preRun, addSync].flat() } };
  }
}

function sync(files: NodeFiles, { nfd, node }: OpenFile): number {
  if (nfd !== undefined) fsyncSync(nfd);
  else if (process.platform !== 'win32') {
    const folder = openSync(files.realPath(node), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
  return 0;
}
