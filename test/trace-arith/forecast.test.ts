import assert from 'node:assert/strict';
import { guestInputs, readGuestElf, readManifest } from '../../guests/index.ts';
import { FillError, machine, TableFiller } from '../../trace-arith/index.ts';
import { loadProgram, type Program } from '../../vm/index.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, halt, programOf } from '../tools/guest-program.ts';
import { Random } from '../tools/random.ts';
import { randomElf, randomProgram } from '../tools/random-program.ts';
import { fillRun, type RunOptions, recordRun } from './support.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';
const { guests } = await readManifest();
const { chips } = machine().constraintProgram;

interface Height {
  readonly chip: number;
  readonly logHeight: number;
}

const named = (tables: readonly Height[]): string[] =>
  tables.map(({ chip, logHeight }) => `${chips[chip]?.name} ${logHeight}`);

/** Forecasts all segments and compares with the tables that are filled; returns those. */
async function assertForecast(program: Program, options: RunOptions = {}): Promise<string[][]> {
  const run = await recordRun(program, options);
  const forecaster = new TableFiller(run.table, run);
  const forecast = run.segments.map((segment) => named(forecaster.forecast(segment)));
  const filled = fillRun(run).map(({ instances }) => named(instances));
  assert.deepEqual(forecast, filled);
  return filled;
}

describe('The forecast of the tables is what is filled', () => {
  const tiers = isSlowRun ? ['0', 'A', 'B'] : ['0', 'A'];
  for (const guest of guests.filter(({ tier }) => tiers.includes(tier))) {
    it(`for ${guest.name}, in one segment and in three`, async () => {
      const program = loadProgram(await readGuestElf(guest));
      for (const segmentCycles of [2 ** 21, Math.ceil(guest.cycles / 3)]) {
        await assertForecast(program, { ...guestInputs(guest), segmentCycles });
      }
    });
  }

  for (const seed of [1, 2, 3, 4]) {
    it(`for a random program, seed ${seed}, in one segment and in many`, async () => {
      const program = loadProgram(randomElf(randomProgram(new Random(seed), 300, 6), 'machine'));
      await assertForecast(program);
      await assertForecast(program, { segmentCycles: 700 });
    });
  }

  it('for words that are accessed again after a long time', async () => {
    const assembler = new Assembler(CODE_START);
    assembler
      .li(5, DATA_START)
      .put(asm.sw(5, 0, 5))
      .li(7, 600_000)
      .label('loop')
      .put(asm.addi(7, 7, -1))
      .refer('loop', 4, (offset) => asm.bne(7, 0, offset));
    assembler.put(asm.lw(6, 0, 5));
    const program = programOf({ code: halt(assembler, 0, 0).assemble() });
    const [tables = []] = await assertForecast(program, { segmentCycles: 2 ** 21 });
    assert.ok(tables.includes('MEMBUMP 6') && tables.includes('R20 17'), String(tables));
    assert.ok(!tables.some((name) => /AND8|POW/.test(name)), String(tables));
  });

  it('and refuses a segment out of order or of another program', async () => {
    const program = loadProgram(randomElf(randomProgram(new Random(5), 200, 2), 'machine'));
    const { table, segments, ...inputs } = await recordRun(program, { segmentCycles: 200 });
    const forecaster = new TableFiller(table, inputs);
    const [first, second] = segments;
    assert.ok(first !== undefined && second !== undefined);
    const refused = (code: string) => (error: unknown) =>
      error instanceof FillError && error.code === code;
    assert.throws(() => forecaster.forecast(second), refused('trace/segment-order'));
    const entries = first.entries.slice();
    entries[0] = 2;
    const strange = { ...first, entries };
    assert.throws(() => forecaster.forecast(strange), refused('trace/no-program-row'));
    forecaster.forecast(first);
    assert.throws(() => forecaster.forecast(first), refused('trace/segment-order'));
  });
});
