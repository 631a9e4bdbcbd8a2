/** Rows that attacks on single chips begin with. */
import { type Chip, KoalaBear, NODE_WORDS } from '@vouch/verifier';
import { machine, type SegmentTables } from '../../trace-arith/index.ts';
import { INSTRUCTION_CHIPS } from '../../trace-arith/machine.ts';
import { loadProgram, type Program } from '../../vm/index.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import { runOfEverything } from '../soundness/fault-program.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, halt, programOf } from '../tools/guest-program.ts';
import { Random } from '../tools/random.ts';
import { randomElf, randomProgram } from '../tools/random-program.ts';
import { chipNumber, column } from './forgery.ts';
import { nodeValues } from './row-polynomials.ts';
import { fillRun, type RecordedRun, recordRun } from './support.ts';

export interface StartingRow {
  readonly cells: readonly number[];
  /** The words that the row receives are such that no row may be accepted. */
  readonly isRefused: boolean;
  /** Cells that a prover would choose in a certain way. */
  readonly choices?: ReadonlyMap<number, number>;
}

/** By chip. Rows of edge cases come first. */
export async function startingRows(random: number): Promise<readonly StartingRow[][]> {
  const starts: StartingRow[][] = INSTRUCTION_CHIPS.map(() => []);
  for (const run of [await runOfEverything(), await recordRun(edgeProgram())]) {
    addRows(starts, run, Number.POSITIVE_INFINITY);
  }
  addRefusedRows(starts);
  addLateRows(starts);
  await addWrappedRows(starts);
  for (const seed of [1, 2, 3, 4]) {
    const program = loadProgram(randomElf(randomProgram(new Random(seed), 600, 4), 'machine'));
    addRows(starts, await recordRun(program), random / 4);
  }
  return starts;
}

function addRows(starts: StartingRow[][], run: RecordedRun, most: number): void {
  const [tables] = fillRun(run) as [SegmentTables];
  for (const instance of tables.instances) {
    const rows = starts[instance.chip];
    if (rows === undefined) continue;
    const cycles = column(instance, 'cycle');
    for (let row = 0; row < Math.min(cycles.length, most) && cycles[row] !== 0; row++) {
      const cells = instance.main.map((one) => one[row] as number);
      rows.push({ cells, isRefused: false });
    }
  }
}

const DIVISIONS: readonly (readonly [number, number])[] = [
  [0, 0],
  [5, 0],
  [-5, 0],
  [7, 2],
  [-7, 2],
  [7, -2],
  [-7, -2],
  [6, -3],
  [0, -5],
  [0x8000_0000, -1],
  [0x8000_0000, 0x8000_0000],
  [0xfff0_0000, 3],
  [0x7fff_ffff, 0x4000_0001],
  [0x8000_0000, 0x7fff_ffff],
  [7, 3],
  [-0x1_0000, 0x8000_0000],
  [-0x1_0000, -0x1_0000],
  [0xffff_ffff, 0x1_0000],
  [0x1234_5678, 0x9abc],
];
/**
 * Unsigned divisions and what a prover would add to the dividend: a multiple of p times a power of 2^8
 * that the columns of the product do not show, if one of their carries or digits is not bounded.
 */
const WRAPPED_DIVISIONS: readonly (readonly [number, number, bigint])[] = [
  [7, 0xffff_ffff, 2n ** 16n],
  [7, 0x00ff_ffff, 2n ** 8n],
  [0xffff_ffff, 0xffff, -1n],
];
const PRODUCTS: readonly (readonly [number, number])[] = [
  [0, 0xffff_ffff],
  [0xffff_ffff, 0xffff_ffff],
  [0x8000_0000, 0x8000_0000],
  [0x1234_5678, 0x9abc_def0],
  [1, 1],
  [3, 0x8000_0001],
  [2, 0x1_0000],
  [0x1_0000, 0x1_0000],
  [0x1_0001, 0x100],
];

/** Operands and addresses at which witnesses are about to change. */
function edgeProgram(): Program {
  const assembler = new Assembler(CODE_START);
  for (const [b, c] of DIVISIONS) {
    assembler.li(5, b).li(6, c);
    assembler.put(asm.div(7, 5, 6), asm.divu(7, 5, 6), asm.rem(7, 5, 6), asm.remu(7, 5, 6));
  }
  for (const [b, c] of PRODUCTS) {
    assembler.li(5, b).li(6, c);
    assembler.put(asm.mulh(7, 5, 6), asm.mulhsu(7, 5, 6), asm.mulhu(7, 5, 6));
    assembler.put(asm.mul(7, 5, 6), asm.mul(5, 5, 6));
  }
  // Code has low addresses: the high limb has room for a carry of 127 x 2^8, which is -1 / 2^16.
  assembler.li(5, CODE_START);
  for (let offset = 0; offset < 4; offset++) {
    for (const encode of [asm.lw, asm.lh, asm.lhu, asm.lb, asm.lbu]) {
      assembler.put(encode(7, offset, 5));
    }
    assembler.put(asm.addi(8, 5, 0), asm.lw(8, offset, 8));
  }
  assembler.li(5, DATA_START).put(asm.sw(5, 1, 5), asm.sh(5, 3, 5));
  return programOf({ code: halt(assembler, 0, 0).assemble() });
}

