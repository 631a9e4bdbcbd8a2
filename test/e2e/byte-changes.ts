/** A thread that changes single bytes of a receipt and gives each changed receipt to the verifier. */
import { parentPort, workerData } from 'node:worker_threads';
import { VerificationError, verify } from '@vouch/verifier';

export interface ByteChanges {
  readonly receipt: Uint8Array;
  /** Id of the program. */
  readonly program: string;
  /** The positions are `first`, `first + step`, ... */
  readonly first: number;
  readonly step: number;
}

export interface ByteChangesResult {
  readonly tried: number;
  /** Positions at which the change was accepted or brought about another exception. */
  readonly wrong: readonly string[];
}

function tryChanges({ receipt, program, first, step }: ByteChanges): ByteChangesResult {
  const wrong: string[] = [];
  let tried = 0;
  for (let position = first; position < receipt.length; position += step) {
    const changed = receipt.slice();
    // Each byte of an element meets every bit.
    const bit = (position + (position >> 3)) % 8;
    changed[position] = (changed[position] as number) ^ (1 << bit);
    tried++;
    try {
      verify(changed, { program, minSecurityBits: 100 });
      wrong.push(`byte ${position}: accepted`);
    } catch (error) {
      if (!(error instanceof VerificationError)) wrong.push(`byte ${position}: ${error}`);
    }
  }
  return { tried, wrong };
}

parentPort?.postMessage(tryChanges(workerData as ByteChanges));
