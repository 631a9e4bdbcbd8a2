/**
 * A folder that keeps what is done of a proof, so that it can go on after the process has ended,
 * however it ended. A file is there whole or not at all: it is written under another name, brought to
 * the disk and renamed. All of it can be computed again, so a lost file costs time only.
 *
 * ```
 * plan                  which run this is, and how it is cut
 * segment-000001.header the header of a segment: it is committed to
 * segment-000001.proof  its proof
 * ```
 *
 * Each is a message of a proof in steps: see ../messages.
 */
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { difference, type ProofPlan, readPlan, writePlan } from '../messages/plan.ts';
import { StepError, WorkDirectoryError } from './errors.ts';

const PLAN = 'plan';

/** What is kept of a segment. */
export type KeptKind = 'header' | 'proof';

export class WorkDirectory {
  readonly #path: string;

  /**
   * Opens a folder for a run, and makes it if there is none.
   *
   * @throws WorkDirectoryError `work/other-run`, `work/not-empty`, `work/damaged` or `work/file`
   */
  static async open(path: string, plan: ProofPlan): Promise<WorkDirectory> {
    const directory = new WorkDirectory(path);
    await guard(path, mkdir(path, { recursive: true }));
    const entries = await guard(path, readdir(path));
    const found = await directory.#read(PLAN, readPlan);
    if (found !== undefined) {
      const other = difference(found, plan);
      if (other !== undefined) throw otherRun(path, `the ${other}`);
    } else if (entries.some((name) => !name.endsWith('.new'))) {
      throw new WorkDirectoryError(
        'work/not-empty',
        `${path} has files, but no ${PLAN}: it is not a folder of this kind`,
        'name an empty folder, or one that does not exist',
      );
    } else await directory.#write(PLAN, writePlan(plan));
    return directory;
  }

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * What is kept of a segment; undefined if nothing is.
   *
   * @param decode reads the message; a StepError there refuses the file
   * @throws WorkDirectoryError
   */
  async read<T>(
    kind: KeptKind,
    number: number,
    decode: (message: Uint8Array) => T,
  ): Promise<T | undefined> {
    return await this.#read(fileName(kind, number), decode);
  }

  async save(kind: KeptKind, number: number, message: Uint8Array): Promise<void> {
    await this.#write(fileName(kind, number), message);
  }

  async #read<T>(name: string, decode: (message: Uint8Array) => T): Promise<T | undefined> {
    const path = join(this.#path, name);
    const file = await readFile(path).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw fileError(path, cause);
    });
    if (file === undefined) return undefined;
    try {
      return decode(new Uint8Array(file));
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      if (error.code === 'step/other-proof') throw otherRun(this.#path, error.message);
      throw damaged(path, error);
    }
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#path, name);
    const temporary = `${path}.${process.pid}.new`;
    await guard(path, writeDurably(temporary, path, bytes));
  }
}

async function writeDurably(temporary: string, path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

function fileName(kind: KeptKind, number: number): string {
  return `segment-${String(number).padStart(6, '0')}.${kind}`;
}

async function guard<T>(path: string, task: Promise<T>): Promise<T> {
  return await task.catch((cause: unknown) => {
    throw fileError(path, cause);
  });
}

function fileError(path: string, cause: unknown): WorkDirectoryError {
  return new WorkDirectoryError(
    'work/file',
    `${path} cannot be used: ${cause instanceof Error ? cause.message : cause}`,
    'see to permissions and space, or name another folder; what is saved stays',
    cause,
  );
}

function damaged(path: string, cause: StepError): WorkDirectoryError {
  return new WorkDirectoryError(
    'work/damaged',
    `${path}: ${cause.message}`,
    'remove this file: its contents are computed again',
    cause,
  );
}

function otherRun(path: string, difference: string): WorkDirectoryError {
  return new WorkDirectoryError(
    'work/other-run',
    `${path} belongs to another run: ${difference}`,
    'name another folder, or remove this one',
  );
}
