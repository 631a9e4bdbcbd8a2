/**
 * The table of Walfish and Blumberg's survey: what it costs to verify, to prove and to set up, against
 * running the program natively.
 */
import { PROOF_STAGES, textTable } from '../api/index.ts';
import type { Guest } from '../guests/index.ts';
import { measureNative } from './native.ts';
import type { PaperRow } from './papers.ts';
import { measureProofAlone, type ProofFigures } from './proof-process.ts';
import type { Measurement, ResultRecord, Results } from './records.ts';
import { formatSample, type Sample } from './sample.ts';

/** Bytes of a program's id: all that a verifier keeps of the set-up. */
const KEY_BYTES = 32;

/** The figures of a proof, by the names that they have in every results file. */
export interface ProofRecordFigures {
  readonly cycles: number;
  readonly segments: number;
  readonly cells: number;
  readonly interactions: number;
  readonly security_bits: number;
  readonly security: 'provable';
  readonly interp_us: Sample;
  /** To commit to the program, which makes its id; it serves all runs of the program. */
  readonly setup_ms: Sample;
  readonly key_bytes: number;
  readonly prove_ms: Sample;
  readonly prover_hz: number;
  readonly proof_bytes: number;
  readonly verify_ms: Sample;
  readonly peak_rss: number;
}

/** The figures of a row of the table. */
export interface TableFigures extends ProofRecordFigures {
  /** Absent with `native_failure`. */
  readonly native_us?: Sample;
  readonly native_failure?: string;
  readonly prover_over_native?: number;
  /** Runs after which set-up and verification take less than native runs; absent without native_us. */
  readonly break_even?: number | 'never';
}

/** Measures a guest in the field's own terms, or takes what the results have. */
export async function measureTable(
  results: Results,
  guest: Guest,
  { threads, runs }: { readonly threads: number; readonly runs: number },
  onProof: (number: number) => void,
): Promise<ResultRecord> {
  const { name, title, sha256: program } = guest;
  const key = { type: 'table', system: 'vouch', name, threads, program } as const;
  return await results.measure({ ...key, title }, async () => {
    const native = await measureNative(guest).catch((error: Error) => error);
    return tableMeasurement(await measureProofAlone({ name, threads, runs }, onProof), native);
  });
}

/** @param native microseconds, or why there are none */
export function tableMeasurement(
  proof: ProofFigures,
  native: Sample | Error,
): Pick<Measurement, 'figures' | 'stages_ms'> {
  const figures = proofRecordFigures(proof);
  const all: TableFigures = { ...figures, ...againstNative(native, figures) };
  return { figures: { ...all }, stages_ms: proof.stages };
}

/** The figures of a proof in the terms of results files. */
export function proofRecordFigures(proof: ProofFigures): ProofRecordFigures {
  const { cycles, segments, cells, interactions, stages } = proof;
  const { proveMilliseconds: prove, verifyMilliseconds: verify } = proof;
  return {
    ...{ cycles, segments, cells, interactions },
    ...{ security_bits: proof.securityBits, security: 'provable' },
    interp_us: proof.interpreterMicroseconds,
    ...{ setup_ms: stages.program as Sample, key_bytes: KEY_BYTES, prove_ms: prove },
    prover_hz: (1000 * cycles) / prove.median,
    ...{ proof_bytes: proof.receiptBytes, verify_ms: verify, peak_rss: proof.peakBytes },
  };
}

function againstNative(
  native: Sample | Error,
  { prove_ms: prove, verify_ms: verify, setup_ms: setup }: ProofRecordFigures,
): Pick<TableFigures, 'native_us' | 'native_failure' | 'prover_over_native' | 'break_even'> {
  if (native instanceof Error) return { native_failure: native.message };
  const milliseconds = native.median / 1000;
  return {
    native_us: native,
    prover_over_native: prove.median / milliseconds,
    break_even: breakEven(setup.median, milliseconds, verify.median),
  };
}

