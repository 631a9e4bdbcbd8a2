import { strict as assert } from 'node:assert';
import { guestInputs, readGuestElf, readManifest } from '../../guests/index.ts';
import { execute } from '../../vm/execute.ts';
import type { ExecuteOptions, Execution } from '../../vm/execution.ts';
import { loadProgram } from '../../vm/load.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import type { Program } from '../../vm/program.ts';
import { record, replay } from '../../vm/record.ts';
import { CROSSING_WORDS, ENTRY_MEMORY_TIME, ENTRY_WORDS, type Segment } from '../../vm/segment.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { checkSegment, checkSnapshot } from '../tools/check-segment.ts';
import { CODE_START, commit, halt, programOf } from '../tools/guest-program.ts';
import { Random } from '../tools/random.ts';
import { randomElf, randomProgram } from '../tools/random-program.ts';
import { ReferenceMachine } from '../tools/reference-machine.ts';

interface Recorded {
  readonly segments: readonly Segment[];
  readonly execution: Execution;
}

async function recordAll(
  program: Program,
  segmentCycles: number,
  options: ExecuteOptions = {},
): Promise<Recorded> {
  const run = record(program, { ...options, segmentCycles });
  const segments: Segment[] = [];
  for (;;) {
    const next = await run.next();
    if (next.done) return { segments, execution: next.value };
    segments.push(next.value);
  }
}

function assembled(write: (assembler: Assembler) => void, data?: Uint8Array): Program {
  const assembler = new Assembler(CODE_START);
  write(assembler);
  return programOf({ code: assembler.assemble(), ...(data && { data }) });
}

/** Everything but the times of memory accesses, which count from the segment's start. */
function withoutTimes(segments: readonly Segment[]): Buffer {
  return Buffer.concat(
    segments.map(({ entries }) => {
      const rest = entries.map((value, i) => (i % ENTRY_WORDS === ENTRY_MEMORY_TIME ? 0 : value));
      return Buffer.from(rest.buffer);
    }),
  );
}

interface Subject {
  readonly name: string;
  readonly program: Program;
  readonly options: ExecuteOptions;
  /** Of different sizes; the first puts the run into one segment. */
  readonly segmentCycles: readonly number[];
}

const GUESTS: readonly [name: string, ...segmentCycles: number[]][] = [
  ['hello', 20_000, 997, 64, 7, 1],
  ['msort32', 20_000, 1000, 33],
  ['mm7', 20_000, 512],
  ['rle432', 20_000, 2048],
  ['keccak256', 400_000, 8192],
  ['sudoku', 200_000, 4099],
];

async function subjects(): Promise<Subject[]> {
  const { guests } = await readManifest();
  const found: Subject[] = [];
  for (const [name, ...segmentCycles] of GUESTS) {
    const guest = guests.find((candidate) => candidate.name === name) ?? assert.fail(name);
    const program = loadProgram(await readGuestElf(guest));
    found.push({ name, program, options: guestInputs(guest), segmentCycles });
  }
  const random = new Random(20);
  for (let i = 0; i < 6; i++) {
    const program = loadProgram(randomElf(randomProgram(random, 200, 6), 'machine'));
    found.push({
      name: `random program ${i}`,
      program,
      options: {},
      segmentCycles: [20_000, 500 + i, 61],
    });
  }
  return found;
}

/** Commits three words and two bytes, one in a segment with segments of few cycles. */
const journalProgram = (): Program =>
  assembled((x) => {
    for (let i = 1; i <= 3; i++) commit(x.li(5, 0x0102_0304 * i), 5);
    commit(x.li(5, 0xbeef), 5).li(10, 0).li(11, 14).hostCall(1);
  });

