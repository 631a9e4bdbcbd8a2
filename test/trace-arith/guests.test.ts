import assert from 'node:assert/strict';
import { type Guest, guestInputs, readGuestElf, readManifest } from '../../guests/index.ts';
import { census, checkTables, machine, verifierTerms } from '../../trace-arith/index.ts';
import { loadProgram } from '../../vm/index.ts';
import { claimOf, fillRun, recordRun } from './support.ts';

const isSlowRun = process.env.VOUCH_SLOW === '1';
const { guests } = await readManifest();
const inTier = (...tiers: string[]): Guest[] => guests.filter(({ tier }) => tiers.includes(tier));
const ONE_SEGMENT = 2 ** 21;

async function tablesOf(guest: Guest, segmentCycles: number) {
  const program = loadProgram(await readGuestElf(guest));
  const run = await recordRun(program, { ...guestInputs(guest), segmentCycles });
  return { run, tables: fillRun(run) };
}

async function assertProvable(guest: Guest, segmentCycles: number): Promise<void> {
  const { run, tables } = await tablesOf(guest, segmentCycles);
  const describe = (address: number): string => run.program.symbols.describe(address);
  const report = checkTables(machine(), tables, verifierTerms(claimOf(run)), { describe });
  assert.ok(report.ok, JSON.stringify(report, null, 2));
}

describe('guests fill tables that satisfy all constraints', () => {
  const small = guests.filter(({ tier, cycles }) => tier === '0' || cycles < 20_000);
  for (const guest of small) {
    it(guest.name, () => assertProvable(guest, ONE_SEGMENT));
  }

  for (const [name, segmentCycles] of [
    ['hello', 97],
    ['msort32', 500],
    ['rle128', 300],
  ] as const) {
    it(`${name} in segments of ${segmentCycles} cycles`, async () => {
      const guest = guests.find((one) => one.name === name);
      assert.ok(guest !== undefined);
      await assertProvable(guest, segmentCycles);
    });
  }

  if (isSlowRun) {
    for (const guest of inTier('example', 'A', 'B').filter((one) => !small.includes(one))) {
      it(guest.name, () => assertProvable(guest, ONE_SEGMENT));
    }
  }
});

describe('an instruction costs on average', () => {
  it('at most 20 cells and 13 interactions over the benchmarks', async () => {
    const means = { cells: 0, interactions: 0, cycles: 0 };
    for (const guest of inTier('A', ...(isSlowRun ? ['B'] : []))) {
      const { tables } = await tablesOf(guest, ONE_SEGMENT);
      for (const segment of tables) {
        const counted = census(machine().constraintProgram, segment);
        means.cells += counted.cellsPerInstruction * counted.cycles;
        means.interactions += counted.interactionsPerInstruction * counted.cycles;
        means.cycles += counted.cycles;
      }
    }
    assert.ok(means.cells / means.cycles <= 20, `${means.cells / means.cycles} cells`);
    assert.ok(means.interactions / means.cycles <= 13, `${means.interactions / means.cycles}`);
  });
});
