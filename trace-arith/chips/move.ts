/** Instructions whose result is not computed: copies, constants, jumps to constant targets. */
import { type ChipDefinition, defineChip } from '../builder.ts';
import { CONST, JUMP, MOVE } from '../codes.ts';
import { fetch, place, readRs1, step, writeRd } from './instruction.ts';

/** rd = rs1: the value read is the value written, so its limbs need no check. */
export const MOVE_CHIP: ChipDefinition = defineChip('MOVE', (chip) => {
  const at = place(chip);
  const [next, rd, rs1] = chip.columns('next', 'rd', 'rs1');
  const b = chip.columns('b0', 'b1');
  chip.real();
  fetch(chip, at, { operation: MOVE, rd, rs1, next });
  step(chip, at, next);
  readRs1(chip, at, rs1, b);
  writeRd(chip, at, rd, b);
});

/** LUI, AUIPC, JAL, `li`: the program table holds the value and the next address. */
export const CONST_CHIP: ChipDefinition = defineChip('CONST', (chip) => {
  const at = place(chip);
  const [next, rd, imm0, imm1] = chip.columns('next', 'rd', 'imm0', 'imm1');
  chip.real();
  fetch(chip, at, { operation: CONST, rd, imm0, imm1, next });
  step(chip, at, next);
  writeRd(chip, at, rd, [imm0, imm1]);
});

/** Jumps without a link, and instructions without effect: the next address is a constant. */
export const JUMP_CHIP: ChipDefinition = defineChip('JUMP', (chip) => {
  const at = place(chip);
  const next = chip.column('next');
  chip.real();
  fetch(chip, at, { operation: JUMP, next });
  step(chip, at, next);
});
