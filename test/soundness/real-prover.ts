/**
 * A prover of the real machine that asks no questions: it proves whatever tables it is given under
 * whatever claim, as well as the protocol lets it.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import {
  beginLookup,
  type Claim,
  type Digest,
  describeMachine,
  encodeReceipt,
  finishLookup,
  hasWork,
  type Instance,
  LOOKUP_TAG,
  type Machine,
  outlineOf,
  type ParameterSet,
  type ProgramStatement,
  type ProgramTables,
  programId,
  programShape,
  S100,
  SEGMENT_TAG,
  type SegmentHeader,
  segmentShape,
  segmentTranscript,
  statementDigest,
  Transcript,
  type VerifyOptions,
  workHash,
} from '@vouch/verifier';
import { Arena } from '../../prover/memory.ts';
import { type Pool, startPool } from '../../prover/pool.ts';
import { findNonce } from '../../prover/proof-of-work.ts';
import { commitProgram } from '../../prover/prove.ts';
import { commitSegment, freeSegment, proveSegment } from '../../prover/segment.ts';
import {
  machine as compiledMachine,
  type ProgramTable,
  type SegmentEnds,
  type SegmentTables,
} from '../../trace-arith/index.ts';
import { type Program, programId as programDigest } from '../../vm/index.ts';

/** Few queries and no work: a proof takes a second, and lies about columns are still noticed. */
export const QUICK: ParameterSet = {
  ...S100,
  id: 200,
  name: 'quick',
  securityBits: 1,
  lookupWork: 2,
  schedule: (logChunks, logRows) => {
    const { rounds, finalVariables } = S100.schedule(logChunks, logRows);
    const queries = [48, 14, 8, 6];
    return {
      finalVariables,
      rounds: rounds.map((round, i) => ({ ...round, queries: queries[i] ?? 6, queryWork: 8 })),
    };
  },
};

export const realMachine: Machine = describeMachine(
  compiledMachine().constraintProgram,
  [S100, QUICK],
  [17, 18, 19],
);

/** The tables of a program as the verifier takes them. */
export function programTables(program: Program, table: ProgramTable): ProgramTables {
  return {
    entry: table.entry,
    imageEnd: table.imageEnd,
    digest: hexToBytes(programDigest(program)),
    tables: realMachine.programChips.map((chip) => {
      const { name } = realMachine.constraints.chips[chip] as { name: string };
      return table.preprocessed.get(name) ?? [];
    }),
  };
}

/** What a prover says of a run, true or not. */
export interface FalseRun {
  readonly tables: readonly SegmentTables[];
  readonly segments: readonly SegmentEnds[];
  readonly publicInput: Uint8Array;
  readonly exitCode: number;
  readonly journal: Uint8Array;
  readonly program: ProgramTables;
}

export interface ProverSettings {
  /** The machine that is proved, and that the receipt names; the real one by default. */
  readonly machine?: Machine;
  readonly mode?: ProgramStatement['mode'];
  /** The set that the receipt names. */
  readonly claimed?: ParameterSet;
  /** The set that the prover follows behind the statement; the claimed one by default. */
  readonly followed?: ParameterSet;
  /** What the prover draws the challenges from; the headers of the receipt by default. */
  readonly drawnFrom?: (headers: readonly SegmentHeader[]) => readonly SegmentHeader[];
  /** Whether he passes over the first nonce that has the work of LogUp. */
  readonly secondNonce?: boolean;
}

/** The kernels and the programs' commitments, for all proofs of a test file. */
export class RealProver {
  readonly #pool: Pool;

  private constructor(pool: Pool) {
    this.#pool = pool;
  }

  static async start(): Promise<RealProver> {
    return new RealProver(await startPool(new Arena(), 2));
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** The 32 bytes that a caller pins. */
  async id(program: ProgramTables): Promise<Uint8Array> {
    return programId(realMachine, await commitProgram(this.#pool, realMachine, program));
  }

  /** The encoded receipt of a run of any number of segments. */
  async prove(run: FalseRun, settings: ProverSettings = {}): Promise<Uint8Array> {
    const { mode = 'program', claimed = QUICK, followed = claimed } = settings;
    const pool = this.#pool;
    const { machine = realMachine } = settings;
    const outline = outlineOf(machine, run.program);
    const program: ProgramStatement =
      mode === 'program'
        ? { mode, outline, digest: run.program.digest }
        : { mode, commitment: await commitProgram(pool, machine, run.program) };
    const claim: Claim = {
      machine: machine.digest,
      parameters: claimed.id,
      program,
      publicInput: { length: run.publicInput.length, digest: sha256(run.publicInput) },
      exitCode: run.exitCode,
      journal: run.journal,
    };
    const { constraints } = machine;
    const committed = [];
    try {
      for (const { instances } of run.tables) {
        const shape = segmentShape(
          constraints,
          instances.map(({ chip, logHeight }): Instance => ({ chip, logHeight })),
          followed.logRows,
          mode === 'id',
          programShape(machine, outline),
        );
        const absent = run.program.tables.map((preprocessed) => ({ preprocessed }));
        const { chips } = constraints;
        const segment = await commitSegment(pool, shape, instances, chips, followed, absent);
        committed.push({ shape, segment });
      }
      const headers = committed.map(({ shape, segment }, i): SegmentHeader => {
        const ends = run.segments[i] as SegmentEnds;
        return { root: segment.main.root, instances: shape.instances, ...ends };
      });
      const { drawnFrom = (all) => all, secondNonce = false } = settings;
      const statement = statementDigest(machine, claimed, claim, drawnFrom(headers));
      const lookup = new Transcript(LOOKUP_TAG);
      const seed = beginLookup(lookup, statement);
      const first = await findNonce(pool, LOOKUP_TAG, seed, claimed.lookupWork);
      const lookupNonce = secondNonce ? nextNonce(seed, first, claimed.lookupWork) : first;
      const challenges = finishLookup(lookup, claimed, seed, lookupNonce);
      const grind = (workSeed: readonly number[], bits: number): Promise<bigint> =>
        findNonce(pool, SEGMENT_TAG, workSeed, bits);
      const proofs = [];
      for (const [i, { shape, segment }] of committed.entries()) {
        const transcript = segmentTranscript(statement, lookupNonce, i + 1);
        const context = { machine: constraints, shape, segment: i + 1, challenges };
        proofs.push(await proveSegment(pool, transcript, context, segment, followed, grind));
      }
      return encodeReceipt({ claim, lookupNonce, segments: headers, proofs });
    } finally {
      for (const { segment } of committed) freeSegment(pool, segment);
    }
  }
}

function nextNonce(seed: Digest, nonce: bigint, bits: number): bigint {
  const hash = workHash(LOOKUP_TAG);
  let next = nonce + 1n;
  while (!hasWork(hash, seed, next, bits)) next++;
  return next;
}

/** What the caller of `verify` wants to be convinced of. */
export function expectations(
  run: Omit<FalseRun, 'tables' | 'segments'>,
  machine: Machine = realMachine,
): VerifyOptions {
  return {
    machine,
    program: { kind: 'program', ...run.program },
    publicInput: run.publicInput,
    exitCode: run.exitCode,
    minSecurityBits: 0,
  };
}