describe('The record', () => {
  let all: readonly Subject[] = [];
  before(async () => {
    all = await subjects();
  });

  it('is what the reference machine does, entry by entry, in segments of any size', async () => {
    let crossings = 0;
    for (const { program, options, segmentCycles } of all) {
      for (const cycles of segmentCycles) {
        const { segments, execution } = await recordAll(program, cycles, options);
        const machine = new ReferenceMachine(program, options);
        for (const segment of segments) {
          checkSegment(segment, machine);
          crossings += segment.crossings.length / CROSSING_WORDS;
        }
        const end = segments.at(-1)?.end ?? assert.fail('no segment');
        checkSnapshot({ ...end, pc: machine.pc }, machine);
        const view = new DataView(execution.journal.buffer, execution.journal.byteOffset);
        machine.journal.forEach((word, i) => {
          if (4 * i + 4 <= execution.journal.length) {
            assert.equal(view.getUint32(4 * i, true), word);
          }
        });
      }
    }
    assert.ok(crossings > 1000, `only ${crossings} crossings`);
  });

  it('does not depend on the size of segments', async () => {
    for (const { program, options, segmentCycles } of all) {
      const [most = 0, ...sizes] = segmentCycles;
      const whole = await recordAll(program, most, options);
      assert.equal(whole.segments.length, 1);
      const expected = withoutTimes(whole.segments);
      for (const size of sizes) {
        const { segments, execution } = await recordAll(program, size, options);
        assert.deepEqual(execution, whole.execution);
        assert.equal(segments.length, Math.ceil(execution.cycles / size));
        assert.ok(segments.slice(0, -1).every(({ cycles }) => cycles === size));
        assert.ok(withoutTimes(segments).equals(expected));
      }
    }
  });

  it('is continuous, and only its last segment is the last', async () => {
    for (const { program, options, segmentCycles } of all) {
      const { segments, execution } = await recordAll(program, segmentCycles.at(-1) ?? 1, options);
      let cycle = 0;
      segments.forEach((segment, i) => {
        assert.equal(segment.start.segment, i + 1);
        assert.equal(segment.start.cycle, cycle);
        if (i > 0) assert.equal(segment.start, segments[i - 1]?.end);
        cycle += segment.cycles;
        assert.equal(segment.last, i === segments.length - 1);
      });
      assert.equal(cycle, execution.cycles);
      assert.deepEqual(execution, await execute(program, options));
    }
  });

  it('is the same without copies, until the next segment', async () => {
    const segmentCycles = 700;
    const program = loadProgram(randomElf(randomProgram(new Random(3), 300, 6), 'machine'));
    const { segments } = await recordAll(program, segmentCycles);
    let i = 0;
    for await (const found of record(program, { segmentCycles, transient: true })) {
      assert.deepEqual(found, segments[i++]);
    }
    assert.ok(segments.length > 3 && i === segments.length);
    assert.ok(segments.some(({ crossings }) => crossings.length > 0));
  });

  it('can be made again from any snapshot', async () => {
    for (const { program, options, segmentCycles } of all) {
      const size = segmentCycles[1] ?? 1;
      const { segments } = await recordAll(program, size, options);
      for (const segment of segments) {
        const again = await replay(program, segment.start, segment.cycles, options);
        assert.deepEqual(again, segment);
      }
    }
  });

  it('carries the journal across segments, its padding included', async () => {
    const program = journalProgram();
    for (const size of [1, 2, 3, 5, 100]) {
      const { segments, execution } = await recordAll(program, size);
      assert.deepEqual(execution.outcome, { kind: 'exit', code: 0 });
      assert.equal(execution.journal.length, 14);
      const machine = new ReferenceMachine(program, {});
      for (const segment of segments) checkSegment(segment, machine);
      for (const segment of segments) {
        assert.deepEqual(await replay(program, segment.start, segment.cycles), segment);
      }
      assert.equal(segments.at(-1)?.end.journalWords, 4);
      assert.equal(segments.at(-1)?.end.lastJournalWord, 0xbeef);
    }
  });

  it('names the cycles before a trap, and no last segment', async () => {
    const traps: readonly ((x: Assembler) => void)[] = [
      (x) => x.put(asm.c_nop, asm.c_nop, asm.ebreak),
      (x) => x.put(asm.lui(5, 0x40000), asm.jalr(1, 0, 5)),
      (x) => x.put(asm.c_nop, asm.jal(0, -4096)),
      (x) => x.put(asm.c_nop, asm.lui(5, 0x41000), asm.sw(5, -3, 5)),
      (x) => x.put(asm.c_nop, asm.lui(5, 0x41000), asm.lw(6, -3, 5)),
    ];
    for (const write of traps) {
      const program = assembled(write);
      for (const size of [1, 2, 100]) {
        const { segments, execution } = await recordAll(program, size);
        assert.equal(execution.outcome.kind, 'trap');
        assert.equal(execution.cycles, 2);
        assert.equal(execution.touchedPages, 0);
        assert.equal(
          segments.reduce((sum, { cycles }) => sum + cycles, 0),
          2,
        );
        for (const segment of segments) {
          assert.equal(segment.last, false);
          assert.deepEqual(segment.touchedPages, []);
          const again = await replay(program, segment.start, segment.cycles);
          assert.deepEqual(again, segment);
        }
      }
    }
  });

  it('has at most 2^17 segments', async () => {
    const program = assembled((x) => x.put(asm.jal(0, 0)));
    let segments = 0;
    const run = async (): Promise<void> => {
      for await (const _ of record(program, { segmentCycles: 1 })) segments++;
    };
    await assert.rejects(run(), { name: 'LimitError', code: 'limit/segments', limit: 2 ** 17 });
    assert.equal(segments, 2 ** 17);
  });

  for (const segmentCycles of [0, -1, 0.5, 2 ** 21 + 1, Number.NaN]) {
    it(`segments of ${segmentCycles} cycles are refused`, async () => {
      const program = journalProgram();
      const expected = { name: 'OptionError' };
      await assert.rejects(recordAll(program, segmentCycles), expected);
      const { segments } = await recordAll(program, 100);
      const start = segments[0]?.start ?? assert.fail();
      await assert.rejects(replay(program, start, segmentCycles), expected);
    });
  }

  it('counts no misaligned access in front of a segment twice, and none of a trap', async () => {
    const program = assembled((x) => {
      x.li(5, DATA_START).put(asm.lw(6, 1, 5), asm.lh(6, 1, 5), asm.sw(6, 6, 5), asm.sb(6, 7, 5));
      x.put(asm.lui(5, 0x41000), asm.sw(6, -1, 5));
    });
    for (const size of [1, 3, 100]) {
      const { execution } = await recordAll(program, size);
      assert.equal(execution.outcome.kind, 'trap');
      assert.equal(execution.misalignedAccesses, 3);
      assert.equal(execution.touchedPages, 1);
      assert.deepEqual(execution, await execute(program));
    }
  });
});

