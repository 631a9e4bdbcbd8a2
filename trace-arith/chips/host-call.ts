/** ECALL: COMMIT and HALT. The host call's number in x17 is part of the message that reads it. */

import { HOST_CALL_COMMIT, HOST_CALL_HALT, HOST_CALL_REGISTER } from '../../vm/memory-map.ts';
import { type ChipBuilder, type ChipDefinition, defineChip } from '../builder.ts';
import { EXIT, PV } from '../buses.ts';
import { ECALL } from '../codes.ts';
import { HALT_PC, JOURNAL_REGISTER } from '../constants.ts';
import { constant } from '../expression.ts';
import {
  access,
  fetch,
  type Limbs,
  type Place,
  place,
  readTime,
  registerKey,
  step,
  writeTime,
} from './instruction.ts';

/**
 * The journal's next word. Its index is the value of the journal counter, which is memory like any
 * register: it starts at 0 and each COMMIT adds 1, so words have the order of execution, each index
 * once. The counter's low limb holds the whole number, below 2^22.
 */
export const COMMIT_CHIP: ChipDefinition = defineChip('COMMIT', (chip) => {
  const at = place(chip);
  const [next, low, high, index] = chip.columns('next', 'c0', 'c1', 'index');
  chip.real();
  fetch(chip, at, { operation: ECALL, next });
  step(chip, at, next);
  readRegister(chip, at, HOST_CALL_REGISTER, [HOST_CALL_COMMIT, 0], 'previous1');
  readRegister(chip, at, 10, [low, high], 'previous2');
  access(chip, {
    key: registerKey(JOURNAL_REGISTER),
    before: [index, 0],
    after: [index.add(1), 0],
    time: writeTime(at),
    previous: 'previousRd',
  });
  chip.send(PV, chip.isReal, [index, low, high]);
});

/**
 * The end of the run. Only HALT sends EXIT, and the verifier receives EXIT once, with the exit code
 * and the journal's length that it was told. No program row is at HALT_PC, so nothing follows.
 */
export const HALT_CHIP: ChipDefinition = defineChip(
  'HALT',
  (chip) => {
    const at = place(chip);
    const next = chip.column('next');
    const code = chip.columns('c0', 'c1');
    const length = chip.columns('length0', 'length1');
    chip.real();
    fetch(chip, at, { operation: ECALL, next });
    step(chip, at, HALT_PC);
    readRegister(chip, at, HOST_CALL_REGISTER, [HOST_CALL_HALT, 0], 'previous1');
    readRegister(chip, at, 10, code, 'previous2');
    readRegister(chip, at, 11, length, 'previousRd');
    chip.send(EXIT, chip.isReal, [...code, ...length]);
  },
  { maxInstances: 1, maxLogHeight: 5 },
);

function readRegister(
  chip: ChipBuilder,
  at: Place,
  register: number,
  value: Limbs,
  previous: string,
): void {
  const key = registerKey(constant(register));
  access(chip, { key, before: value, after: value, time: readTime(at), previous });
}
