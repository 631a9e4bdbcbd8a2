/**
 * A folder that keeps what is done of a proof, so that it can go on after the process has ended,
 * however it ended. A file is there whole or not at all: it is written under another name, brought to
 * the disk and renamed. All of it can be computed again, so a lost file costs time only.
 *
 * ```
 * run.json             which run this is, for people and for a check
 * segment-000001.head  the header of a segment: it is committed to
 * segment-000001.proof its proof
 * ```
 *
 * A binary file is the line `vouch/work/1`, the run's identity (32 bytes), kind (u8), number (u32), for
 * a proof the statement's digest (8 elements), the contents as in a receipt, and the SHA-256 of all that.
 */
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import {
  checkedShape,
  type Digest,
  type Machine,
  type ParameterSet,
  type ProgramOutline,
  Reader,
  readSegmentHeader,
  readSegmentProof,
  type SegmentHeader,
  type SegmentProof,
  Writer,
  writeSegmentHeader,
  writeSegmentProof,
} from '@vouch/verifier';
import { WorkDirectoryError } from './errors.ts';

const FORMAT = 'vouch/work/1';
const DESCRIPTION = 'run.json';
const HASH_BYTES = 32;
const KINDS = { head: 1, proof: 2 } as const;
type Kind = keyof typeof KINDS;

/** All that the segments of a run depend on. */
export interface WorkIdentity {
  readonly machine: Machine;
  readonly parameters: ParameterSet;
  readonly programMode: 'id' | 'program';
  readonly outline: ProgramOutline;
  /** Hexadecimal SHA-256 of the loaded program, of the inputs. */
  readonly program: string;
  readonly publicInput: string;
  readonly privateInput: string;
  readonly cycles: number;
  readonly segmentCycles: number;
}

export class WorkDirectory {
  readonly #path: string;
  readonly #run: WorkIdentity;
  readonly #identity: Uint8Array;

  /**
   * Opens a folder for a run, and makes it if there is none.
   *
   * @throws WorkDirectoryError `work/other-run`, `work/not-empty`, `work/damaged` or `work/file`
   */
  static async open(path: string, run: WorkIdentity): Promise<WorkDirectory> {
    const description = describe(run);
    const identity = sha256(new TextEncoder().encode(description));
    const directory = new WorkDirectory(path, run, identity);
    await guard(path, mkdir(path, { recursive: true }));
    const entries = await guard(path, readdir(path));
    if (entries.includes(DESCRIPTION)) {
      const found = await guard(path, readFile(join(path, DESCRIPTION), 'utf8'));
      if (found !== description) throw otherRun(path);
    } else if (entries.some((name) => !name.endsWith('.new'))) {
      throw new WorkDirectoryError(
        'work/not-empty',
        `${path} has files, but no ${DESCRIPTION}: it is not a folder of this kind`,
        'name an empty folder, or one that does not exist',
      );
    } else await directory.#write(DESCRIPTION, new TextEncoder().encode(description));
    return directory;
  }

  private constructor(path: string, run: WorkIdentity, identity: Uint8Array) {
    this.#path = path;
    this.#run = run;
    this.#identity = identity;
  }

  /** Undefined if the segment was not committed to. Throws WorkDirectoryError. */
  async header(number: number): Promise<SegmentHeader | undefined> {
    const { chips } = this.#run.machine.constraints;
    const limit = chips.reduce((sum, { maxInstances }) => sum + maxInstances, 0);
    return await this.#read('head', number, (reader) => readSegmentHeader(reader, limit));
  }

  async saveHeader(number: number, header: SegmentHeader): Promise<void> {
    await this.#save('head', number, (writer) => writeSegmentHeader(writer, header));
  }

  /**
   * Undefined if the segment was not proved. Throws WorkDirectoryError.
   *
   * @param statement the digest that the challenges are drawn from
   */
  async proof(
    number: number,
    { instances }: SegmentHeader,
    statement: Digest,
  ): Promise<SegmentProof | undefined> {
    const { machine, parameters, outline, programMode } = this.#run;
    return await this.#read('proof', number, (reader) => {
      const found = reader.digest();
      if (found.some((element, i) => element !== statement[i])) throw otherRun(this.#path);
      const shape = checkedShape(machine, parameters, outline, instances, programMode === 'id');
      return readSegmentProof(reader, machine, shape, parameters);
    });
  }

  async saveProof(number: number, proof: SegmentProof, statement: Digest): Promise<void> {
    await this.#save('proof', number, (writer) => {
      writer.elements(statement);
      writeSegmentProof(writer, proof);
    });
  }

  async #save(kind: Kind, number: number, contents: (writer: Writer) => void): Promise<void> {
    const writer = new Writer();
    writer.bytes(new TextEncoder().encode(`${FORMAT}\n`));
    writer.bytes(this.#identity);
    writer.u8(KINDS[kind]);
    writer.u32(number);
    contents(writer);
    const bytes = writer.finish();
    await this.#write(fileName(kind, number), Buffer.concat([bytes, sha256(bytes)]));
  }

  async #read<T>(
    kind: Kind,
    number: number,
    contents: (reader: Reader) => T,
  ): Promise<T | undefined> {
    const path = join(this.#path, fileName(kind, number));
    const file = await readFile(path).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw fileError(path, cause);
    });
    if (file === undefined) return undefined;
    const bytes = new Uint8Array(file);
    const body = bytes.subarray(0, Math.max(0, bytes.length - HASH_BYTES));
    if (!equal(sha256(body), bytes.subarray(body.length))) throw damaged(path);
    try {
      const reader = new Reader(body);
      if (!equal(reader.bytes(FORMAT.length + 1), new TextEncoder().encode(`${FORMAT}\n`))) {
        throw damaged(path);
      }
      if (!equal(reader.bytes(HASH_BYTES), this.#identity)) throw otherRun(this.#path);
      if (reader.u8() !== KINDS[kind] || reader.u32() !== number) throw damaged(path);
      const value = contents(reader);
      reader.end();
      return value;
    } catch (error) {
      throw error instanceof WorkDirectoryError ? error : damaged(path, error);
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

function fileName(kind: Kind, number: number): string {
  return `segment-${String(number).padStart(6, '0')}.${kind}`;
}

/** The contents of `run.json`; the same for the same run only. */
function describe(run: WorkIdentity): string {
  const { machine, parameters, programMode, program, publicInput, privateInput } = run;
  const { cycles, segmentCycles } = run;
  const fields = {
    format: FORMAT,
    machine: bytesToHex(machine.digest),
    parameters: parameters.name,
    programMode,
    ...{ program, publicInput, privateInput, cycles, segmentCycles },
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
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

function damaged(path: string, cause?: unknown): WorkDirectoryError {
  return new WorkDirectoryError(
    'work/damaged',
    `${path} is not as it was written`,
    'remove this file: its contents are computed again',
    cause,
  );
}

function otherRun(path: string): WorkDirectoryError {
  return new WorkDirectoryError(
    'work/other-run',
    `${path} belongs to another run: program, inputs, cycles or parameters differ (see ${DESCRIPTION} there)`,
    'name another folder, or remove this one',
  );
}
