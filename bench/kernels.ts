/** Nanoseconds of the prover's kernels in one thread, and of the interpreter. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { execute, loadProgram, record, textTable } from '../api/index.ts';
import { type Guest, guestInputs, readGuestElf } from '../guests/index.ts';
import {
  Arena,
  BLOCK,
  columnStride,
  contextKey,
  createMemory,
  DERIVE_KEY_MATERIAL,
  type Job,
  LAYER_BLOCK_BYTES,
  type Pool,
  startPool,
} from '../prover/index.ts';
import { check } from './output.ts';
import type { ResultRecord, Results } from './records.ts';

const LEAST_RUNS = 5;
const MILLISECONDS = 400;
const LEAST_RUN_MILLISECONDS = 2;

/** The module of all kernels, whose hash stands for them in results. */
const KERNELS = new URL('../prover/kernels/kernels.wasm', import.meta.url);
/** What the interpreter is timed with. */
const INTERPRETED = 'B4';

interface Measurement {
  readonly name: string;
  /** Operations of one run. */
  readonly operations: number;
  readonly job: Job;
}

/** A figure that a kernel was designed for: `data/kernels.json`. */
export interface KernelReference {
  readonly name: string;
  readonly ns: number;
}

export interface KernelReferences {
  readonly source: string;
  readonly rows: readonly KernelReference[];
}

