/** A planned run on its way to another thread. */
import type { RunInputs } from '../../trace-arith/index.ts';
import { type FunctionSymbol, type Program, SymbolTable } from '../../vm/index.ts';
import { writePlan } from '../messages/plan.ts';
import { PlannedRun } from './planned-run.ts';

/** Data that a thread can be sent. */
export interface PackedRun {
  readonly program: Omit<Program, 'symbols'>;
  readonly functions: readonly FunctionSymbol[];
  readonly inputs: RunInputs;
  readonly plan: Uint8Array;
}

export function packRun({ program, inputs, plan }: PlannedRun): PackedRun {
  const { symbols, ...rest } = program.program;
  return { program: rest, functions: symbols.functions, inputs, plan: writePlan(plan) };
}

export function unpackRun({ program, functions, inputs, plan }: PackedRun): PlannedRun {
  const symbols = new SymbolTable(functions);
  return PlannedRun.open({ ...inputs, plan, program: { ...program, symbols } });
}
