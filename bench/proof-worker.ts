/** Measures the proof that the parent process names, in memory of its own; see proof-process.ts. */
import { type VerifiedRun, verify } from '@vouch/verifier';
import {
  execute,
  loadProgram,
  type ProofStage,
  type ProvedRun,
  startProver,
} from '../api/index.ts';
import { readManifest } from '../guests/index.ts';
import type { ProofFigures, ProofMessage, ProofTask } from './proof-process.ts';
import { proofsOf, stageSamples } from './prove.ts';
import { type Sample, sample } from './sample.ts';
import { namedSubject, type Subject } from './subjects.ts';

const EXECUTIONS = 5;
const VERIFICATIONS = 5;
const AROUND_PROOF: readonly ProofStage[] = ['execute', 'fill', 'program', 'verify'];

process.once('message', (task: ProofTask) => {
  measure(task)
    .then((figures): ProofMessage => ({ figures }))
    .catch((error: Error): ProofMessage => ({ failure: error.message }))
    .then((message) => process.send?.(message, () => process.disconnect()));
});

/** Executes, proves and verifies. Throws an Error if an output or a receipt is not as it must be. */
async function measure({ name, threads, runs }: ProofTask): Promise<ProofFigures> {
  const subject = await namedSubject((await readManifest()).guests, name);
  const times = await executions(subject);
  const prover = await startProver({ threads });
  const proofs = await proofsOf(prover, subject, runs, (number) => {
    process.send?.({ proof: number } satisfies ProofMessage);
  });
  await prover.close();
  const peakBytes = 1024 * process.resourceUsage().maxRSS;
  const first = proofs[0] as ProvedRun;
  const { segments, cells, interactions, securityBits } = first.stats;
  return {
    cycles: first.cycles,
    ...{ segments, cells, interactions, securityBits },
    interpreterMicroseconds: times,
    proveMilliseconds: sample(proofs.map(({ stats }) => stats.milliseconds)),
    proofAloneMilliseconds: sample(proofs.map(proofAlone)),
    stages: stageSamples(proofs),
    receiptBytes: first.receipt.length,
    verifyMilliseconds: verifications(first, subject),
    peakBytes,
  };
}

/** Of a run of one segment: other stages of longer runs go on at the same time. */
function proofAlone({ stats }: ProvedRun): number {
  return stats.stages
    .filter(({ stage }) => !AROUND_PROOF.includes(stage))
    .reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}

/** Microseconds of the executor. */
async function executions({
  name,
  elf,
  publicInput,
  privateInput,
  journal,
}: Subject): Promise<Sample> {
  const program = loadProgram(elf);
  const times: number[] = [];
  // The first one warms up.
  for (let run = 0; run <= EXECUTIONS; run++) {
    const start = performance.now();
    const execution = await execute(program, { publicInput, privateInput });
    const microseconds = 1000 * (performance.now() - start);
    if (run > 0) times.push(microseconds);
    if (Buffer.from(execution.journal).equals(journal)) continue;
    throw new Error(`${name}: the run has another journal than it must have`);
  }
  return sample(times);
}

/** Milliseconds of the published verifier, which gets what a stranger has. */
function verifications(
  { receipt, programId: program }: ProvedRun,
  { name, publicInput, journal }: Subject,
): Sample {
  const once = (): VerifiedRun => verify(receipt, { program, publicInput });
  if (!Buffer.from(once().journal).equals(journal)) {
    throw new Error(`${name}: the receipt has another journal than the run`);
  }
  const times: number[] = [];
  while (times.length < VERIFICATIONS) {
    const start = performance.now();
    once();
    times.push(performance.now() - start);
  }
  return sample(times);
}