export async function readKernelReferences(): Promise<KernelReferences> {
  const file = new URL('../../bench/data/kernels.json', import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')) as KernelReferences;
}

/** Nanoseconds of an operation. Short jobs are repeated, so that handing them over does not count. */
async function measure(pool: Pool, { job, operations }: Measurement): Promise<number> {
  await pool.run([job]);
  const start = performance.now();
  await pool.run([job]);
  const repeats = Math.ceil(LEAST_RUN_MILLISECONDS / (performance.now() - start));
  const jobs = Array<Job>(repeats).fill(job);
  return (await leastTime(() => pool.run(jobs))) / (repeats * operations);
}

/** Least time of several runs, in nanoseconds: other work only adds to it. */
async function leastTime(task: () => Promise<unknown>): Promise<number> {
  await task();
  let least = Number.POSITIVE_INFINITY;
  const end = performance.now() + MILLISECONDS;
  for (let runs = 0; runs < LEAST_RUNS || performance.now() < end; runs++) {
    const start = performance.now();
    await task();
    least = Math.min(least, performance.now() - start);
  }
  return 1e6 * least;
}

/** A region of elements; what they are does not matter to the time. */
function elements(arena: Arena, name: string, count: number): number {
  const region = arena.allocate(name, 4 * count);
  const words = arena.words(region);
  for (let i = 0; i < words.length; i++) words[i] = (i * 0x9e3779b1) % 0x7f000001;
  return region.offset;
}

function vectors(arena: Arena): Measurement[] {
  const n = 2048;
  const [a, b, c] = ['a', 'b', 'c'].map((name) => elements(arena, name, n)) as [
    number,
    number,
    number,
  ];
  return [
    { name: 'add', operations: n, job: ['addVectors', a, b, c, 0, n] },
    { name: 'multiply', operations: n, job: ['multiplyVectors', a, b, c, 0, n] },
    {
      name: 'multiply by a constant',
      operations: n,
      job: ['scaleVector', a, 12345, c, 0, n],
    },
    { name: 'invert', operations: n, job: ['invertVector', a, c, 0, n] },
  ];
}

function extensions(arena: Arena): Measurement[] {
  const logTable = 20;
  const columns = 4;
  const table = elements(arena, 'twiddles', 2 ** (logTable + 1));
  const source = elements(arena, 'columns', (columns * columnStride(2 ** 20)) / 4);
  const target = elements(arena, 'codewords', (columns * columnStride(2 ** 21)) / 4);
  const sizes: Measurement[] = [
    {
      name: 'twiddles',
      operations: 2 ** logTable,
      job: ['makeTwiddles', table, logTable],
    },
  ];
  for (const log of [14, 17, 18, 19, 20]) {
    const strides = [columnStride(2 ** log), columnStride(2 ** (log + 1))] as const;
    sizes.push({
      name: `butterfly, 2^${log} to 2^${log + 1}`,
      operations: columns * log * 2 ** log,
      job: [
        ...(['extendColumns', source, strides[0], target, strides[1]] as const),
        ...([log, 1, table, logTable, 0, columns] as const),
      ],
    });
  }
  return sizes;
}

function hashes(arena: Arena): Measurement[] {
  const [rows, width, logLeaves] = [2048, 96, 11];
  const stride = columnStride(rows);
  const columns = elements(arena, 'rows', (width * stride) / 4);
  const planes = columnStride(2 * rows);
  const tree = elements(arena, 'tree', 2 * planes);
  const key = elements(arena, 'key', 64);
  arena.words(key, 8).set(contextKey('Vouch benchmark of kernels'));
  const flags = DERIVE_KEY_MATERIAL;
  return [
    {
      name: 'Blake3 block of a leaf',
      operations: (rows * width) / 16,
      job: ['hashLeaves', columns, stride, width, key, flags, tree, planes, 0, rows],
    },
    {
      name: 'Blake3 try of a nonce',
      operations: 2 ** 14,
      job: ['grind', key, flags, key + 32, 0, -1, key + 64, 0, 2 ** 14],
    },
    {
      name: 'Poseidon2 node of a tree',
      operations: rows - 1,
      job: ['compressLevels', tree, planes, logLeaves, 0, logLeaves, 0, 0, 1],
    },
    { name: 'Poseidon2, one state', operations: 1, job: ['permute', key] },
  ];
}

function quintics(arena: Arena): Measurement[] {
  const [n, columns] = [2048, 32];
  const stride = columnStride(n);
  const planes = (name: string, count: number): number =>
    elements(arena, name, (count * stride) / 4);
  const [a, b, c] = [planes('E a', 5), planes('E b', 5), planes('E c', 5)];
  const base = planes('base columns', columns);
  const point = elements(arena, 'point', 160);
  const results = elements(arena, 'results', 5 * columns);
  const half = n / 2;
  return [
    {
      name: 'E multiply',
      operations: n,
      job: ['multiplyQuintics', a, stride, b, stride, c, stride, 0, n],
    },
    {
      name: 'E multiply by a constant',
      operations: n,
      job: ['scaleQuintics', a, stride, point, c, stride, 0, n],
    },
    {
      name: 'E multiply by base',
      operations: n,
      job: ['multiplyQuinticsByColumn', a, stride, base, c, stride, 0, n],
    },
    {
      name: 'bind a base column',
      operations: half,
      job: ['bindColumnHigh', base, half, point, c, stride, 0, half],
    },
    {
      name: 'bind an E vector, first variable',
      operations: half,
      job: ['bindQuinticsHigh', a, stride, half, point, c, stride, 0, half],
    },
    {
      name: 'bind an E vector, last variable',
      operations: half,
      job: ['bindQuinticsLow', a, stride, point, c, stride, 0, half],
    },
    { name: 'eq table', operations: n, job: ['eqTable', point, 11, c, stride, 0, 0, 1] },
    {
      name: 'base times E, summed over rows',
      operations: n * columns,
      job: ['dotColumns', base, stride, columns, a, stride, results, 0, n],
    },
    {
      name: 'base times E, summed over columns',
      operations: n * columns,
      job: ['addWeightedColumns', base, stride, columns, point, 1, c, stride, 0, n],
    },
  ];
}

/** A layer of LogUp's tree and the sumcheck of its rounds; an operation is one pair of fractions. */
function fractions(arena: Arena): Measurement[] {
  const blocks = 32;
  const pairs = blocks * BLOCK;
  const layer = elements(arena, 'layer', (blocks * LAYER_BLOCK_BYTES) / 4);
  const target = elements(arena, 'next layer', (blocks * LAYER_BLOCK_BYTES) / 8);
  const [point, sums] = [elements(arena, 'challenge', 160), elements(arena, 'sums', 160)];
  const low = elements(arena, 'eq low', 5 * BLOCK);
  const stride = columnStride(blocks);
  const high = elements(arena, 'eq high', (5 * stride) / 4);
  const half = blocks / 2;
  return [
    {
      name: 'LogUp, add the fractions of a pair',
      operations: pairs,
      job: ['addFractions', layer, target, 0, pairs / 2],
    },
    {
      name: 'LogUp, a round of the sumcheck',
      operations: pairs,
      job: ['logupRound', layer, low, high, stride, 0, half, sums],
    },
    {
      name: 'LogUp, bind a variable',
      operations: pairs,
      job: ['foldLayer', layer, target, point, 0, half],
    },
  ];
}

/** The sumcheck of a product of two vectors of E. */
function products(arena: Arena): Measurement[] {
  const n = 2048;
  const stride = columnStride(n);
  const [a, b] = ['product a', 'product b'].map((name) =>
    elements(arena, name, (5 * stride) / 4),
  ) as [number, number];
  const sums = elements(arena, 'product sums', 160);
  return [
    {
      name: 'product sumcheck, a round',
      operations: n,
      job: ['productRound', a, stride, b, stride, n / 2, 0, n / 2, sums],
    },
    {
      name: 'inner product of E',
      operations: n,
      job: ['dotQuintics', a, stride, b, stride, 0, n, sums],
    },
  ];
}

/** Measures all kernels in one thread, and the interpreter. */
export async function measureKernels(
  results: Results,
  guests: readonly Guest[],
): Promise<ResultRecord[]> {
  const program = createHash('sha256')
    .update(await readFile(KERNELS))
    .digest('hex');
  const key = { type: 'kernel', system: 'vouch', threads: 1, program, title: '' } as const;
  const records: ResultRecord[] = [];
  const arena = new Arena(createMemory());
  const pool = await startPool(arena, 1);
  try {
    for (const group of [vectors, extensions, hashes, quintics, fractions, products]) {
      for (const measurement of group(arena)) {
        const { name } = measurement;
        const ns = (): Promise<number> => measure(pool, measurement);
        records.push(await results.measure({ ...key, name }, async () => figures(await ns())));
      }
    }
  } finally {
    await pool.close();
  }
  const guest = guests.find(({ name }) => name === INTERPRETED) as Guest;
  for (const [name, run] of Object.entries(await interpreter(guest))) {
    const own = { ...key, name, program: guest.sha256, title: guest.title };
    const ns = async (): Promise<number> => (await leastTime(run)) / guest.cycles;
    records.push(await results.measure(own, async () => figures(await ns())));
  }
  return records;
}

function figures(ns: number): { figures: { ns: number } } {
  return { figures: { ns } };
}

/** Runs of a guest without and with a record. */
async function interpreter(guest: Guest): Promise<Record<string, () => Promise<unknown>>> {
  const program = loadProgram(await readGuestElf(guest));
  const inputs = guestInputs(guest);
  return {
    'interpreter, an instruction': async () => check(guest, await execute(program, inputs)),
    'interpreter, an instruction with its record': async () => {
      for await (const _ of record(program, inputs));
    },
  };
}

/** Measured nanoseconds beside what the design counted on. */
export function kernelText(
  records: readonly ResultRecord[],
  { source, rows }: KernelReferences,
): string {
  const table = textTable(
    ['ns', 'design', 'ratio', 'operation'],
    records.map(({ name, figures: found, failure }) => {
      const ns = Number(found?.ns);
      const design = rows.find((row) => row.name === name)?.ns;
      if (failure !== undefined) return ['-', '-', '-', `${name} FAILED: ${failure}`];
      const ratio = design === undefined ? '-' : (ns / design).toFixed(2);
      return [ns.toPrecision(3), design?.toString() ?? '-', ratio, name];
    }),
    3,
  );
  return `${table}\ndesign: ${source}\n`;
}
