/**
 * Removes what is older than the configuration says: ended jobs, programs that nobody uses, then blobs that
 * nothing names; and what killed workers have left.
 */
import { sql } from 'kysely';
import type { BlobEntry, Blobs } from './blobs.ts';
import type { Runtime } from './runtime.ts';

const SWEEP_MILLISECONDS = 600_000;
const DAY_MILLISECONDS = 86_400_000;
/** What was uploaded stays so long for a job that is to use it. */
const UPLOAD_MILLISECONDS: number = DAY_MILLISECONDS;

export function startJanitor(
  runtime: Runtime,
  onError: (error: unknown) => void,
): { close(): Promise<void> } {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = sweep(runtime, Date.now()).catch(onError);
  }, SWEEP_MILLISECONDS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

/** @param now in milliseconds since 1970 */
export async function sweep(runtime: Runtime, now: number): Promise<void> {
  const { config, database, programs, blobs, starts } = runtime;
  const since = now - config.keepDays * DAY_MILLISECONDS;
  await database.deleteFrom('jobs').where('ended_at', '<', since).execute();
  await programs.removeUnused(since);
  const silent = now - DAY_MILLISECONDS;
  await database.deleteFrom('workers').where('seen_at', '<', silent).execute();
  const named = sql<Named>`
    select sha256 from vouch.programs
    union select sha256 from vouch.parts
    union select journal from vouch.jobs where journal is not null
    union select receipt_sha256 from vouch.jobs where receipt_sha256 is not null
    union select request->>'publicInput' from vouch.jobs
    union select request->>'privateInput' from vouch.jobs`;
  await sweepBlobs(blobs, now, async () => (await named.execute(database)).rows);
  const parts = database.selectFrom('parts').select('sha256').where('kind', '=', 'start');
  await sweepBlobs(starts, now, async () => await parts.execute());
}

interface Named {
  readonly sha256: string;
}

/** @param ask what is still named; asked only where something is old */
async function sweepBlobs(
  blobs: Blobs,
  now: number,
  ask: () => Promise<readonly Named[]>,
): Promise<void> {
  const old: BlobEntry[] = [];
  for await (const entry of blobs.entries()) {
    if (entry.usedAt < now - UPLOAD_MILLISECONDS) old.push(entry);
  }
  if (old.length > 0) {
    const named = new Set((await ask()).map(({ sha256 }) => sha256));
    for (const entry of old) if (!named.has(entry.sha256)) await blobs.removeUnused(entry);
  }
  await blobs.recount();
}
