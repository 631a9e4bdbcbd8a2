/** What `estimate` says of a proof beside what the proof takes. */
import { estimate, type ProofEstimate, textTable } from '../api/index.ts';
import { type ReportedProof, reportedProofs } from './command.ts';
import { sample } from './sample.ts';
import type { Subject } from './subjects.ts';

export interface EstimateRow {
  readonly name: string;
  readonly estimate: ProofEstimate;
  /** Proofs in new processes. */
  readonly proofs: readonly ReportedProof[];
  /** Estimate / what it took, of the median of the proofs. */
  readonly ratios: Readonly<Record<'time' | 'memory' | 'receipt' | 'segments', number>>;
}

/** Estimates a proof, then proves in processes of their own. Throws if a proof fails. */
export async function measureEstimate(
  { name, elf, publicInput, privateInput }: Subject,
  threads: number,
  runs: number,
): Promise<EstimateRow> {
  const inputs = { publicInput, privateInput };
  const found = await estimate(elf, { ...inputs, threads });
  const proofs = await reportedProofs({ elf, ...inputs }, threads, runs);
  const median = (of: (proof: ReportedProof) => number): number =>
    sample(proofs.map((proof) => of(proof))).median;
  const ratios = {
    time: found.milliseconds / median(({ milliseconds }) => milliseconds),
    memory: found.memoryBytes / median(({ processBytes }) => processBytes),
    receipt: found.receiptBytes / median(({ receiptBytes }) => receiptBytes),
    segments: found.segments / median(({ segments }) => segments),
  };
  return { name, estimate: found, proofs, ratios };
}

/** Estimates, and the ratio of each to what the proof took. */
export function estimateTable(rows: readonly EstimateRow[]): string {
  const head = ['cycles', 'segments', 'seconds', 'ratio', 'MiB', 'ratio', 'receipt KiB', 'ratio'];
  return textTable(
    [...head, 'guest'],
    rows.map(({ name, estimate: found, ratios }) => [
      found.cycles.toLocaleString('en-US'),
      String(found.segments),
      (found.milliseconds / 1000).toFixed(2),
      ratios.time.toFixed(2),
      (found.memoryBytes / 2 ** 20).toFixed(0),
      ratios.memory.toFixed(2),
      (found.receiptBytes / 1024).toFixed(1),
      ratios.receipt.toFixed(3),
      name,
    ]),
    head.length,
  );
}
