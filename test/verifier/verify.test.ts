import assert from 'node:assert/strict';
import { bytesToHex } from '@noble/hashes/utils.js';
import {
  decodeReceipt,
  HALT_PC,
  type ProgramTables,
  programId,
  type TranscriptEntry,
  verify,
} from '@vouch/verifier';
import { commitProgram, type FilledRun } from '../../prover/scalar/prove.ts';
import { boastfulParameters, courier, DELIVER, HALT } from '../prover/courier-machine.ts';
import { courierInstructions, courierProgram, courierRun } from '../prover/courier-runs.ts';
import {
  assertRefused,
  edited,
  expectations,
  honestRun,
  type Mode,
  program,
  proveRun,
  publicInput,
} from './receipts.ts';

const MODES: readonly Mode[] = ['id', 'program'];

describe('verify', () => {
  for (const mode of MODES) {
    for (const cuts of [[], [2], [1, 3]]) {
      const kind = `${cuts.length + 1} segment(s), program known by ${mode}`;

      it(`accepts an honest receipt and returns its journal: ${kind}`, () => {
        const { bytes } = proveRun(mode, honestRun(cuts));
        const run = verify(bytes, expectations(mode));
        assert.equal(bytesToHex(run.journal), 'feca0180333344440000');
        const { exitCode, cycles, segments, parameters } = run;
        const expected = { exitCode: 0, cycles: 5, segments: cuts.length + 1 };
        assert.deepEqual({ exitCode, cycles, segments }, expected);
        assert.equal(parameters, 'courier');
        assert.ok(run.securityBits > 2 && run.securityBits < 20);
      });

      it(`has the prover's transcripts, entry by entry: ${kind}`, () => {
        const { bytes, log } = proveRun(mode, honestRun(cuts));
        const transcriptLog: TranscriptEntry[] = [];
        verify(bytes, { ...expectations(mode), transcriptLog });
        assert.deepEqual(transcriptLog, log);
      });
    }
  }

  it('tells what is no receipt from one of another version', () => {
    const { bytes } = proveRun('id', honestRun());
    const other = bytes.slice();
    other[0] = 0x56;
    assert.throws(() => verify(other, expectations('id')), /decode\/format: this is not a receipt/);
    const version = 'vouch/receipt/'.length;
    const newer = bytes.slice();
    newer[version] = 0x39;
    assert.throws(() => verify(newer, expectations('id')), /of another version \(found = 9,/);
  });

  it('accepts an empty input and an empty journal', () => {
    const instructions = [[16, 3, HALT_PC, 0, 0]] as const;
    const empty = courierProgram(instructions);
    const { bytes } = proveRun('id', courierRun(empty, instructions, new Uint8Array(0), []), empty);
    const options = { ...expectations('id', empty), publicInput: new Uint8Array(0) };
    assert.equal(verify(bytes, options).journal.length, 0);
  });

  it('accepts another exit code than 0 only from a caller who names it', () => {
    const instructions = courierInstructions(3);
    const failing = courierProgram(instructions);
    const { bytes } = proveRun('id', courierRun(failing, instructions, publicInput, []), failing);
    const options = expectations('id', failing);
    assert.equal(verify(bytes, { ...options, exitCode: 3 }).exitCode, 3);
    assertRefused(bytes, options, 'statement/exit-code');
    assertRefused(bytes, { ...options, exitCode: 4 }, 'statement/exit-code');
  });

  it('does not depend on where the bytes lie in their buffer', () => {
    const { bytes } = proveRun('id', honestRun());
    const shifted = new Uint8Array(bytes.length + 7).subarray(3, 3 + bytes.length);
    shifted.set(bytes);
    assert.equal(verify(shifted, expectations('id')).exitCode, 0);
  });
});

describe('verify refuses what the caller does not expect', () => {
  const byId = proveRun('id', honestRun([2]));
  const byProgram = proveRun('program', honestRun([2]));

  it('another public input, longer or shorter by a zero byte too', () => {
    const inputs = [
      publicInput.slice(0, -1),
      Uint8Array.of(...publicInput, 0),
      publicInput.with(2, 9),
    ];
    for (const other of inputs) {
      const options = { ...expectations('id'), publicInput: other };
      assertRefused(byId.bytes, options, 'statement/public-input');
    }
  });

  it('a public input of another length, under the digest of the right one', () => {
    const changed = edited(byId.receipt, ({ claim }) => {
      claim.publicInput.length++;
    });
    assertRefused(changed, expectations('id'), 'statement/public-input');
  });

  it('another program, whichever way it is known', () => {
    const other = courierProgram(courierInstructions(0, 12));
    assertRefused(byId.bytes, expectations('id', other), 'statement/program');
    assertRefused(byProgram.bytes, expectations('program', other), 'statement/program');
  });

  it('a program that is known in another way', () => {
    assertRefused(byId.bytes, expectations('program'), 'statement/mode');
    assertRefused(byProgram.bytes, expectations('id'), 'statement/mode');
  });

  it('tables that are not those of the proof, under the same digest', () => {
    for (const [table, column] of [
      [0, 1],
      [1, 3],
    ] as const) {
      const tables = structuredClone(program.tables) as Uint32Array[][];
      const changed = tables[table]?.[column];
      assert.ok(changed);
      changed[1] = 77;
      const other: ProgramTables = { ...program, tables };
      assertRefused(byProgram.bytes, expectations('program', other), 'program/values');
    }
  });

  it('another entry, image end or height of a table, under the same digest', () => {
    const { entry, imageEnd, tables } = program;
    const [first, ...others] = tables as readonly [readonly Uint32Array[], ...Uint32Array[][]];
    const taller = first.map((column) => Uint32Array.of(...column, ...column));
    const programs: readonly ProgramTables[] = [
      { ...program, entry: entry + 1 },
      { ...program, imageEnd: imageEnd + 1 },
      { ...program, tables: [taller, ...others] },
    ];
    for (const other of programs) {
      assertRefused(byProgram.bytes, expectations('program', other), 'statement/program');
    }
  });

  it('fewer bits than the caller asks for, 120 if he does not say', () => {
    const { minSecurityBits: _, ...options } = expectations('id');
    assertRefused(byId.bytes, options, 'security/bits');
    assertRefused(byId.bytes, { ...options, minSecurityBits: 100 }, 'security/bits');
    const { securityBits } = verify(byId.bytes, { ...options, minSecurityBits: 1 });
    assert.ok(verify(byId.bytes, { ...options, minSecurityBits: securityBits }));
    const above = { ...options, minSecurityBits: securityBits + 1e-9 };
    assertRefused(byId.bytes, above, 'security/bits');
  });

  it('a parameter set that does not keep what its name promises', () => {
    const { bytes } = proveRun('id', honestRun(), program, boastfulParameters);
    assertRefused(bytes, expectations('id'), 'security/bits');
  });

  it('options that are impossible, with a RangeError', () => {
    const options = expectations('id');
    const wrong = [
      { ...options, program: { kind: 'id', id: new Uint8Array(31) } as const },
      { ...options, exitCode: -1 },
      { ...options, minSecurityBits: Number.NaN },
    ];
    for (const one of wrong) assert.throws(() => verify(byId.bytes, one), RangeError);
    const tables = program.tables.map((columns) => columns.slice(1));
    const cut = { ...options, program: { kind: 'program', ...program, tables } as const };
    assert.throws(() => verify(byProgram.bytes, cut), RangeError);
  });
});

/** A prover who proves as he should, about a run that is not as he claims. */
describe('verify refuses a false claim that is proved honestly', () => {
  const run = honestRun([2]);
  const { journal } = run;
  const claims: readonly [claim: string, run: FilledRun][] = [
    ['a journal with another word', { ...run, journal: journal.with(5, 1) }],
    ['a journal with a byte less', { ...run, journal: journal.slice(0, -1) }],
    ['a journal with a zero byte more', { ...run, journal: Uint8Array.of(...journal, 0) }],
    ['a journal with a word more', { ...run, journal: Uint8Array.of(...journal, 0, 0, 0, 0) }],
    ['an empty journal', { ...run, journal: new Uint8Array(0) }],
    [
      'a journal with two words swapped',
      { ...run, journal: Uint8Array.of(...journal.slice(4, 8), ...journal.slice(0, 4), 0, 0) },
    ],
    ['a cycle more', withSegment(run, 0, { cycleEnd: 4 })],
    ['a cycle less', withSegment(run, 1, { cycleEnd: 3 })],
    ['another hand-over', withSegment(withSegment(run, 0, { pcEnd: 18 }), 1, { pcStart: 18 })],
    ['segments in another order', { ...run, segments: run.segments.toReversed() }],
    ['a segment left out', { ...run, segments: run.segments.slice(1) }],
    ['no end', { ...run, segments: run.segments.slice(0, 1) }],
    ['an end that was not reached', withoutHalt(run)],
  ];
  for (const [claim, claimed] of claims) {
    it(claim, () => {
      const { bytes } = proveRun('id', claimed);
      const checks = ['balance/sum', 'statement/pc', 'shape/presence'] as const;
      assertRefused(bytes, expectations('id'), ...checks);
    });
  }

  it('another exit code', () => {
    const { bytes } = proveRun('id', { ...run, exitCode: 1 });
    assertRefused(bytes, { ...expectations('id'), exitCode: 1 }, 'balance/sum');
  });

  it('another public input', () => {
    const other = publicInput.with(6, 0x34);
    const publicClaim = honestRun([2]).publicInput;
    const swapped = courierRun(program, courierInstructions(), other, [2]).publicInput;
    assert.notDeepEqual(swapped, publicClaim);
    const { bytes } = proveRun('id', { ...run, publicInput: swapped });
    assertRefused(bytes, { ...expectations('id'), publicInput: other }, 'balance/sum');
  });

  it('rows of another program', () => {
    const longer = courierInstructions(0, 12);
    const { bytes } = proveRun('program', courierRun(program, longer, publicInput, [2]));
    assertRefused(bytes, expectations('program'), 'balance/sum');
  });

  it('a word of memory that was never there', () => {
    const tables = (run.segments[1]?.tables ?? []).map((table) =>
      table.chip === DELIVER ? { ...table, main: table.main.with(5, ones(4)) } : table,
    );
    const journalOfOnes = journal.with(4, 1).with(5, 0).with(8, 1);
    const forged = { ...withSegment(run, 1, { tables }), journal: journalOfOnes };
    assertRefused(proveRun('id', forged).bytes, expectations('id'), 'balance/sum');
  });

  it('a selector that is not boolean', () => {
    const tables = (run.segments[1]?.tables ?? []).map((table) =>
      table.chip === HALT ? { ...table, main: table.main.with(0, Uint32Array.of(2, 0)) } : table,
    );
    const { bytes } = proveRun('id', withSegment(run, 1, { tables }));
    assertRefused(bytes, expectations('id'), 'zerocheck/values');
  });
});

describe('a program id', () => {
  const commitment = commitProgram(courier, program);
  const id = bytesToHex(programId(courier, commitment));

  it('is another one for another entry, image end, height, root or machine', () => {
    const [first = [], second = []] = commitment.roots;
    const others = [
      { ...commitment, entry: commitment.entry + 1 },
      { ...commitment, imageEnd: commitment.imageEnd + 1 },
      { ...commitment, logHeights: [3, 2] },
      { ...commitment, roots: [second, first] },
      { ...commitment, roots: [first.map((x) => x ^ 1), second] },
      { ...commitment, roots: [first, second.map((x) => x ^ 1)] },
    ];
    const ids = others.map((other) => bytesToHex(programId(courier, other)));
    const machine = { ...courier, digest: courier.digest.with(0, 1) };
    ids.push(bytesToHex(programId(machine, commitment)));
    assert.equal(new Set([id, ...ids]).size, ids.length + 1);
  });

  it('binds the image in the segments that have no image table', () => {
    const { receipt } = proveRun('id', honestRun([2]));
    const tree = receipt.proofs[0]?.opening.rounds[0]?.opened;
    assert.equal(tree?.length, 2);
    const { shapes } = decodeReceipt(proveRun('id', honestRun([2])).bytes, courier);
    assert.deepEqual(
      shapes.map((shape) => shape.absentColumns.length),
      [4, 0],
    );
    const bytes = edited(receipt, ({ claim }) => {
      if (claim.program.mode === 'id') claim.program.commitment.imageEnd--;
    });
    assertRefused(bytes, expectations('id'), 'statement/program');
  });
});

function withSegment(
  run: FilledRun,
  index: number,
  change: Partial<FilledRun['segments'][number]>,
): FilledRun {
  const segments = run.segments.map((one, i) => (i === index ? { ...one, ...change } : one));
  return { ...run, segments };
}

/** The HALT is not executed, but the last segment claims to end there. */
function withoutHalt(run: FilledRun): FilledRun {
  const tables = (run.segments[1]?.tables ?? []).filter(({ chip }) => chip !== HALT);
  return withSegment(run, 1, { tables, cycleEnd: 3 });
}

function ones(length: number): Uint32Array {
  return new Uint32Array(length).fill(1);
}
