/** Whether a guest computed what `guests.json` states. */
import type { Execution } from '../api/index.ts';
import { fnv1a32, type Guest } from '../guests/index.ts';

/** Refuses a run that failed or whose journal is not the expected one. */
export function check(guest: Guest, execution: Execution): Execution {
  const { outcome, journal } = execution;
  if (outcome.kind !== 'exit') throw new Error(`${guest.name}: ${outcome.trap.message}`);
  if (outcome.code !== 0) throw new Error(`${guest.name}: exit code ${outcome.code}`);
  checkJournal(guest, journal);
  return execution;
}

/** Refuses a journal that is not the expected one. */
export function checkJournal(guest: Guest, journal: Uint8Array): void {
  const hash = fnv1a32(journal);
  if (journal.length === guest.journal.bytes && hash === guest.journal.fnv1a32) return;
  throw new Error(
    `${guest.name}: journal of ${journal.length} bytes with hash ${hash}, ` +
      `expected ${guest.journal.bytes} bytes with hash ${guest.journal.fnv1a32}`,
  );
}
