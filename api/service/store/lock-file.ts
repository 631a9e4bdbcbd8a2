/**
 * A lock that is a file with its holder's name in it. Whoever finds the file of a dead holder removes it,
 * and nobody may remove that of a living one, however late they come. So removing is itself under a lock:
 * one for each dead holder, taken in the same way, since its holder may die too. While somebody has it,
 * the dead holder's file cannot be another's, because nobody else may remove that file.
 */

export interface LockHolder {
  /** No two holders, past or present, have the same. */
  readonly token: string;
}

/** What a lock does with files. Each call takes effect at once or not at all. */
export interface LockFiles<Holder extends LockHolder> {
  /** False if there is a file of that name. */
  create(name: string, holder: Holder): Promise<boolean>;
  /** Undefined if there is no file of that name. */
  read(name: string): Promise<Holder | undefined>;
  remove(name: string): Promise<void>;
  /** False only if that is certain. */
  lives(holder: Holder): Promise<boolean>;
  /** Name of the lock under which a dead holder's file is removed. */
  removalOf(holder: Holder): string;
  /** Removes what a dead holder has left beside its file. */
  forget(holder: Holder): Promise<void>;
  /** Some milliseconds. */
  wait(): Promise<void>;
}

/** Others may be about to remove the same dead lock: each needs a few calls for that. */
const TRIES = 100;

/** @returns undefined if `own` has the lock now, else who has it */
export async function takeLock<Holder extends LockHolder>(
  name: string,
  own: Holder,
  files: LockFiles<Holder>,
): Promise<Holder | undefined> {
  let holder: Holder | undefined;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (await files.create(name, own)) return undefined;
    const found = await files.read(name);
    if (found === undefined) continue;
    holder = found;
    // A file system in a network may say that there is one when it has just made it.
    if (holder.token === own.token) return undefined;
    if (await files.lives(holder)) return holder;
    const remover = await removeDead(name, holder, own, files);
    if (remover !== undefined) {
      holder = remover;
      await files.wait();
    }
  }
  return holder;
}

/** Gives back a lock, or does nothing if `own` does not have it. */
export async function giveLock<Holder extends LockHolder>(
  name: string,
  own: Holder,
  files: LockFiles<Holder>,
): Promise<void> {
  if ((await files.read(name))?.token === own.token) await files.remove(name);
}

/** @returns who is removing it instead */
async function removeDead<Holder extends LockHolder>(
  name: string,
  dead: Holder,
  own: Holder,
  files: LockFiles<Holder>,
): Promise<Holder | undefined> {
  const removal = files.removalOf(dead);
  const remover = await takeLock(removal, own, files);
  if (remover !== undefined) return remover;
  try {
    if ((await files.read(name))?.token === dead.token) {
      await files.remove(name);
      await files.forget(dead);
    }
  } finally {
    await giveLock(removal, own, files);
  }
  return undefined;
}
