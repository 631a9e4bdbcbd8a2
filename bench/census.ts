/** Prints how many cells and interactions the guests' instructions cost: `node dist/bench/census.js`. */
import { textTable } from '../api/index.ts';
import { guestInputs, readGuestElf, readManifest } from '../guests/index.ts';
import {
  buildProgramTable,
  type Census,
  census,
  machine,
  TableFiller,
} from '../trace-arith/index.ts';
import { loadProgram, record } from '../vm/index.ts';

/** Longest run that is counted, so that it is one segment. */
const MOST_CYCLES: number = 2 ** 21;

const { guests } = await readManifest();
const only = process.argv.slice(2);
const rows: string[][] = [];
for (const guest of guests) {
  if (guest.cycles > MOST_CYCLES || (only.length > 0 && !only.includes(guest.name))) continue;
  const program = loadProgram(await readGuestElf(guest));
  const inputs = guestInputs(guest);
  const filler = new TableFiller(buildProgramTable(program), inputs);
  for await (const segment of record(program, { ...inputs, segmentCycles: MOST_CYCLES })) {
    const start = performance.now();
    const tables = filler.fill(segment);
    const microseconds = (1000 * (performance.now() - start)) / segment.cycles;
    const counted = census(machine().constraintProgram, tables);
    rows.push([guest.name, guest.tier, ...figures(counted), microseconds.toFixed(2)]);
    if (only.length > 0) console.log(chipRows(guest.name, counted));
  }
}
const header = [
  'guest',
  'tier',
  'cycles',
  'cells',
  'interactions',
  'all cells',
  'all leaves',
  'µs',
];
console.log(textTable(header, rows, 0));

/** Per instruction: its own row, then all tables with padding; time to fill the tables per cycle. */
function figures(counted: Census): string[] {
  return [
    `${counted.cycles}`,
    counted.cellsPerInstruction.toFixed(1),
    counted.interactionsPerInstruction.toFixed(1),
    counted.committedCellsPerCycle.toFixed(1),
    counted.leavesPerCycle.toFixed(1),
  ];
}

function chipRows(guest: string, { rows: chips, cycles }: Census): string {
  const used = chips.filter(({ rows: height }) => height > 0);
  const lines = used.map((chip) => [
    chip.chip,
    `${chip.mainColumns}`,
    `${chip.interactions}`,
    `${chip.usedRows}`,
    `${chip.rows}`,
    `${((100 * chip.usedRows) / cycles).toFixed(1)} %`,
  ]);
  const names = ['chip', 'cells', 'interactions', 'rows', 'with padding', 'of the cycles'];
  return `${guest}\n${textTable(names, lines, 0)}`;
}
