/** The benchmark suite of the verified-computation papers: is each program right, and how long? */

import { execute, loadProgram } from '../api/index.ts';
import { type Guest, guestInputs, readGuestElf } from '../guests/index.ts';
import { check } from './output.ts';

export interface SuiteRow {
  readonly name: string;
  readonly title: string;
  readonly tier: string;
  /** Absent if the run failed or its output is wrong. */
  readonly cycles?: number;
  /** Cycles of the suite's reference build, without SDK and journal. */
  readonly referenceCycles?: number;
  readonly ratio?: number;
  /** Why there is no number. */
  readonly failure?: string;
}

/** Runs a guest once and compares it with the reference. */
export async function measureSuite(guest: Guest): Promise<SuiteRow> {
  const { name, title, tier, referenceCycles } = guest;
  const reference = referenceCycles === undefined ? {} : { referenceCycles };
  try {
    const program = loadProgram(await readGuestElf(guest));
    const { cycles } = check(guest, await execute(program, guestInputs(guest)));
    const ratio = referenceCycles === undefined ? {} : { ratio: cycles / referenceCycles };
    return { name, title, tier, ...reference, cycles, ...ratio };
  } catch (error) {
    return { name, title, tier, ...reference, failure: (error as Error).message };
  }
}
