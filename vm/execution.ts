/** What a caller may set for a run. */
export interface ExecuteOptions {
  /** x: known to the verifier. Default: empty. */
  readonly publicInput?: Uint8Array;
  /** w: known to the prover only. Default: empty. */
  readonly privateInput?: Uint8Array;
  readonly limits?: ExecutionLimits;
  readonly signal?: AbortSignal;
  /** Called between slices of a few million cycles. */
  readonly onProgress?: (progress: ExecutionProgress) => void;
  /** Receives what the program prints for debugging. Default: discarded. */
  readonly onDebug?: (text: string) => void;
}

export interface ExecutionLimits {
  /** Most cycles. Default and maximum: MAX_SEGMENTS * MAX_SEGMENT_CYCLES. */
  readonly cycles?: number;
  /** Most bytes of guest memory that the run may touch, in 4 KiB pages. Default 512 MiB. */
  readonly memoryBytes?: number;
}

export interface ExecutionProgress {
  readonly stage: 'execute';
  /** Cycles so far. */
  readonly done: number;
  /** The cycle limit. */
  readonly total: number;
}

/** Why the machine stopped where no instruction may go on. Traps are never provable. */
export type TrapCause =
  | 'illegal-instruction'
  | 'breakpoint'
  | 'csr-access'
  | 'fetch-outside-code'
  | 'null-pointer'
  | 'stack-overflow'
  | 'load-access'
  | 'store-access'
  | 'store-to-read-only'
  | 'unknown-host-call'
  | 'journal-mismatch';

export interface Trap {
  readonly cause: TrapCause;
  /** Address of the instruction that could not be executed. */
  readonly pc: number;
  /**
   * For memory causes, the first byte of the access that lies in no accessible word: the access's
   * address, or the second word's where a misaligned access reaches out of the first.
   */
  readonly address?: number;
  /** One sentence with pc, function, values: what a person reads. */
  readonly message: string;
}

export type Outcome =
  | {
      readonly kind: 'exit';
      readonly code: number /** Said by abort or a failed assertion. */;
      readonly reason?: string;
    }
  | { readonly kind: 'trap'; readonly trap: Trap };

/** A finished run. */
export interface Execution {
  readonly outcome: Outcome;
  /** Bytes written by `write_output`. After a trap: the whole words committed so far. */
  readonly journal: Uint8Array;
  /** Instructions executed, the final ECALL included. */
  readonly cycles: number;
  /** Loads and stores whose address is not a multiple of their size. */
  readonly misalignedAccesses: number;
  /** 4 KiB pages that the run loaded from or stored to; an access that trapped does not count. */
  readonly touchedPages: number;
}
