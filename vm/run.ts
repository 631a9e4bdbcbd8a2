import { setImmediate } from 'node:timers/promises';
import { formatDebug } from './debug-format.ts';
import { LimitError } from './errors.ts';
import type { ExecuteOptions, Execution, Outcome } from './execution.ts';
import {
  STOP_ABORT_CAUSE,
  STOP_BUDGET,
  STOP_DEBUG_PRINT,
  STOP_HALT,
  STOP_JOURNAL_LIMIT,
  STOP_LOAD,
  STOP_MEMORY_LIMIT,
  STOP_STORE,
} from './kernel-layout.ts';
import { Machine } from './machine.ts';
import { MAX_JOURNAL_BYTES } from './memory-map.ts';
import { completeOptions, type RunOptions } from './options.ts';
import type { Program } from './program.ts';
import type { Snapshot } from './segment.ts';
import { describeTrap } from './trap.ts';

/**
 * Cycles between two looks at the outside world. The first slices are short because the engine
 * replaces the interpreter's first, slow compilation only between two calls.
 */
const FIRST_SLICE = 0x1_0000;
const LONGEST_SLICE = 0x40_0000;
/** Hints to the host end a slice early: so many units of work, of which a print may take many. */
const SLICE_WORK = 0x1_0000;
const PRINT_WORK = 0x1000;
/** Longest text that a guest may hand to the host for debugging. */
const MAX_TEXT_BYTES = 0x1_0000;

/** A run in progress: slices, limits, progress, cancellation and what the host does for the guest. */
export class Run {
  readonly machine: Machine;
  cycles = 0;
  readonly #limits: RunOptions;
  readonly #options: ExecuteOptions;
  #slice: number = FIRST_SLICE;
  /** Work of the host left in this slice. */
  #work = 0;
  /** Where the program's reason for a coming failure lies; read when it has failed. */
  #failureText: number | undefined;
  #outcome: Outcome | undefined;

  /** @throws LimitError, OptionError */
  constructor(program: Program, options: ExecuteOptions, segmentCycles: number) {
    this.#limits = completeOptions(options);
    this.#options = options;
    const machine = Machine.create(program, this.#limits, segmentCycles);
    if (machine === undefined) throw this.#memoryLimit();
    this.machine = machine;
  }

  /**
   * Goes back to a segment's start.
   * @throws LimitError
   */
  restore(snapshot: Snapshot): void {
    this.cycles = snapshot.cycle;
    if (!this.machine.restore(snapshot)) throw this.#memoryLimit();
  }

  /** How the run ended; undefined while it goes on. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /**
   * Goes on until `target` cycles are executed or the run ends. `step` executes up to a number of
   * instructions and returns how many it did.
   * @throws LimitError, and the signal's reason when it is aborted
   */
  async advance(target: number, step: (budget: number) => number): Promise<void> {
    while (this.cycles < target && this.#outcome === undefined) {
      this.#options.signal?.throwIfAborted();
      if (this.cycles === this.#limits.cycles) throw this.#cycleLimit();
      const sliceEnd = Math.min(this.cycles + this.#slice, target, this.#limits.cycles);
      this.#runSlice(sliceEnd, step);
      this.#slice = Math.min(2 * this.#slice, LONGEST_SLICE);
      this.#options.onProgress?.({
        stage: 'execute',
        done: this.cycles,
        total: this.#limits.cycles,
      });
      await setImmediate();
    }
  }

  #runSlice(end: number, step: (budget: number) => number): void {
    this.#work = SLICE_WORK;
    while (this.cycles < end && this.#outcome === undefined && this.#work > 0) {
      this.cycles += step(end - this.cycles);
      this.#handleStop(this.machine.stopReason);
    }
  }

  #handleStop(stop: number): void {
    const { machine } = this;
    if (stop === STOP_BUDGET) return;
    this.#work--;
    if (stop === STOP_DEBUG_PRINT) {
      this.#debugPrint();
    } else if (stop === STOP_ABORT_CAUSE) {
      this.#failureText = machine.registers[10];
    } else if (stop === STOP_HALT) {
      this.#outcome = this.#exit(machine.exitCode);
    } else if (stop === STOP_MEMORY_LIMIT) {
      throw this.#memoryLimit();
    } else if (stop === STOP_JOURNAL_LIMIT) {
      throw journalLimit();
    } else {
      this.#outcome = { kind: 'trap', trap: this.#trap(stop) };
    }
  }

  #exit(code: number): Outcome {
    const text = code === 0 ? undefined : this.#failureText;
    const reason = text === undefined ? undefined : this.#readString(text, MAX_TEXT_BYTES);
    return { kind: 'exit', code, ...(reason !== undefined && { reason }) };
  }

  #trap(reason: number): ReturnType<typeof describeTrap> {
    const { machine } = this;
    return describeTrap(machine.program, {
      reason,
      pc: machine.pc,
      address: machine.faultAddress,
      registers: machine.registers,
      journalWords: machine.journalWords,
      access: reason === STOP_LOAD ? 'load' : reason === STOP_STORE ? 'store' : undefined,
    });
  }

  #debugPrint(): void {
    const { onDebug } = this.#options;
    if (onDebug === undefined) return;
    this.#work -= PRINT_WORK;
    const [format = 0, args = 0] = this.machine.registers.subarray(10);
    const text = this.#readString(format, MAX_TEXT_BYTES);
    if (text === undefined) {
      onDebug(`(bad format pointer 0x${format.toString(16)})`);
      return;
    }
    const readWord = (address: number): number | undefined => this.machine.peekWord(address);
    const readString = (address: number, limit: number): string | undefined =>
      this.#readString(address, limit);
    onDebug(formatDebug(text, readWord, readString, args));
  }

  #readString(address: number, limit: number): string | undefined {
    const bytes: number[] = [];
    while (bytes.length < limit) {
      const at = address + bytes.length;
      const word = this.machine.peekWord(at);
      if (word === undefined) {
        if (bytes.length === 0) return undefined;
        break;
      }
      const byte = (word >>> ((at & 3) << 3)) & 0xff;
      if (byte === 0) break;
      bytes.push(byte);
    }
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }

  /** The finished run, given its outcome. */
  execution(outcome: Outcome, touchedPages: number): Execution {
    const { machine } = this;
    const bytes = outcome.kind === 'exit' ? machine.journalBytes : 4 * machine.journalWords;
    return {
      outcome,
      journal: machine.journal(bytes),
      cycles: this.cycles,
      misalignedAccesses: machine.misalignedAccesses,
      touchedPages,
    };
  }

  #cycleLimit(): LimitError {
    const { cycles } = this.#limits;
    const where = this.machine.program.symbols.describe(this.machine.pc);
    return new LimitError(
      'limit/cycles',
      cycles,
      `the program has not ended after ${cycles} cycles, it is at ${where}`,
      'raise limits.cycles if it may take longer; a profile shows where it spends its time',
    );
  }

  #memoryLimit(): LimitError {
    const { memoryBytes } = this.#limits;
    return new LimitError(
      'limit/memory',
      memoryBytes,
      `the program, its inputs and what it uses need more than ${memoryBytes} bytes of memory`,
      'raise limits.memoryBytes, or let the program reuse memory',
    );
  }
}

function journalLimit(): LimitError {
  return new LimitError(
    'limit/journal',
    MAX_JOURNAL_BYTES,
    `the journal has reached ${MAX_JOURNAL_BYTES} bytes`,
    'write a hash of the result and pass the result itself beside the proof',
  );
}