/** Leaves traces everywhere: registers, journal, inputs, pages of code, data and stack. */
const untidy = (ending: (x: Assembler) => void): Program =>
  assembled(
    (x) => {
      x.li(5, DATA_START).li(6, 0x4100_0000).li(7, 0x3000_0000);
      x.put(asm.sw(5, 9, 5), asm.sw(6, -5, 6), asm.lw(8, 1, 7), asm.sb(5, 2047, 5));
      commit(x.li(9, -1), 9);
      ending(x);
    },
    Uint8Array.from({ length: 9000 }, (_, i) => i),
  );

/** Ways in which a run can end, or be left. */
const ENDINGS: Readonly<Record<string, () => Promise<unknown>>> = {
  'a halt': () =>
    recordAll(
      untidy((x) => halt(x, 7, 1)),
      3,
    ),
  'a trap in a misaligned store': () =>
    recordAll(
      untidy((x) => x.put(asm.lui(5, 0x41000), asm.sw(6, -3, 5))),
      5,
    ),
  'a journal that disagrees': () => execute(untidy((x) => halt(x, 0, 2))),
  'the cycle limit': () =>
    assert.rejects(
      execute(
        untidy((x) => x.put(asm.jal(0, 0))),
        { limits: { cycles: 1000 } },
      ),
    ),
  'the memory limit': () =>
    assert.rejects(
      recordAll(
        untidy((x) => x.put(asm.lui(6, 1), asm.add(5, 5, 6), asm.sw(5, 1, 5), asm.jal(0, -8))),
        1000,
        { limits: { memoryBytes: 65_536 } },
      ),
    ),
  'a memory limit below the inputs': () =>
    assert.rejects(
      execute(journalProgram(), {
        publicInput: new Uint8Array(9000),
        limits: { memoryBytes: 8192 },
      }),
    ),
  'an abort': () => {
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Error('enough'));
    const { signal } = controller;
    const program = untidy((x) => x.put(asm.jal(0, 0)));
    return assert.rejects(recordAll(program, 0x10_0000, { signal, onProgress }), /enough/);
  },
  'a progress callback that throws': () => {
    const onProgress = (): void => {
      throw new Error('callback');
    };
    return assert.rejects(
      execute(
        untidy((x) => halt(x, 0, 1)),
        { onProgress },
      ),
      /callback/,
    );
  },
  'a consumer that leaves': async () => {
    for await (const _ of record(
      untidy((x) => x.put(asm.jal(0, 0))),
      { segmentCycles: 9 },
    ))
      break;
  },
};

