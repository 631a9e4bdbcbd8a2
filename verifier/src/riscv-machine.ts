import { MACHINE } from './machine.gen.ts';
import { describeMachine, type Machine } from './machine.ts';
import { unpackMachine } from './packed-machine.ts';
import { S100, S120 } from './parameters.ts';

/** Logs of the elements of a chunk that the parameter sets choose from. */
const ROW_LOGS = [17, 18, 19];

let described: Machine | undefined;

/** The RV32IMC machine with the parameter sets S120 and S100, described when it is first asked for. */
export function riscvMachine(): Machine {
  described ??= describeMachine(unpackMachine(MACHINE), [S120, S100], ROW_LOGS);
  return described;
}
