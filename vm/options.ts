import { LimitError, OptionError } from './errors.ts';
import type { ExecuteOptions } from './execution.ts';
import { MAX_INPUT_BYTES, MAX_SEGMENT_CYCLES, MAX_SEGMENTS } from './memory-map.ts';

/** Options of a run, complete and checked. */
export interface RunOptions {
  readonly publicInput: Uint8Array;
  readonly privateInput: Uint8Array;
  readonly cycles: number;
  readonly memoryBytes: number;
}

/** Most cycles that any run may have. */
const MAX_CYCLES = MAX_SEGMENTS * MAX_SEGMENT_CYCLES;
const DEFAULT_MEMORY_BYTES = 0x2000_0000;
/** Above this the interpreter's own memory would leave its 4 GiB. */
export const MAX_MEMORY_BYTES = 0x6000_0000;

/** @throws LimitError for an input that does not fit its region, OptionError for a limit out of range. */
export function completeOptions(options: ExecuteOptions): RunOptions {
  const publicInput = options.publicInput ?? new Uint8Array(0);
  const privateInput = options.privateInput ?? new Uint8Array(0);
  checkInput('public', publicInput);
  checkInput('private', privateInput);
  const cycles = options.limits?.cycles ?? MAX_CYCLES;
  const memoryBytes = options.limits?.memoryBytes ?? DEFAULT_MEMORY_BYTES;
  checkInteger('limits.cycles', cycles, 1, MAX_CYCLES);
  checkInteger('limits.memoryBytes', memoryBytes, 4096, MAX_MEMORY_BYTES);
  return { publicInput, privateInput, cycles, memoryBytes };
}

/** @throws OptionError unless `value` is an integer between the bounds, both included. */
export function checkInteger(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new OptionError(option, value, `an integer from ${least} to ${most}`);
}

function checkInput(which: 'public' | 'private', input: Uint8Array): void {
  if (!(input instanceof Uint8Array)) {
    throw new OptionError(`${which}Input`, typeof input, 'a Uint8Array');
  }
  if (input.length <= MAX_INPUT_BYTES) return;
  throw new LimitError(
    `limit/${which}-input`,
    MAX_INPUT_BYTES,
    `the ${which} input has ${input.length} bytes, at most ${MAX_INPUT_BYTES} are allowed`,
    'commit to the data by a hash and pass the part that the program needs',
  );
}