/** Commits what a run can see of memory and registers that it has not written. */
const inspector = (): Program =>
  assembled((x) => {
    for (let r = 1; r < 32; r++) if (r !== 10 && r !== 17) commit(x, r);
    for (const address of [DATA_START, DATA_START + 8, DATA_START + 2044, DATA_START + 8192]) {
      commit(x.li(5, address).put(asm.lw(6, 0, 5)), 6);
    }
    for (const address of [0x40ff_fff8, 0x40ff_fffc, 0x3000_0000, 0x3000_007c, 0x2000_0000]) {
      commit(x.li(5, address).put(asm.lw(6, 0, 5)), 6);
    }
    halt(x, 0, 29 + 9);
  });

describe('Runs one after the other', () => {
  for (const [name, end] of Object.entries(ENDINGS)) {
    it(`share nothing: nothing is left after ${name}`, async () => {
      await end();
      const { segments, execution } = await recordAll(inspector(), 10);
      assert.deepEqual(execution.outcome, { kind: 'exit', code: 0 });
      // x5 and x6 are the loads' own; no word was written by this program before.
      assert.ok(execution.journal.every((byte) => byte === 0));
      const machine = new ReferenceMachine(inspector(), {});
      for (const segment of segments) checkSegment(segment, machine);
      assert.deepEqual(await execute(inspector()), execution);
      const bounded = assembled((x) => halt(x.li(5, 0x3000_0080).put(asm.lw(6, 0, 5)), 0, 0));
      assert.equal((await execute(bounded)).outcome.kind, 'trap');
    });
  }

  it('may be mixed: two records at once are those of two runs', async () => {
    const first = untidy((x) => halt(x, 0, 1));
    const second = journalProgram();
    const alone = [await recordAll(first, 2), await recordAll(second, 2)];
    const runs = [record(first, { segmentCycles: 2 }), record(second, { segmentCycles: 2 })];
    const mixed: Segment[][] = [[], []];
    const open = new Set([0, 1]);
    while (open.size > 0) {
      for (const i of open) {
        const next = (await runs[i]?.next()) ?? assert.fail();
        if (next.done) open.delete(i);
        else mixed[i]?.push(next.value);
      }
    }
    assert.deepEqual(
      mixed,
      alone.map(({ segments }) => segments),
    );
  });
});
