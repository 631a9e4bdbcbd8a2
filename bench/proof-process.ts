/** One proof measured in a new process: its peak memory is its own, and its failure only its own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ProofStage } from '../api/index.ts';
import type { Sample } from './sample.ts';

export interface ProofTask {
  /** Of a guest, or of a scaled run: `namedSubject`. */
  readonly name: string;
  readonly threads: number;
  readonly runs: number;
}

export interface ProofFigures {
  readonly cycles: number;
  readonly segments: number;
  /** Committed cells and messages between tables, padding included. */
  readonly cells: number;
  readonly interactions: number;
  /** Provable bits of the receipt. */
  readonly securityBits: number;
  readonly interpreterMicroseconds: Sample;
  /** From the call to the verified receipt. */
  readonly proveMilliseconds: Sample;
  /** From the filled tables to the receipt, without the set-up and the prover's own check. */
  readonly proofAloneMilliseconds: Sample;
  readonly stages: Readonly<Partial<Record<ProofStage, Sample>>>;
  readonly receiptBytes: number;
  /** In one thread. */
  readonly verifyMilliseconds: Sample;
  /** Most memory of the process. */
  readonly peakBytes: number;
}

/** What the new process says: which proof it makes, and at the end one of the others. */
export type ProofMessage =
  | { readonly proof: number }
  | { readonly figures: ProofFigures }
  | { readonly failure: string };

const WORKER = fileURLToPath(new URL('./proof-worker.js', import.meta.url));

/**
 * Proves in a new process. Rejects with an Error if that fails or the process ends.
 *
 * @param onProof receives the number of each proof as it begins: 0 is the first, which warms up unless it is long
 */
export function measureProofAlone(
  task: ProofTask,
  onProof: (number: number) => void = () => {},
): Promise<ProofFigures> {
  return new Promise((resolve, reject) => {
    const child = fork(WORKER);
    child.on('message', (message: ProofMessage) => {
      if ('proof' in message) onProof(message.proof);
      else if ('figures' in message) resolve(message.figures);
      else reject(new Error(message.failure));
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      reject(new Error(`the proof's process ended with ${signal ?? `exit code ${code}`}`));
    });
    child.send(task);
  });
}
