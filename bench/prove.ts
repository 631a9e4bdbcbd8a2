/** Speed, memory and size of proofs, and the time to verify them. */
import {
  execute,
  loadProgram,
  MAX_SEGMENT_CYCLES,
  PROOF_STAGES,
  type ProofStage,
  type ProvedRun,
  type Prover,
  textTable,
  verify,
} from '../api/index.ts';
import { benchmarkInput, type Guest, guestInputs, readGuestElf } from '../guests/index.ts';
import { coldVerifications, wholeProofs } from './command.ts';
import { costTable } from './cost-model.ts';
import { formatSample, type Sample, sample } from './sample.ts';
import { check } from './speed.ts';

/** A run that is to be proved. */
export interface Subject {
  readonly name: string;
  readonly title: string;
  readonly elf: Uint8Array;
  readonly publicInput: Uint8Array;
  readonly privateInput: Uint8Array;
}

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
/** The guest of tier 0 that stands for a user's first proof. */
const SHORT = 'msort8';
const SCALED = 'fibonacci';
/** Runs of guests/fibonacci of just under a power of two of cycles, by its number of iterations. */
const SCALED_RUNS: readonly { name: string; iterations: number; title: string }[] = [
  { name: 'fib14', iterations: 3_259, title: 'fib(3259): 2^14 cycles' },
  { name: 'fib20', iterations: 209_690, title: 'fib(209690): 2^20 cycles' },
];

const MOST_ESTIMATED_CYCLES = 7e6;

/** A guest of tier 0, those of tier B, and runs of 2^14 and 2^20 cycles; or the named guests. */
export async function proofSubjects(
  guests: readonly Guest[],
  only: readonly string[] | undefined,
): Promise<Subject[]> {
  const chosen = guests.filter(({ name, tier }) =>
    only === undefined ? tier === 'B' || name === SHORT : only.includes(name),
  );
  const subjects = await Promise.all(chosen.map(subjectOf));
  const scaled = guests.find(({ name }) => name === SCALED);
  if (only !== undefined || scaled === undefined) return subjects;
  const fibonacci = await subjectOf(scaled);
  const runs = SCALED_RUNS.map(({ name, iterations, title }): Subject => {
    const publicInput = benchmarkInput({ kind: 'words', words: [iterations] });
    return { ...fibonacci, name, title, publicInput };
  });
  return [...subjects, ...runs];
}

/** The suite's guests that are proved in less than a minute, or the named ones. */
export async function estimateSubjects(
  guests: readonly Guest[],
  only: readonly string[] | undefined,
): Promise<Subject[]> {
  const chosen = guests.filter(({ name, cycles }) =>
    only === undefined ? cycles < MOST_ESTIMATED_CYCLES : only.includes(name),
  );
  return await Promise.all(chosen.map(subjectOf));
}

/** Guests of tier B that fit one segment, or the named ones. */
export async function cutSubjects(
  guests: readonly Guest[],
  only: readonly string[] | undefined,
): Promise<Subject[]> {
  const chosen = guests.filter(({ name, tier, cycles }) =>
    only === undefined ? tier === 'B' && cycles <= MAX_SEGMENT_CYCLES : only.includes(name),
  );
  return await Promise.all(chosen.map(subjectOf));
}

/** Throws an Error if the guest does not compute what the manifest states. */
async function subjectOf(guest: Guest): Promise<Subject> {
  const elf = await readGuestElf(guest);
  const inputs = guestInputs(guest);
  check(guest, await execute(loadProgram(elf), inputs));
  return { name: guest.name, title: guest.title, elf, ...inputs };
}

/**
 * Proves one run `runs` times after one that warms up, and verifies the receipt. Throws an Error if
 * a receipt does not verify or claims another journal than the executor's: that is no measurement.
 */
export async function measureProof(
  prover: Prover,
  subject: Subject,
  runs: number,
): Promise<ProofRow> {
  const { name, title, elf, ...inputs } = subject;
  const { journal } = await execute(loadProgram(elf), inputs);
  const first = await prover.prove(elf, inputs);
  const proofs: ProvedRun[] = [];
  for (let run = 0; run < runs; run++) proofs.push(await prover.prove(elf, inputs));
  const { receipt, programId, cycles, stats } = first;
  if (proofs.some((proof) => !Buffer.from(receipt).equals(proof.receipt))) {
    throw new Error(`${name}: the same run has two receipts`);
  }
  const verifyOnce = async (): Promise<void> => {
    const found = await verify(receipt, { program: programId, publicInput: inputs.publicInput });
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
    verifyCold: await coldVerifications(receipt, programId, inputs.publicInput, VERIFICATIONS),
    ...(cycles < SHORT_CYCLES && { command: await wholeProofs(subject, stats.threads, runs) }),
  };
}

function stageSamples(proofs: readonly ProvedRun[]): ProofRow['stages'] {
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
