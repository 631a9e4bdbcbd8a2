/** The machine: its chips in the order of the proof, and their compiled form. */
import type { ChipDefinition } from './builder.ts';
import { BUSES } from './buses.ts';
import { ADD_CHIP, ADD_IN_PLACE_CHIP, ADDI_CHIP, ADDI_IN_PLACE_CHIP } from './chips/add.ts';
import { BITWISE_CHIP, BITWISE_IMMEDIATE_CHIP, BITWISE_IN_PLACE_CHIP } from './chips/bitwise.ts';
import { BRANCH_EQUAL_CHIP, BRANCH_LESS_CHIP, BRANCH_ZERO_CHIP } from './chips/branch.ts';
import { SLT_CHIP, SLT_IMMEDIATE_CHIP } from './chips/compare.ts';
import { DIVIDE_CHIP } from './chips/divide.ts';
import { COMMIT_CHIP, HALT_CHIP } from './chips/host-call.ts';
import { JALR_CHIP } from './chips/jump.ts';
import {
  LOAD_CROSSING_CHIP,
  LOAD_PART_CHIP,
  LOAD_WORD_CHIP,
  LOAD_WORD_IN_PLACE_CHIP,
} from './chips/load.ts';
import {
  HEAP_CHIP,
  IMAGE_CHIP,
  MEMBOUND_CHIP,
  MEMBUMP_CHIP,
  PRIV_CHIP,
  REG_CHIP,
  SINK_CHIP,
  STACK_CHIP,
} from './chips/memory.ts';
import { CONST_CHIP, JUMP_CHIP, MOVE_CHIP } from './chips/move.ts';
import { MUL_CHIP, MUL_IN_PLACE_CHIP, MULH_CHIP } from './chips/multiply.ts';
import { SHIFT_CHIP, SHIFT_IMMEDIATE_CHIP, SHIFT_IMMEDIATE_IN_PLACE_CHIP } from './chips/shift.ts';
import { STORE_CROSSING_CHIP, STORE_PART_CHIP, STORE_WORD_CHIP } from './chips/store.ts';
import { AND8_CHIP, POW_CHIP, PROG_CHIP, R20_CHIP, VR_CHIP } from './chips/tables.ts';
import { type CompiledMachine, compile } from './compile.ts';

/** Chips whose rows are executed instructions. */
export const INSTRUCTION_CHIPS: readonly ChipDefinition[] = [
  ADD_CHIP,
  ADD_IN_PLACE_CHIP,
  ADDI_CHIP,
  ADDI_IN_PLACE_CHIP,
  MOVE_CHIP,
  CONST_CHIP,
  JUMP_CHIP,
  JALR_CHIP,
  BRANCH_ZERO_CHIP,
  BRANCH_EQUAL_CHIP,
  BRANCH_LESS_CHIP,
  BITWISE_CHIP,
  BITWISE_IN_PLACE_CHIP,
  BITWISE_IMMEDIATE_CHIP,
  SHIFT_CHIP,
  SHIFT_IMMEDIATE_CHIP,
  SHIFT_IMMEDIATE_IN_PLACE_CHIP,
  SLT_CHIP,
  SLT_IMMEDIATE_CHIP,
  LOAD_WORD_CHIP,
  LOAD_WORD_IN_PLACE_CHIP,
  LOAD_PART_CHIP,
  LOAD_CROSSING_CHIP,
  STORE_WORD_CHIP,
  STORE_PART_CHIP,
  STORE_CROSSING_CHIP,
  MUL_CHIP,
  MUL_IN_PLACE_CHIP,
  MULH_CHIP,
  DIVIDE_CHIP,
  COMMIT_CHIP,
  HALT_CHIP,
];

/** Instruction chips first: their index is the same in both lists. */
export const CHIPS: readonly ChipDefinition[] = [
  ...INSTRUCTION_CHIPS,
  MEMBOUND_CHIP,
  MEMBUMP_CHIP,
  IMAGE_CHIP,
  HEAP_CHIP,
  STACK_CHIP,
  REG_CHIP,
  PRIV_CHIP,
  SINK_CHIP,
  PROG_CHIP,
  R20_CHIP,
  VR_CHIP,
  AND8_CHIP,
  POW_CHIP,
];

let compiled: CompiledMachine | undefined;

/** The RV32IMC machine, compiled once. */
export function machine(): CompiledMachine {
  compiled ??= compile('rv32imc', 2, CHIPS, BUSES);
  return compiled;
}
