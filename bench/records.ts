/**
 * Results as JSON lines: one line for each measurement, and before the first of an environment one
 * that describes it.
 */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeCommit, describeEnvironment, type Environment } from './environment.ts';
import type { Sample } from './sample.ts';

/** What is measured, and with what. */
export interface Key {
  /** The kind of measurement. */
  readonly type: 'table' | 'scaling' | 'kernel' | 'peer';
  /** Who does the work: `vouch`, or a peer's name. */
  readonly system: string;
  readonly name: string;
  readonly threads: number;
  /** SHA-256 of the program that runs; of a peer, its version. Empty where there is none. */
  readonly program: string;
}

/** Figures by name; the names are the same in every version. */
export type Figures = Readonly<Record<string, number | string | Sample | undefined>>;

export interface Measurement extends Key {
  readonly title: string;
  /** Absent if the measurement failed. */
  readonly figures?: Figures;
  /** Milliseconds of each stage of the proof. */
  readonly stages_ms?: Readonly<Record<string, Sample>>;
  /** Why there are no figures. */
  readonly failure?: string;
}

export interface ResultRecord extends Measurement {
  /** Id of the environment. */
  readonly environment: string;
  readonly commit: string;
  /** When it was measured: ISO 8601, UTC. */
  readonly date: string;
}

export type ResultLine = ResultRecord | ({ readonly type: 'environment' } & Environment);

export interface ResultFile {
  readonly environments: readonly Environment[];
  readonly records: readonly ResultRecord[];
}

/** Throws an Error that names the line if one is not JSON. */
export function parseResults(text: string): ResultFile {
  return collectLines(
    text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [parseLine(line, i + 1)])),
  );
}

function collectLines(lines: readonly ResultLine[]): ResultFile {
  const environments: Environment[] = [];
  const records = new Map<string, ResultRecord>();
  for (const parsed of lines) {
    if (parsed.type !== 'environment') records.set(keyText(parsed, parsed.environment), parsed);
    else if (!environments.some(({ id }) => id === parsed.id)) {
      const { type: _, ...environment } = parsed;
      environments.push(environment);
    }
  }
  return { environments, records: [...records.values()] };
}

function parseLine(line: string, number: number): ResultLine {
  try {
    return JSON.parse(line) as ResultLine;
  } catch (error) {
    throw new Error(`line ${number} of the results is not JSON: ${(error as Error).message}`);
  }
}

/** Of two results of the same measurement in the same environment, the later file's. */
export function joinResults(files: readonly ResultFile[]): ResultFile {
  const lines: ResultLine[] = files.flatMap(({ environments, records }) => [
    ...environments.map((environment) => ({ type: 'environment' as const, ...environment })),
    ...records,
  ]);
  return collectLines(lines);
}

/** Numbers have six digits: more are noise. */
export function lineText(line: ResultLine): string {
  return JSON.stringify(line, (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value,
  );
}

export async function readExistingResults(path: string): Promise<ResultFile> {
  return parseResults(await readFile(path, 'utf8'));
}

/** No file is no results. */
async function readResults(path: string): Promise<ResultFile> {
  try {
    return await readExistingResults(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { environments: [], records: [] };
  }
}

function keyText({ type, system, name, threads, program }: Key, environment: string): string {
  return JSON.stringify([environment, type, system, name, threads, program]);
}

/** The results of a run of the benchmark: those that a file has already, and new ones. */
export class Results {
  readonly environment: Environment;
  readonly #commit: string;
  readonly #path: string | undefined;
  readonly #found: Map<string, ResultRecord>;
  #isDescribed: boolean;

  private constructor(
    environment: Environment,
    commit: string,
    path: string | undefined,
    { environments, records }: ResultFile,
  ) {
    this.environment = environment;
    this.#commit = commit;
    this.#path = path;
    this.#isDescribed = environments.some(({ id }) => id === environment.id);
    this.#found = new Map(
      records.map((record) => [keyText(record, record.environment), record] as const),
    );
  }

  /** @param path a file that results are read from and appended to */
  static async open(path?: string): Promise<Results> {
    const found = path === undefined ? { environments: [], records: [] } : await readResults(path);
    return new Results(await describeEnvironment(), await describeCommit(), path, found);
  }

  /**
   * The result that the file has from this environment, or a new one, which is appended to the file.
   * A failure is not a result: it is measured again. Says so on stderr if the result is from another
   * commit.
   */
  async measure(
    key: Key & { readonly title: string },
    measure: () => Promise<Omit<Measurement, keyof Key | 'title'>>,
  ): Promise<ResultRecord> {
    const { id } = this.environment;
    const found = this.#found.get(keyText(key, id));
    if (found?.figures !== undefined) {
      if (found.commit !== this.#commit) {
        process.stderr.write(`${key.name}: measured on ${found.date} at commit ${found.commit}\n`);
      }
      return found;
    }
    const measured = await measure().catch((error: Error) => ({ failure: error.message }));
    const date = new Date().toISOString();
    const record = { ...key, ...measured, environment: id, commit: this.#commit, date };
    await this.#append(record);
    return record;
  }

  async #append(record: ResultRecord): Promise<void> {
    if (this.#path === undefined) return;
    const lines: ResultLine[] = [record];
    if (!this.#isDescribed) lines.unshift({ type: 'environment', ...this.environment });
    this.#isDescribed = true;
    await mkdir(dirname(this.#path), { recursive: true });
    await appendFile(this.#path, lines.map((line) => `${lineText(line)}\n`).join(''));
  }
}
