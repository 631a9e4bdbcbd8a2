/** Speed, memory and size of proofs, and the time to verify them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  execute,
  loadProgram,
  PROOF_STAGES,
  type ProofStage,
  type ProvedRun,
  type Prover,
  textTable,
  verify,
} from '../api/index.ts';
import { benchmarkInput, type Guest, guestInputs, readGuestElf } from '../guests/index.ts';
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
  readonly cellsPerCycle: number;
  /** Most bytes in the kernels' memory. */
  readonly peakBytes: number;
  readonly receiptBytes: number;
  /** Milliseconds to verify in a process that has verified before, and in a new one. */
  readonly verifyWarm: Sample;
  readonly verifyCold: Sample;
}

const VERIFICATIONS = 5;
/** The iterations of guests/fibonacci that take just under 2^20 cycles. */
const ITERATIONS = 209_690;
const SCALED = 'fibonacci';

/** Guests of tier B, or the named ones; and a run of 2^20 cycles. */
export async function proofSubjects(
  guests: readonly Guest[],
  only: readonly string[] | undefined,
): Promise<Subject[]> {
  const chosen = guests.filter(({ name, tier }) =>
    only === undefined ? tier === 'B' : only.includes(name),
  );
  const subjects = await Promise.all(chosen.map(subjectOf));
  const scaled = guests.find(({ name }) => name === SCALED);
  if (only !== undefined || scaled === undefined) return subjects;
  const publicInput = benchmarkInput({ kind: 'words', words: [ITERATIONS] });
  const title = `fib(${ITERATIONS}): 2^20 cycles`;
  return [...subjects, { ...(await subjectOf(scaled)), name: 'fib', title, publicInput }];
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
    cellsPerCycle: stats.cells / cycles,
    peakBytes: stats.peakBytes,
    receiptBytes: receipt.length,
    verifyWarm: sample(warm),
    verifyCold: sample(await coldVerifications(first, inputs.publicInput)),
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

/** Milliseconds of `vouch verify` in processes of its own, without their start. */
async function coldVerifications(
  { receipt, programId }: ProvedRun,
  publicInput: Uint8Array,
): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-bench-'));
  const [receiptFile, inputFile] = [join(folder, 'receipt'), join(folder, 'input')];
  const main = fileURLToPath(new URL('../api/cli/main.js', import.meta.url));
  const found: number[] = [];
  try {
    await Promise.all([writeFile(receiptFile, receipt), writeFile(inputFile, publicInput)]);
    for (let i = 0; i < VERIFICATIONS; i++) {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [
          main,
          'verify',
          receiptFile,
          '--program',
          programId,
          '--public-input',
          inputFile,
          '--json',
        ],
        { maxBuffer: 2 ** 28 },
      );
      const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>;
      found.push(result.milliseconds ?? Number.NaN);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return found;
}

/** Two tables: what a proof takes, and where its time goes. */
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
      'guest',
      '',
    ],
    rows.map((row) => [
      row.cycles.toLocaleString('en-US'),
      String(row.segments),
      formatSample(row.kilohertz),
      (row.milliseconds.median / 1000).toFixed(2),
      row.cellsPerCycle.toFixed(1),
      mebibytes(row.peakBytes),
      (row.receiptBytes / 1024).toFixed(1),
      formatSample(row.verifyWarm),
      formatSample(row.verifyCold),
      row.name,
      row.title,
    ]),
    9,
  );
  const stages = textTable(
    [...PROOF_STAGES, 'guest'],
    rows.map((row) => [
      ...PROOF_STAGES.map((stage) => row.stages[stage]?.median.toFixed(0) ?? '-'),
      row.name,
    ]),
    PROOF_STAGES.length,
  );
  return `${totals}\nmilliseconds of each stage\n${stages}`;
}
