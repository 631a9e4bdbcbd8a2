/** All kinds of faults by name. */
import type { Fault } from './fault.ts';
import { RECORD_FAULTS } from './record-faults.ts';
import { ROW_FAULTS } from './row-faults.ts';
import { STATE_FAULTS } from './state-faults.ts';

export const FAULTS: Readonly<Record<string, Fault>> = Object.fromEntries([
  ...Object.entries(RECORD_FAULTS).map(([name, fault]) => [`record, ${name}`, fault]),
  ...Object.entries(STATE_FAULTS).map(([name, fault]) => [`state, ${name}`, fault]),
  ...Object.entries(ROW_FAULTS).map(([name, fault]) => [`row, ${name}`, fault]),
]);
