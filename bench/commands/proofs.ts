/** Commands that prove in this process: prove, estimate, calibrate, segments, starts. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { FITTED_THREADS, startProver } from '../../api/index.ts';
import { calibration, measureCalibration } from '../calibrate.ts';
import { estimateTable, measureEstimate } from '../estimate.ts';
import { measureProof, proofTables } from '../prove.ts';
import { measureSegments, segmentsTable } from '../segments.ts';
import { measureStarts, startsTable } from '../starts.ts';
import {
  cutSubjects,
  estimateSubjects,
  longSubjects,
  proofSubjects,
  singleSubjects,
} from '../subjects.ts';
import {
  addProofOptions,
  collect,
  knownGuests,
  type ProofOptions,
  print,
  withProver,
} from './common.ts';

export function proveCommand(): Command {
  return addProofOptions(new Command('prove'))
    .description('speed, memory, stages and size of proofs: tier B, runs of 2^14 and 2^20 cycles')
    .option('--long', 'proofs of 4 to 70 million cycles instead, one of each')
    .action(async (options: ProofOptions & { long?: boolean }) => {
      const { only, long } = options;
      const guests = await knownGuests(only);
      const subjects = await (long ? longSubjects : proofSubjects)(guests, only);
      await withProver(
        long ? { runs: 1, ...options } : options,
        'proofs',
        (prover, runs) => collect(subjects, (subject) => measureProof(prover, subject, runs)),
        proofTables,
      );
    });
}

export function estimateCommand(): Command {
  return addProofOptions(new Command('estimate'))
    .description('estimates of proofs beside the proofs, of guests below 7 million cycles')
    .action(async ({ only, json, runs = 3, threads = availableParallelism() }: ProofOptions) => {
      const subjects = await estimateSubjects(await knownGuests(only), only);
      const rows = await collect(subjects, (subject) => measureEstimate(subject, threads, runs));
      await print({ json, threads, runs }, { estimates: rows }, () => estimateTable(rows));
    });
}

export function calibrateCommand(): Command {
  return addProofOptions(new Command('calibrate'))
    .description('the constants of api/proving/model.ts, for an idle machine')
    .action(async ({ only, runs = 3, threads = FITTED_THREADS }: ProofOptions) => {
      const subjects = await singleSubjects(await knownGuests(only), only);
      const prover = await startProver({ threads });
      try {
        const rows = await collect(subjects, (subject) =>
          measureCalibration(prover, subject, runs),
        );
        process.stdout.write(await calibration(rows));
      } finally {
        await prover.close();
      }
    });
}

export function segmentsCommand(): Command {
  return addProofOptions(new Command('segments'))
    .description('tier B in one, two and four segments')
    .action(async (options: ProofOptions) => {
      const subjects = await cutSubjects(await knownGuests(options.only), options.only);
      await withProver(
        options,
        'segments',
        async (prover, runs) =>
          (await collect(subjects, (subject) => measureSegments(prover, subject, runs))).flat(),
        segmentsTable,
      );
    });
}

export function startsCommand(): Command {
  return addProofOptions(new Command('starts'))
    .description('tables of segments with and without their starts')
    .action(async (options: ProofOptions) => {
      const subjects = await longSubjects(await knownGuests(options.only), options.only);
      await withProver(
        options,
        'starts',
        async (prover, runs) =>
          (await collect(subjects, (subject) => measureStarts(prover.steps, subject, runs))).flat(),
        startsTable,
      );
    });
}
