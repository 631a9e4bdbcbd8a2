/** Speed, memory and size of proofs, and the time to verify them. */
import {
  PROOF_STAGES,
  type ProofStage,
  type ProvedRun,
  type Prover,
  textTable,
  verify,
} from '../api/index.ts';
import { coldVerifications, wholeProofs } from './command.ts';
import { costTable } from './cost-model.ts';
import { formatSample, type Sample, sample } from './sample.ts';
import type { Subject } from './subjects.ts';

export interface ProofRow {
  readonly name: string;
  readonly title: string;
  readonly cycles: number;
  readonly threads: number;
  readonly segments: number;
  readonly securityBits: number;
  /** Thousand cycles a second, from the call to the verified receipt. */
  readonly kilohertz: Sample;
  readonly milliseconds: Sample;
  /** Milliseconds of each stage. */
  readonly stages: Readonly<Partial<Record<ProofStage, Sample>>>;
  /** Committed cells and messages between tables, padding included. */
  readonly cells: number;
  readonly interactions: number;
  /** Most bytes in the kernels' memory. */
  readonly peakBytes: number;
  readonly receiptBytes: number;
  /** Milliseconds to verify in a process that has verified before, and in a new one. */
  readonly verifyWarm: Sample;
  readonly verifyCold: Sample;
  /** Of short runs: milliseconds of `vouch prove` from the start of its process to its end. */
  readonly command?: Sample;
}

const VERIFICATIONS = 5;
/** Runs of fewer cycles are short: what does not grow with them takes most of the time. */
const SHORT_CYCLES = 2 ** 14;
/** Runs of as many cycles are long: of what a proof warms up there is little in them. */
const LONG_CYCLES = 2 ** 23;

/**
 * Proofs of one run after one that warms up, of a long run without. Throws an Error if two receipts
 * differ.
 *
 * @param onProof receives the number of each proof as it begins, from 1; 0 is the one that warms up
 */
export async function proofsOf(
  prover: Prover,
  { name, elf, publicInput, privateInput }: Subject,
  runs: number,
  onProof: (number: number) => void = () => {},
): Promise<ProvedRun[]> {
  const inputs = { publicInput, privateInput };
  onProof(0);
  const first = await prover.prove(elf, inputs);
  const proofs: ProvedRun[] = first.cycles < LONG_CYCLES ? [] : [first];
  while (proofs.length < runs) {
    onProof(proofs.length + 1);
    proofs.push(await prover.prove(elf, inputs));
  }
  if (proofs.some((proof) => !Buffer.from(first.receipt).equals(proof.receipt))) {
    throw new Error(`${name}: the same run has two receipts`);
  }
  return proofs;
}

/**
 * Proves one run `runs` times and verifies the receipt. Throws an Error if a receipt does not verify or
 * claims another journal than the executor's: that is no measurement.
 */
export async function measureProof(
  prover: Prover,
  subject: Subject,
  runs: number,
): Promise<ProofRow> {
  const { name, title, publicInput, journal } = subject;
  const proofs = await proofsOf(prover, subject, runs);
  const { receipt, programId, cycles, stats } = proofs[0] as ProvedRun;
  const verifyOnce = async (): Promise<void> => {
    const found = await verify(receipt, { program: programId, publicInput });
    if (Buffer.from(found.journal).equals(journal)) return;
    throw new Error(`${name}: the receipt has another journal than the run`);
  };
  const warm = await times(VERIFICATIONS, verifyOnce);
  return {
    name,
    title,
    cycles,
    threads: stats.threads,
    segments: stats.segments,
    securityBits: stats.securityBits,
    kilohertz: sample(proofs.map((proof) => cycles / proof.stats.milliseconds)),
    milliseconds: sample(proofs.map((proof) => proof.stats.milliseconds)),
    stages: stageSamples(proofs),
    cells: stats.cells,
    interactions: stats.interactions,
    peakBytes: stats.peakBytes,
    receiptBytes: receipt.length,
    verifyWarm: sample(warm),
    verifyCold: await coldVerifications(receipt, programId, publicInput, VERIFICATIONS),
    ...(cycles < SHORT_CYCLES && { command: await wholeProofs(subject, stats.threads, runs) }),
  };
}

/** Milliseconds of each stage. */
export function stageSamples(proofs: readonly ProvedRun[]): ProofRow['stages'] {
  const samples: Partial<Record<ProofStage, Sample>> = {};
  for (const stage of PROOF_STAGES) {
    const milliseconds = proofs.flatMap(({ stats }) =>
      stats.stages.filter((time) => time.stage === stage).map((time) => time.milliseconds),
    );
    if (milliseconds.length > 0) samples[stage] = sample(milliseconds);
  }
  return samples;
}

async function times(count: number, task: () => Promise<void>): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await task();
    found.push(performance.now() - start);
  }
  return found;
}

/** Three tables: what a proof takes, where its time goes, and the cost model beside that. */
export function proofTables(rows: readonly ProofRow[]): string {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  const totals = textTable(
    [
      'cycles',
      'segments',
      'kHz',
      'seconds',
      'cells/cycle',
      'MiB',
      'receipt KiB',
      'warm ms',
      'cold ms',
      'process ms',
      'guest',
      '',
    ],
    rows.map((row) => [
      row.cycles.toLocaleString('en-US'),
      String(row.segments),
      formatSample(row.kilohertz),
      (row.milliseconds.median / 1000).toFixed(2),
      (row.cells / row.cycles).toFixed(1),
      mebibytes(row.peakBytes),
      (row.receiptBytes / 1024).toFixed(1),
      formatSample(row.verifyWarm),
      formatSample(row.verifyCold),
      row.command === undefined ? '-' : formatSample(row.command),
      row.name,
      row.title,
    ]),
    10,
  );
  const stages = textTable(
    [...PROOF_STAGES, 'guest'],
    rows.map((row) => [
      ...PROOF_STAGES.map((stage) => row.stages[stage]?.median.toFixed(0) ?? '-'),
      row.name,
    ]),
    PROOF_STAGES.length,
  );
  const costs = `nanoseconds of one core, with the cost model's in parentheses\n${costTable(rows)}`;
  return `${totals}\nmilliseconds of each stage\n${stages}\n${costs}`;
}
