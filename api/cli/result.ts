import type { Profile } from '../../vm/index.ts';
import { EXIT_OK } from './exit-code.ts';

/** What every JSON result begins with. */
export function commandFields(command: string, exitCode: number): object {
  return { command, ok: exitCode === EXIT_OK, exitCode };
}

/** The functions with the most cycles of their own, as fields of a JSON result. */
export function topFunctions(profile: Profile, top: number): readonly object[] {
  return profile.functions
    .filter((found) => found.total > 0)
    .sort((a, b) => b.self - a.self)
    .slice(0, top);
}
