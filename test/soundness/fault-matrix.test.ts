/** Every instruction x every kind of fault that applies to it. */
import assert from 'node:assert/strict';
import { VerificationError, verify } from '@vouch/verifier';
import { traceSegment } from '../../trace-arith/fill/trace.ts';
import {
  checkTables,
  machine,
  type SegmentTables,
  type VerifierTerm,
  verifierTerms,
} from '../../trace-arith/index.ts';
import { INSTRUCTION_CHIPS } from '../../trace-arith/machine.ts';
import { ENTRY_RS1, ENTRY_WORDS, type Segment } from '../../vm/index.ts';
import { Random } from '../tools/random.ts';
import { claimOf, fillRun, type RecordedRun } from '../trace-arith/support.ts';
import { DeltaJudge } from './delta-judge.ts';
import type { Forgery, Outcome, Victim } from './fault.ts';
import { runOfEverything } from './fault-program.ts';
import { FAULTS } from './faults.ts';
import { expectations, programTables, RealProver } from './real-prover.ts';
import { recounted } from './recount.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';
/** Cycles of each instruction that are struck. */
const SAMPLES = isSlowRun ? 3 : 1;
/** Instructions that each kind strikes before it passes some over; all with VOUCH_SLOW=1. */
const ENOUGH = 8;
/** Faults that are proved with the kernels. */
const PROOFS = isSlowRun ? 60 : 8;
const PROOF_STEP = isSlowRun ? 150 : 100;
/** Every so many-th fault is shown to the debug checker as well. */
const CHECK_STEP = 41;

describe('a fault at any instruction is noticed', function () {
  this.timeout(isSlowRun ? 3_600_000 : 1_200_000);
  let run: RecordedRun;
  let segment: Segment;
  let honest: SegmentTables;
  let judge: DeltaJudge;
  let instructions: ReadonlyMap<string, readonly Victim[]>;
  const sample: { name: string; kind: string; outcome: Forgery }[] = [];

  before(async () => {
    run = await runOfEverything();
    [segment] = run.segments as [Segment];
    [honest] = fillRun(run) as [SegmentTables];
    assert.ok(checkTables(machine(), [honest], verifierTerms(claimOf(run))).ok);
    judge = new DeltaJudge(honest, verifierTerms(claimOf(run)));
    instructions = victims();
  });

  /** The cycles of each instruction: operation, registers that are equal, offset of the address. */
  function victims(): Map<string, Victim[]> {
    const { chip: chips, codeRow } = traceSegment(segment, run.table);
    const { code } = run.table;
    const found = new Map<string, Victim[]>();
    for (const [cycle, chip] of chips.entries()) {
      const row = codeRow[cycle] as number;
      const name = (INSTRUCTION_CHIPS[chip] as (typeof INSTRUCTION_CHIPS)[number]).name;
      const rs1 = segment.entries[ENTRY_WORDS * cycle + ENTRY_RS1] as number;
      const isAccess = /^[LS]/.test(name) && !/^S(HIFT|LT)/.test(name);
      const offset = isAccess ? (rs1 + (code.immediate[row] as number)) & 3 : 0;
      const rd = code.rd[row] as number;
      const key = `${name} ${code.operation[row]} ${code.flags[row]} ${offset}`;
      const victim = { run, segment, tables: honest, cycle, chip: name, rd };
      found.set(key, [...(found.get(key) ?? []), victim]);
    }
    return found;
  }

  const termsOf = ({ segment: changed }: Forgery): VerifierTerm[] | undefined => {
    if (changed === undefined) return undefined;
    return verifierTerms(claimOf({ ...run, segments: [changed] }));
  };

  it('of every chip', () => {
    const struck = new Set([...instructions.values()].flat().map(({ chip }) => chip));
    assert.deepEqual([...struck].sort(), INSTRUCTION_CHIPS.map(({ name }) => name).sort());
    assert.ok(instructions.size > 90, `${instructions.size} instructions`);
    assert.ok(Object.keys(FAULTS).length >= 80);
  });

  /** Forgeries of all kinds at all instructions, or at some of them. */
  async function* forgeries(): AsyncGenerator<{ name: string; kind: string; outcome: Outcome }> {
    const random = new Random(5);
    const struck = new Map<string, number>();
    for (const [i, [name, all]] of [...instructions].entries()) {
      for (let sample = 0; sample < Math.min(SAMPLES, all.length); sample++) {
        const victim = random.pick(all);
        for (const [j, [kind, fault]] of Object.entries(FAULTS).entries()) {
          const seen = struck.get(kind) ?? 0;
          if (!isSlowRun && seen >= ENOUGH && (i + j) % 5 !== 0) continue;
          const outcome = await fault(victim);
          if (outcome === undefined) continue;
          struck.set(kind, seen + 1);
          yield { name: `${name}, cycle ${victim.cycle + 1}`, kind, outcome };
        }
      }
    }
  }

  it('whatever its kind; by the debug checker too', async () => {
    const accepted: string[] = [];
    const noticed = new Map<string, number>();
    let struck = 0;
    for await (const { name, kind, outcome } of forgeries()) {
      noticed.set(kind, (noticed.get(kind) ?? 0) + 1);
      if (outcome === 'impossible' || outcome === undefined) continue;
      const { same, findings } = judge.judge(outcome.tables, termsOf(outcome));
      if (findings.length === 0) {
        noticed.set(kind, (noticed.get(kind) as number) - 1);
        if (!same) accepted.push(`${name}: ${kind}`);
      } else if (struck % PROOF_STEP === 0 && sample.length < PROOFS) {
        sample.push({ name, kind, outcome });
      }
      if (struck++ % CHECK_STEP === 0) {
        const terms = termsOf(outcome) ?? verifierTerms(claimOf(run));
        const { ok } = checkTables(machine(), [recounted(outcome.tables)], terms, { limit: 1 });
        assert.equal(ok, findings.length === 0, `${name}: ${kind}`);
      }
    }
    assert.deepEqual(accepted, []);
    const idle = Object.keys(FAULTS).filter((kind) => (noticed.get(kind) ?? 0) === 0);
    assert.deepEqual(idle, []);
    assert.ok(struck > 900, `${struck} faults`);
  });

  it('by the verifier, in a sample that is proved with the kernels', async () => {
    const prover = await RealProver.start();
    try {
      const program = programTables(run.program, run.table);
      for (const { name, kind, outcome } of sample) {
        const claim = claimOf({ ...run, segments: [outcome.segment ?? segment] });
        const forged = { ...claim, tables: [recounted(outcome.tables)], program };
        const receipt = await prover.prove(forged);
        assert.throws(
          () => verify(receipt, expectations(forged)),
          (error) =>
            error instanceof VerificationError &&
            ['balance/sum', 'zerocheck/values'].includes(error.check),
          `${name}: ${kind}`,
        );
      }
      assert.equal(sample.length, PROOFS);
    } finally {
      await prover.close();
    }
  });
});
