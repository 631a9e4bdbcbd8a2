/** How proofs grow with the run: one program, with more and more cycles and threads. */
import { textTable } from '../api/index.ts';
import { measureProofAlone } from './proof-process.ts';
import type { ResultRecord, Results } from './records.ts';
import { formatSample } from './sample.ts';
import { type ProofRecordFigures, proofRecordFigures } from './table.ts';

/** A run of just under 2^log cycles. */
export interface ScalingTask {
  readonly name: string;
  readonly log: number;
  readonly threads: number;
  readonly runs: number;
}

/** @param program SHA-256 of the ELF file that is run */
export async function measureScaling(
  results: Results,
  program: string,
  { name, log, threads, runs }: ScalingTask,
  onProof: (number: number) => void,
): Promise<ResultRecord> {
  const key = { type: 'scaling', system: 'vouch', name, threads, program } as const;
  return await results.measure({ ...key, title: `2^${log} cycles` }, async () => {
    const proof = await measureProofAlone({ name, threads, runs }, onProof);
    return { figures: { ...proofRecordFigures(proof) }, stages_ms: proof.stages };
  });
}

export function scalingText(records: readonly ResultRecord[]): string {
  const rows = records.flatMap(({ title, threads, figures }) =>
    figures === undefined
      ? []
      : [{ title, threads, figures: figures as unknown as ProofRecordFigures }],
  );
  const failed = records.flatMap(({ title, threads, failure }) =>
    failure === undefined ? [] : [`${title} with ${threads} threads FAILED: ${failure}\n`],
  );
  const head = ['cycles', 'threads', 'prove ms', 'kHz', 'µs/cycle', 'peak MiB', 'B/cycle'];
  const table = textTable(
    [...head, 'receipt KiB', 'B/cycle', 'verify ms', 'segments', 'bits', 'runs'],
    rows.map(({ threads, figures: { cycles, prove_ms: prove, ...figures } }) => [
      cycles.toLocaleString('en-US'),
      String(threads),
      formatSample(prove),
      (figures.prover_hz / 1000).toFixed(1),
      ((1000 * prove.median) / cycles).toFixed(2),
      (figures.peak_rss / 2 ** 20).toFixed(0),
      (figures.peak_rss / cycles).toFixed(0),
      (figures.proof_bytes / 1024).toFixed(1),
      (figures.proof_bytes / cycles).toFixed(2),
      formatSample(figures.verify_ms),
      String(figures.segments),
      `${figures.security_bits.toFixed(1)} ${figures.security}`,
      String(prove.runs),
    ]),
    13,
  );
  return `${table}${failed.join('')}`;
}
