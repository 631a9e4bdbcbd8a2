/** What `run` and `profile` share: options of a run, the run itself, and its outcome in words. */

import type { Command } from 'commander';
import {
  disassembleAt,
  type ExecuteOptions,
  type Execution,
  execute,
  loadProgram,
  type Outcome,
  type Program,
  record,
  type Segment,
  type Trap,
  type TrapCause,
} from '../../vm/index.ts';
import { EXIT_GUEST, EXIT_OK } from './exit-code.ts';
import { checkSingleStdin, readElf, readInput } from './files.ts';
import { interruptSignal } from './interrupt.ts';
import type { Reporter } from './reporter.ts';
import { byteSize, grouped, printable, toHex } from './text.ts';
import { parseBytes, parseCount } from './values.ts';

const PAGE_BYTES = 4096;

export interface GuestOptions {
  readonly publicInput?: string;
  readonly privateInput?: string;
  readonly maxCycles?: string;
  readonly maxMemory?: string;
}

/** Consumes the record of a run. */
export interface Observer {
  add(segment: Segment): void;
}

/** A finished run of a guest. */
export interface GuestRun {
  readonly program: Program;
  readonly execution: Execution;
  readonly seconds: number;
}

/** Adds the options that `runGuest` understands. */
export function addGuestOptions(command: Command): Command {
  return command
    .option('--public-input <input>', 'input that the verifier knows')
    .option('--private-input <input>', 'input that only the prover knows')
    .option('--max-cycles <count>', 'most instructions: 1000000, 10M, 2G')
    .option(
      '--max-memory <bytes>',
      'most memory that the guest may touch: 64M, 1G (default: 512M)',
    );
}

/** How inputs are written, for help texts. */
export const INPUT_HELP: string = `
An input is text:Hello, hex:48656c6c6f, a file (input.bin or @input.bin), or - for stdin.`;

/** A loaded program with the inputs and limits of its run. */
export interface PreparedGuest {
  readonly program: Program;
  readonly options: ExecuteOptions;
}

/** Loads a program and its inputs. Throws UsageError and ElfError. */
export async function prepareGuest(elf: string, options: GuestOptions): Promise<PreparedGuest> {
  checkSingleStdin([elf, options.publicInput, options.privateInput]);
  const limits = {
    ...(options.maxCycles && { cycles: parseCount('--max-cycles', options.maxCycles) }),
    ...(options.maxMemory && { memoryBytes: parseBytes('--max-memory', options.maxMemory) }),
  };
  const publicInput = await inputOf('--public-input', options.publicInput);
  const privateInput = await inputOf('--private-input', options.privateInput);
  const program = loadProgram(await readElf(elf));
  return { program, options: { publicInput, privateInput, limits } };
}

/**
 * Runs a program; records it only where somebody observes the record. Throws LimitError,
 * OptionError, and an AbortError after SIGINT.
 */
export async function runGuest(
  { program, options }: PreparedGuest,
  reporter: Reporter,
  observers: readonly Observer[],
): Promise<GuestRun> {
  const runOptions: ExecuteOptions = {
    ...options,
    signal: interruptSignal(),
    onProgress: ({ done, total }) => reporter.progress('execute', done, total),
    onDebug: (text) => reporter.debug(text),
  };
  const start = performance.now();
  const run =
    observers.length === 0
      ? execute(program, runOptions)
      : observe(record(program, runOptions), observers);
  const execution = await run;
  return { program, execution, seconds: (performance.now() - start) / 1000 };
}

/** EXIT_OK where the guest exited with code 0, else EXIT_GUEST. */
export function guestExitCode(outcome: Outcome): number {
  return outcome.kind === 'exit' && outcome.code === 0 ? EXIT_OK : EXIT_GUEST;
}

/** One line on how the run ended and what it took; no speed where starting takes the time. */
export function summary(run: GuestRun): string {
  const { execution, seconds } = run;
  const end = execution.outcome.kind === 'exit' ? `exit code ${execution.outcome.code}` : 'trapped';
  const millions = execution.cycles / 1e6;
  const speed = millions < 1 ? '' : ` (${(millions / seconds).toFixed(1)} M/s)`;
  const memory = byteSize(execution.touchedPages * PAGE_BYTES);
  const misaligned = grouped(execution.misalignedAccesses);
  return (
    `${end}, ${grouped(execution.cycles)} cycles in ${seconds.toFixed(3)} s${speed}, ` +
    `${memory} touched, ${misaligned} misaligned accesses`
  );
}

