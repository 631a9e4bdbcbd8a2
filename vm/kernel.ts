import { readFileSync } from 'node:fs';
import { DYNAMIC } from './kernel-layout.ts';

/** Exports of kernel/interpreter.ts; see there. Globals are signed: read them with `>>> 0`. */
export interface KernelExports {
  run(budget: number): number;
  runRecording(budget: number, entries: number, firstCycle: number): number;
  setCode(start: number, bytes: number): void;
  setState(pc: number, committedWords: number): void;
  setFrames(first: number, limit: number): void;
  setCrossings(first: number): void;
  allocateFrame(page: number, partial: boolean): number;
  beginSegment(): void;
  readonly pc: WebAssembly.Global;
  readonly stopReason: WebAssembly.Global;
  readonly journalWords: WebAssembly.Global;
  readonly exitCode: WebAssembly.Global;
  readonly journalBytes: WebAssembly.Global;
  readonly nextFrame: WebAssembly.Global;
  readonly nextCrossing: WebAssembly.Global;
  readonly touchedCount: WebAssembly.Global;
  readonly dirtyCount: WebAssembly.Global;
  readonly misalignedAccesses: WebAssembly.Global;
  readonly faultAddress: WebAssembly.Global;
}

const WASM_PAGE_BYTES = 0x1_0000;

/** One instance of the interpreter with its memory; serves one run at a time. */
export class Kernel {
  readonly exports: KernelExports;
  readonly #memory: WebAssembly.Memory;
  #buffer: ArrayBuffer;
  #bytes: Uint8Array;
  #words: Uint32Array;

  constructor(module: WebAssembly.Module) {
    this.#memory = new WebAssembly.Memory({ initial: DYNAMIC / WASM_PAGE_BYTES });
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.exports = instance.exports as KernelExports;
    this.#buffer = this.#memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#words = new Uint32Array(this.#buffer);
  }

  /** The kernel's memory as bytes; valid until the next call into the kernel. */
  get bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
  }

  /** The kernel's memory as 32-bit words; valid until the next call into the kernel. */
  get words(): Uint32Array {
    this.#refresh();
    return this.#words;
  }

  /** Makes the first `bytes` bytes of the memory usable. */
  reserve(bytes: number): void {
    const missing =
      Math.ceil(bytes / WASM_PAGE_BYTES) - this.#memory.buffer.byteLength / WASM_PAGE_BYTES;
    if (missing > 0) this.#memory.grow(missing);
  }

  #refresh(): void {
    if (this.#memory.buffer === this.#buffer) return;
    this.#buffer = this.#memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#words = new Uint32Array(this.#buffer);
  }
}

let compiled: WebAssembly.Module | undefined;
/** Kernels that wait for their next run: a new one costs 80 MiB of address space. */
const idle: Kernel[] = [];
const MOST_IDLE = 4;
/** A kernel that grew beyond this is given back to the system instead of being kept. */
const MOST_IDLE_BYTES = 0x1000_0000;

export function acquireKernel(): Kernel {
  compiled ??= new WebAssembly.Module(
    readFileSync(new URL('./kernel/interpreter.wasm', import.meta.url)),
  );
  return idle.pop() ?? new Kernel(compiled);
}

/** Takes a kernel back; its page tables must be as they were when it was new. */
export function releaseKernel(kernel: Kernel): void {
  if (idle.length < MOST_IDLE && kernel.bytes.length <= MOST_IDLE_BYTES) idle.push(kernel);
}