/** Runs after which set-up and verifications take no longer than native runs; all in one unit. */
export function breakEven(setup: number, native: number, verify: number): number | 'never' {
  return native > verify ? Math.max(1, Math.ceil(setup / (native - verify))) : 'never';
}

/** Four tables: against native, the proof, its stages, and the papers. */
export function tableText(
  records: readonly ResultRecord[],
  guests: readonly Guest[],
  papers: readonly PaperRow[],
): string {
  const rows = records.map((record) => ({
    record,
    tier: guests.find(({ name }) => name === record.name)?.tier ?? '-',
    figures: record.figures as TableFigures | undefined,
  }));
  const measured = rows.flatMap(({ figures, ...row }) => (figures ? [{ ...row, figures }] : []));
  const failed = rows.flatMap(({ record: { name, failure } }) =>
    failure === undefined ? [] : [`${name} FAILED: ${failure}`],
  );
  const withoutNative = measured.flatMap(({ record, figures: { native_failure: failure } }) =>
    failure === undefined ? [] : [`${record.name} has no native run: ${failure}`],
  );
  const costs = textTable(
    [
      ...['tier', 'native µs', 'interpreter µs', 'setup ms', 'key B', 'verify ms', 'prove ms'],
      ...['prove/native', 'break-even', 'guest', ''],
    ],
    measured.map(({ record, tier, figures }) => [
      tier,
      figures.native_us === undefined ? '-' : formatSample(figures.native_us),
      formatSample(figures.interp_us),
      formatSample(figures.setup_ms),
      String(figures.key_bytes),
      formatSample(figures.verify_ms),
      formatSample(figures.prove_ms),
      figures.prover_over_native?.toPrecision(2) ?? '-',
      String(figures.break_even ?? '-'),
      ...[record.name, record.title],
    ]),
    9,
  );
  const proofs = textTable(
    [
      ...['cycles', 'segments', 'cells/cycle', 'interactions/cycle', 'kHz', 'receipt KiB'],
      ...['peak MiB', 'bits', 'runs', 'guest'],
    ],
    measured.map(({ record, figures }) => [
      figures.cycles.toLocaleString('en-US'),
      String(figures.segments),
      (figures.cells / figures.cycles).toFixed(1),
      (figures.interactions / figures.cycles).toFixed(1),
      (figures.prover_hz / 1000).toFixed(figures.prover_hz < 1e5 ? 1 : 0),
      (figures.proof_bytes / 1024).toFixed(1),
      (figures.peak_rss / 2 ** 20).toFixed(0),
      `${figures.security_bits.toFixed(1)} ${figures.security}`,
      String(figures.prove_ms.runs),
      record.name,
    ]),
    9,
  );
  const stages = textTable(
    [...PROOF_STAGES, 'guest'],
    measured.map(({ record }) => [
      ...PROOF_STAGES.map((stage) => record.stages_ms?.[stage]?.median.toFixed(0) ?? '-'),
      record.name,
    ]),
    PROOF_STAGES.length,
  );
  return [
    costs,
    proofs,
    `milliseconds of each stage\n${stages}`,
    `the papers' proofs, on the papers' machines\n${paperText(measured, papers)}`,
    [...failed, ...withoutNative].map((line) => `${line}\n`).join(''),
  ].join('\n');
}

function paperText(
  measured: readonly { readonly record: ResultRecord; readonly figures: TableFigures }[],
  papers: readonly PaperRow[],
): string {
  const rows = measured.flatMap(({ record: { name }, figures: { prove_ms: prove } }) =>
    papers
      .filter(({ guest }) => guest === name)
      .map(({ system, prove_s: seconds, setup_s, source }) => [
        seconds.toFixed(0),
        (prove.median / 1000).toFixed(2),
        ((1000 * seconds) / prove.median).toFixed(0),
        setup_s?.toFixed(0) ?? '-',
        ...[name, system, source],
      ]),
  );
  const head = ['prove s', 'Vouch s', 'ratio', 'setup s', 'guest', 'system', 'source'];
  return textTable(head, rows, 4);
}
