/** What the steps of unfinished proofs have made: which blob is which. */
import type { Database } from './database.ts';
import type { PartTable } from './schema.ts';

export type PartKind = PartTable['kind'];

/** The digests of a job's parts. */
export interface Parts {
  digest(kind: PartKind, segment: number): string | undefined;
}

export class PartStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async of(job: string): Promise<Parts> {
    const rows = await this.#database
      .selectFrom('parts')
      .selectAll()
      .where('job_id', '=', job)
      .execute();
    const digests = new Map(rows.map((row) => [`${row.kind} ${row.segment}`, row.sha256]));
    return { digest: (kind, segment) => digests.get(`${kind} ${segment}`) };
  }

  /** Adds a part. The steps are deterministic: one that is there already has the same digest. */
  async add(part: PartTable): Promise<void> {
    await this.#database
      .insertInto('parts')
      .values(part)
      .onConflict((conflict) => conflict.columns(['job_id', 'kind', 'segment']).doNothing())
      .execute();
  }

  /** Forgets the parts of a job, which has ended; returns the digests of its starts. */
  async removeOf(job: string): Promise<string[]> {
    const rows = await this.#database
      .deleteFrom('parts')
      .where('job_id', '=', job)
      .returning(['kind', 'sha256'])
      .execute();
    return rows.filter(({ kind }) => kind === 'start').map(({ sha256 }) => sha256);
  }
}