/** Rows of products and divisions in which the prover has begun to add multiples of p. */
async function addWrappedRows(starts: readonly StartingRow[][]): Promise<void> {
  const mulh = chipNumber('MULH');
  const names = machine().constraintProgram.chips[mulh]?.mainColumns ?? [];
  const [product0, product1] = [names.indexOf('product0'), names.indexOf('product1')];
  const products = (starts[mulh] ?? []).slice(0, 8).map((row): StartingRow => {
    const [low, high] = [row.cells[product0] as number, row.cells[product1] as number];
    // A carry that is 2^16 more: what is beyond the low half is one more.
    const choices = [[product0, low] as const, [product1, KoalaBear.sub(high, 2 ** 24)] as const];
    return { ...row, choices: new Map(choices) };
  });
  starts[mulh]?.unshift(...products);
  const chip = chipNumber('DIV');
  const { mainColumns } = machine().constraintProgram.chips[chip] as Chip;
  for (const [b, c, units] of WRAPPED_DIVISIONS) {
    const assembler = new Assembler(CODE_START).li(5, b).li(6, c);
    assembler.put(asm.divu(7, 5, 6), asm.remu(7, 5, 6));
    const rows: StartingRow[][] = starts.map(() => []);
    const program = programOf({ code: halt(assembler, 0, 0).assemble() });
    addRows(rows, await recordRun(program), 2);
    const total = BigInt(b) + units * BigInt(KoalaBear.MODULUS);
    const limbs = (name: string, value: bigint): [number, number][] => [
      [mainColumns.indexOf(`${name}0`), Number(value % 0x1_0000n)],
      [mainColumns.indexOf(`${name}1`), Number(value / 0x1_0000n)],
    ];
    const choices = new Map([
      ...limbs('quotient', total / BigInt(c)),
      ...limbs('remainder', total % BigInt(c)),
    ]);
    for (const row of rows[chip] as StartingRow[]) starts[chip]?.unshift({ ...row, choices });
  }
}

/** Chips that add up an address, and whether they write to it. */
const ADDRESSES: readonly (readonly [chip: string, isStore: boolean])[] = [
  ['JALR', false],
  ['LW', false],
  ['LW_IN_PLACE', false],
  ['LBH', false],
  ['LX', false],
  ['SW', true],
  ['SBH', true],
  ['SX', true],
];

/**
 * Rows whose base register leads where no row of the chip may go: to another half of memory, or to
 * an offset in a word that belongs to another chip.
 */
function addRefusedRows(starts: readonly StartingRow[][]): void {
  for (const [name, isStore] of ADDRESSES) {
    const chip = chipNumber(name);
    const rows = starts[chip] as StartingRow[];
    const { mainColumns } = machine().constraintProgram.chips[chip] as Chip;
    const place = (column: string): number => mainColumns.indexOf(column);
    const based = (cells: readonly number[], b0: number, b1: number): number[] => {
      const changed = [...cells];
      changed[place('b0')] = b0;
      changed[place('b1')] = b1;
      return changed;
    };
    for (const { cells } of rows.slice(0, 12)) {
      const [b0, b1, imm0, half] = ['b0', 'b1', 'imm0', 'half'].map((one) => cells[place(one)]) as [
        number,
        number,
        number,
        number | undefined,
      ];
      const highs = isStore ? [1, 0x3ffe, 0x8001, 0xfffe] : [0x8001, 0xfffe];
      const lows = otherOffsets(name, b0, (b0 + imm0) % 4, half === 1);
      const bases = [
        ...highs.map((high) => [b0, high] as const),
        ...lows.map((low) => [low, b1] as const),
        ...lows.map((low) => [low, highs[0] as number] as const),
      ];
      for (const [low, high] of bases) {
        rows.push({ cells: based(cells, low, high), isRefused: true });
      }
    }
  }
}

/** Time behind all of the first rows. */
const LATER = 2 ** 22;

/** Rows that take a word as a later access leaves it, one for each access of a row. */
function addLateRows(starts: readonly StartingRow[][]): void {
  const { buses, chips } = machine().constraintProgram;
  for (const [index, rows] of starts.entries()) {
    const chip = chips[index] as Chip;
    for (const { bus, sign, multiplicity, message } of chip.interactions) {
      if (buses[bus]?.name !== 'MEM' || sign === 1) continue;
      const row = rows.find(
        ({ cells, isRefused }) => !isRefused && nodeValues(chip, cells)[multiplicity] === 1,
      );
      if (row === undefined) throw new Error(`${chip.name} has no row with each access`);
      const previous = chip.expressions.nodes[NODE_WORDS * (message[3] as number) + 1] as number;
      const cells = [...row.cells];
      cells[previous] = LATER;
      rows.unshift({ cells, isRefused: true, choices: new Map(cells.entries()) });
    }
  }
}

/** Low limbs with which the address has an offset in its word that is not the chip's. */
function otherOffsets(chip: string, b0: number, offset: number, isHalf: boolean): number[] {
  if (chip.startsWith('LW') || chip === 'SW') return [1, 2, 3].map((bits) => b0 ^ bits);
  if (chip.endsWith('X')) return [b0 < offset ? b0 + 4 - offset : b0 - offset];
  return isHalf ? [b0 ^ 1] : [];
}