/** Says why the guest failed, if it did. */
export function reportFailure(run: GuestRun, reporter: Reporter): void {
  const { outcome } = run.execution;
  if (outcome.kind === 'trap') {
    reportTrap(run.program, outcome.trap, reporter);
  } else if (outcome.code !== 0) {
    const reason = outcome.reason === undefined ? '' : `: ${outcome.reason}`;
    reporter.error({ message: `the guest exited with code ${outcome.code}${reason}` });
  }
}

/** Says what stopped the guest, where, and what to look for. */
export function reportTrap(program: Program, trap: Trap, reporter: Reporter): void {
  const instruction = instructionAt(program, trap.pc);
  reporter.error({ message: `the guest trapped (${trap.cause}): ${trap.message}` });
  if (instruction !== undefined) reporter.say(`  instruction: ${instruction}`);
  reporter.say(`  ${TRAP_REMEDIES[trap.cause]}`);
}

/** The run as fields of a JSON result. */
export function runFields(run: GuestRun): object {
  const { execution, seconds } = run;
  const { outcome } = execution;
  return {
    outcome: outcome.kind === 'exit' ? outcome : trapFields(run.program, outcome.trap),
    journal: journalFields(execution.journal),
    cycles: execution.cycles,
    seconds,
    cyclesPerSecond: Math.round(execution.cycles / seconds),
    touchedPages: execution.touchedPages,
    touchedBytes: execution.touchedPages * PAGE_BYTES,
    misalignedAccesses: execution.misalignedAccesses,
  };
}

export function journalFields(journal: Uint8Array): object {
  const text = printable(journal);
  return { bytes: journal.length, hex: toHex(journal), ...(text !== undefined && { text }) };
}

/** A trap as the outcome of a JSON result. */
export function trapFields(program: Program, trap: Trap): object {
  const symbol = program.symbols.find(trap.pc);
  return {
    kind: 'trap',
    ...trap,
    function: symbol?.name ?? null,
    instruction: instructionAt(program, trap.pc) ?? null,
    remedy: TRAP_REMEDIES[trap.cause],
  };
}

/** An input of the command line; empty without one. Throws UsageError. */
export async function inputOf(option: string, source: string | undefined): Promise<Uint8Array> {
  return source === undefined ? new Uint8Array(0) : await readInput(option, source);
}

async function observe(
  segments: AsyncGenerator<Segment, Execution, void>,
  observers: readonly Observer[],
): Promise<Execution> {
  for (;;) {
    const next = await segments.next();
    if (next.done) return next.value;
    for (const observer of observers) observer.add(next.value);
  }
}

const TRAP_REMEDIES: Readonly<Record<TrapCause, string>> = {
  'illegal-instruction':
    'compile for -march=rv32imc -mabi=ilp32; if it is, the program has overwritten or left its code',
  breakpoint: 'the program has reached code that the compiler considers unreachable, or a trap()',
  'csr-access': 'leave out counters, interrupts and floating-point state: the machine has none',
  'fetch-outside-code':
    'look for a wrong function pointer or a return address that was overwritten',
  'null-pointer': 'look for a null pointer; a debug build (-O0 -g) shows the access in its source',
  'stack-overflow': 'make recursion shallower, or keep large arrays out of the stack',
  'load-access': 'look for an index out of bounds or a pointer without initial value',
  'store-access': 'look for an index out of bounds or a pointer without initial value',
  'store-to-read-only': 'copy constants and inputs to writable memory before changing them',
  'unknown-host-call': 'use the functions of guests/sdk/vouch.h instead of own ECALLs',
  'journal-mismatch': 'write output with write_output of guests/sdk/vouch.h only',
};

function instructionAt(program: Program, pc: number): string | undefined {
  return disassembleAt(program, pc)?.text;
}
