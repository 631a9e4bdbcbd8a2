/** Plans in the kernels' memory. */
import {
  BLOCK,
  BLOCK_BYTES,
  PLAN_BYTES,
  PLAN_COLUMN_COUNT,
  PLAN_COLUMNS,
  PLAN_INSTRUCTION_COUNT,
  PLAN_INSTRUCTIONS,
  PLAN_OUTPUT_COUNT,
  PLAN_OUTPUTS,
} from './kernel-layout.ts';
import type { Region } from './memory.ts';
import { toMontgomery } from './montgomery.ts';
import type { Plan } from './plan.ts';
import type { Pool } from './pool.ts';

/** A plan that kernels can run, with slots for each of `copies` jobs at a time. */
export interface LoadedPlan {
  readonly region: Region;
  readonly slots: Region;
  readonly slotsBytes: number;
  readonly slotBytes: number;
}

/** Bytes of a slot over F and over E. */
export const BASE_SLOT_BYTES: number = BLOCK_BYTES;
export const QUINTIC_SLOT_BYTES: number = 5 * BLOCK_BYTES;

/**
 * Writes a plan. `columns` are the addresses of its columns; `outputs` the words of its output list,
 * in which `slot(k)` is the offset of output k.
 */
export function loadPlan(
  pool: Pool,
  plan: Plan,
  slotBytes: number,
  columns: readonly number[],
  outputs: (slotOffset: (slot: number) => number) => { count: number; words: readonly number[] },
  copies: number,
): LoadedPlan {
  const { arena } = pool;
  const slotOffset = (slot: number): number => slot * slotBytes;
  const list = outputs(slotOffset);
  const instructionWords = 4 * plan.instructions.length;
  const words = PLAN_BYTES / 4 + columns.length + instructionWords + list.words.length;
  const region = arena.allocate('plan', 4 * words);
  const columnsAt = region.offset + PLAN_BYTES;
  const instructionsAt = columnsAt + 4 * columns.length;
  const outputsAt = instructionsAt + 4 * instructionWords;
  const view = arena.words(region);
  view[PLAN_COLUMN_COUNT / 4] = columns.length;
  view[PLAN_COLUMNS / 4] = columnsAt;
  view[PLAN_INSTRUCTION_COUNT / 4] = plan.instructions.length;
  view[PLAN_INSTRUCTIONS / 4] = instructionsAt;
  view[PLAN_OUTPUT_COUNT / 4] = list.count;
  view[PLAN_OUTPUTS / 4] = outputsAt;
  view.set(columns, PLAN_BYTES / 4);
  const code = plan.instructions.flatMap(({ operation, target, a, b }) => [
    operation,
    slotOffset(target),
    slotOffset(a),
    slotOffset(b),
  ]);
  view.set(code, PLAN_BYTES / 4 + columns.length);
  view.set(list.words, PLAN_BYTES / 4 + columns.length + instructionWords);
  const slotsBytes = Math.max(1, plan.slots) * slotBytes;
  const slots = arena.allocate('slots', copies * slotsBytes);
  for (let copy = 0; copy < copies; copy++) {
    for (const { slot, value } of plan.constants) {
      const at = slots.offset + copy * slotsBytes + slotOffset(slot);
      arena
        .words(at, slotBytes / 4)
        .fill(0)
        .fill(toMontgomery(value), 0, BLOCK);
    }
  }
  return { region, slots, slotsBytes, slotBytes };
}

export function freePlan(pool: Pool, plan: LoadedPlan): void {
  pool.arena.free(plan.region);
  pool.arena.free(plan.slots);
}
