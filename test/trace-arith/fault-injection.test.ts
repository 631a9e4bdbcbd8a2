import assert from 'node:assert/strict';
import { traceSegment } from '../../trace-arith/fill/trace.ts';
import {
  checkTables,
  FillError,
  machine,
  type SegmentTables,
  verifierTerms,
} from '../../trace-arith/index.ts';
import { INSTRUCTION_CHIPS } from '../../trace-arith/machine.ts';
import { loadProgram, type Segment, type Snapshot } from '../../vm/index.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import { replay } from '../../vm/record.ts';
import { ENTRY_WORDS } from '../../vm/segment.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, commit, halt, programOf } from '../tools/guest-program.ts';
import { Random } from '../tools/random.ts';
import { randomElf, randomProgram } from '../tools/random-program.ts';
import { claimOf, fillRun, type RecordedRun, recordRun } from './support.ts';

/** What the entry's words are called in messages. */
const FAULTS = ['pc', 'rs1', 'rs2', 'old', 'memory time'];

async function randomRun(seed: number): Promise<RecordedRun> {
  const elf = randomElf(randomProgram(new Random(seed), 400, 2), 'machine');
  return recordRun(loadProgram(elf));
}

/** Tables of an altered record, undefined if none can be made of it. */
function tryFill(run: RecordedRun, segments: readonly Segment[]): SegmentTables[] | undefined {
  try {
    return fillRun({ ...run, segments });
  } catch (error) {
    assert.ok(error instanceof FillError, String(error));
    return undefined;
  }
}

function sameTables(a: readonly SegmentTables[], b: readonly SegmentTables[]): boolean {
  return a.every((tables, s) =>
    tables.instances.every(({ chip, main }, i) => {
      const other = b[s]?.instances[i];
      return (
        other?.chip === chip &&
        main.every((column, j) => {
          const values = other.main[j];
          return values?.length === column.length && column.every((cell, r) => cell === values[r]);
        })
      );
    }),
  );
}

/** Whether tables of the altered record pass under the honest claim. */
function isAccepted(run: RecordedRun, tables: readonly SegmentTables[]): boolean {
  return checkTables(machine(), tables, verifierTerms(claimOf(run)), { limit: 1 }).ok;
}

describe('a fault in the record of a run is noticed', () => {
  let run: RecordedRun;
  let honest: SegmentTables[];
  before(async () => {
    run = await randomRun(11);
    honest = fillRun(run);
  });

  for (const [chip, { name }] of INSTRUCTION_CHIPS.entries()) {
    it(`in a cycle of ${name}`, () => {
      const [segment] = run.segments as [Segment];
      const { chip: chips } = traceSegment(segment, run.table);
      const cycles = [...chips.keys()].filter((i) => chips[i] === chip);
      const random = new Random(chip);
      const accepted: string[] = [];
      let unused = 0;
      for (let sample = 0; sample < Math.min(2, cycles.length); sample++) {
        const cycle = random.pick(cycles);
        for (const [word, fault] of FAULTS.entries()) {
          const entries = segment.entries.slice();
          const at = ENTRY_WORDS * cycle + word;
          entries[at] =
            fault === 'pc' ? (entries[at] as number) + 2 : (entries[at] as number) ^ 0x1_0004;
          const tables = tryFill(run, [{ ...segment, entries }]);
          if (tables === undefined) continue;
          if (sameTables(honest, tables)) unused++;
          else if (isAccepted(run, tables)) accepted.push(`${fault} of cycle ${cycle + 1}`);
        }
      }
      assert.ok(cycles.length > 0, 'the run uses the chip');
      assert.deepEqual(accepted, []);
      assert.ok(unused < 2 * FAULTS.length);
    });
  }

  it('in the state behind the last cycle', () => {
    const [segment] = run.segments as [Segment];
    const registers = segment.end.registers.slice();
    registers[10] = (registers[10] as number) ^ 1;
    const journalWords = segment.end.journalWords + 1;
    for (const end of [
      { ...segment.end, registers },
      { ...segment.end, journalWords },
    ]) {
      const tables = tryFill(run, [{ ...segment, end }]);
      assert.ok(tables !== undefined && !isAccepted(run, tables));
    }
  });

  it('in a word of memory and in its time', () => {
    const [segment] = run.segments as [Segment];
    for (const what of ['words', 'times'] as const) {
      const touchedPages = segment.touchedPages.map((page, i) => {
        if (i !== 0) return page;
        const changed = page[what].slice();
        const at = page.times.findIndex((time) => time !== 0);
        changed[at] = (changed[at] as number) + 2;
        return { ...page, [what]: changed };
      });
      const tables = tryFill(run, [{ ...segment, touchedPages }]);
      assert.ok(tables !== undefined && !isAccepted(run, tables), what);
    }
  });
});

/** Each round commits a word, reads x0, memory and a register that no segment writes. */
async function loopRun(): Promise<RecordedRun> {
  const assembler = new Assembler(CODE_START);
  assembler.li(5, DATA_START).li(6, 20).li(28, 77).label('loop');
  assembler.put(asm.lw(7, 0, 5), asm.addi(7, 7, 3), asm.sw(7, 0, 5), asm.sw(0, 4, 5));
  commit(assembler, 7).put(asm.xor(8, 28, 7), asm.addi(6, 6, -1));
  assembler.refer('loop', 4, (offset) => asm.bne(6, 0, offset));
  halt(assembler, 0, 20);
  return recordRun(programOf({ code: assembler.assemble() }), { segmentCycles: 60 });
}

describe('a run that goes on from a changed state is noticed', () => {
  const withRegister = (start: Snapshot, register: number): Snapshot => {
    const registers = start.registers.slice();
    registers[register] = (registers[register] as number) + 1;
    return { ...start, registers };
  };
  const changes: Readonly<Record<string, (start: Snapshot) => Snapshot>> = {
    'a register that is only read': (start) => withRegister(start, 28),
    'a register that is written': (start) => withRegister(start, 7),
    x0: (start) => withRegister(start, 0),
    'a word of memory': (start) => {
      const pages = new Map(start.pages);
      for (const [page, bytes] of pages) {
        pages.set(
          page,
          bytes.map((byte) => byte ^ 0x10),
        );
      }
      return { ...start, pages };
    },
    'the number of journal words': (start) => ({ ...start, journalWords: start.journalWords + 1 }),
  };

  it('and the unchanged run is not', async () => {
    const run = await loopRun();
    assert.ok(run.segments.length > 3 && isAccepted(run, fillRun(run)));
  });

  for (const [name, change] of Object.entries(changes)) {
    it(`${name}, between two segments`, async () => {
      const run = await loopRun();
      const victim = run.segments[2] as Segment;
      const replaced = await replay(run.program, change(victim.start), victim.cycles);
      const segments = run.segments.map((segment) => (segment === victim ? replaced : segment));
      const tables = tryFill(run, segments);
      assert.ok(tables !== undefined);
      assert.ok(!isAccepted({ ...run, segments }, tables));
    });
  }
});
