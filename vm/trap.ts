import { classifyIllegal } from './decode.ts';
import type { Trap, TrapCause } from './execution.ts';
import {
  STOP_FETCH,
  STOP_HOST_CALL,
  STOP_ILLEGAL,
  STOP_JOURNAL_MISMATCH,
} from './kernel-layout.ts';
import {
  PRIVATE_INPUT_END,
  PUBLIC_INPUT_START,
  READ_ONLY_END,
  READ_ONLY_START,
  STACK_START,
} from './memory-map.ts';
import type { Program } from './program.ts';

/** An access this far below the stack is taken for a stack that grew too large. */
const STACK_GUARD_BYTES = 0x0080_0000;

/** What the machine was doing when it stopped. */
export interface Stop {
  readonly reason: number;
  readonly pc: number;
  /** Data address of the failed access, where the reason is one. */
  readonly address: number;
  readonly registers: Uint32Array;
  readonly journalWords: number;
  /** `store` or `load`, for a failed access. */
  readonly access: 'load' | 'store' | undefined;
}

/** Says in words why the program cannot go on. */
export function describeTrap(program: Program, stop: Stop): Trap {
  const where = program.symbols.describe(stop.pc);
  if (stop.access !== undefined) {
    const cause = memoryCause(stop.address, stop.access);
    const verb = stop.access === 'load' ? 'load from' : 'store to';
    const message = `${verb} ${hex(stop.address)} at ${where}: ${EXPLANATIONS[cause]}`;
    return { cause, pc: stop.pc, address: stop.address, message };
  }
  const cause = controlCause(program, stop);
  const detail = DETAILS[cause]?.(stop) ?? '';
  return { cause, pc: stop.pc, message: `${EXPLANATIONS[cause]}${detail} at ${where}` };
}

function memoryCause(address: number, access: 'load' | 'store'): TrapCause {
  if (address < READ_ONLY_START) return 'null-pointer';
  if (address >= STACK_START - STACK_GUARD_BYTES && address < STACK_START) return 'stack-overflow';
  if (access === 'load') return 'load-access';
  const readOnly =
    address < READ_ONLY_END || (address >= PUBLIC_INPUT_START && address < PRIVATE_INPUT_END);
  return readOnly ? 'store-to-read-only' : 'store-access';
}

function controlCause(program: Program, stop: Stop): TrapCause {
  if (stop.reason === STOP_HOST_CALL) return 'unknown-host-call';
  if (stop.reason === STOP_JOURNAL_MISMATCH) return 'journal-mismatch';
  if (stop.reason === STOP_FETCH) return 'fetch-outside-code';
  if (stop.reason === STOP_ILLEGAL) return classifyIllegal(program, stop.pc);
  throw new Error(`unexpected stop reason ${stop.reason}`);
}

const EXPLANATIONS: Record<TrapCause, string> = {
  'illegal-instruction': 'no RV32IMC instruction',
  breakpoint: 'breakpoint: the compiler marks unreachable code so',
  'csr-access': 'access to a control and status register, of which this machine has none',
  'fetch-outside-code': 'jump to an address that is not code,',
  'null-pointer': 'nothing is mapped at and near address 0',
  'stack-overflow': 'the stack has outgrown its 8 MiB',
  'load-access': 'no memory is mapped there',
  'store-access': 'no memory is mapped there',
  'store-to-read-only': 'code, constants and inputs are read-only',
  'unknown-host-call': 'unknown host call',
  'journal-mismatch': 'the length of the journal disagrees with the words committed',
};

const DETAILS: Partial<Record<TrapCause, (stop: Stop) => string>> = {
  'unknown-host-call': (stop) => ` ${stop.registers[17]} in a7`,
  'journal-mismatch': (stop) => `: a1 = ${stop.registers[11]} bytes, ${stop.journalWords} words,`,
};

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
