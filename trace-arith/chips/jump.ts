/** JALR. */
import { type ChipDefinition, defineChip } from '../builder.ts';
import { JALR } from '../codes.ts';
import { address, base } from './address.ts';
import { fetch, place, range, step, writeRd } from './instruction.ts';

/**
 * The target is the sum without its lowest bit, as half-words: quotient + 2^15 high. Its high limb
 * is below 2^15, so the target is below 2^30: it is neither HALT_PC nor, through reduction modulo p,
 * a small address. The program table has the link in the fields rs2 and next, and `write` is 0
 * where rd is x0.
 */
export const JALR_CHIP: ChipDefinition = defineChip('JALR', (chip) => {
  const at = place(chip);
  const [rd, link0, link1] = chip.columns('rd', 'link0', 'link1');
  chip.real();
  const write = chip.flag('write');
  const lowest = chip.boolean('lowest');
  const from = base(chip, at);
  const { rs1, imm0, imm1 } = from;
  const flags = write.mul(2);
  fetch(chip, at, { operation: JALR, rd, rs1, rs2: link0, imm0, imm1, next: link1, flags });
  const { quotient, high } = address(chip, from, 2, lowest);
  range(chip, high, 15);
  step(chip, at, quotient.add(high.mul(0x8000)));
  writeRd(chip, at, rd, [link0, link1], write);
});
