/**
 * Times the prover's kernels in one thread: `node dist/bench/kernels.js`. Beside each figure stands
 * what the kernels were designed for, measured on an AMD Zen 5 core at 3.8 GHz with Node 20.
 */
import {
  Arena,
  columnStride,
  contextKey,
  createMemory,
  DERIVE_KEY_MATERIAL,
  type Job,
  type Pool,
  startPool,
} from '../prover/index.ts';

const LEAST_RUNS = 5;
const MILLISECONDS = 400;

interface Measurement {
  readonly name: string;
  /** Operations of one run. */
  readonly operations: number;
  readonly job: Job;
  /** Nanoseconds per operation by design; absent where there is no such figure. */
  readonly design?: number;
}

/** Least time of several runs, in nanoseconds per operation: other work only adds to it. */
async function measure(pool: Pool, { job, operations }: Measurement): Promise<number> {
  await pool.run([job]);
  let least = Number.POSITIVE_INFINITY;
  const end = performance.now() + MILLISECONDS;
  for (let runs = 0; runs < LEAST_RUNS || performance.now() < end; runs++) {
    const start = performance.now();
    await pool.run([job]);
    least = Math.min(least, performance.now() - start);
  }
  return (least * 1e6) / operations;
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
    { name: 'add', operations: n, job: ['addVectors', a, b, c, 0, n], design: 0.08 },
    { name: 'multiply', operations: n, job: ['multiplyVectors', a, b, c, 0, n], design: 0.33 },
    {
      name: 'multiply by a constant',
      operations: n,
      job: ['scaleVector', a, 12345, c, 0, n],
      design: 0.21,
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
      design: 0.5,
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
      design: 30,
    },
    {
      name: 'Blake3 try of a nonce',
      operations: 2 ** 14,
      job: ['grind', key, flags, key + 32, 0, -1, key + 64, 0, 2 ** 14],
      design: 37.5,
    },
    {
      name: 'Poseidon2 node of a tree',
      operations: rows - 1,
      job: ['compressLevels', tree, planes, logLeaves, 0, logLeaves, 0, 0, 1],
      design: 270,
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
      design: 6.45,
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
      design: 2,
    },
    {
      name: 'base times E, summed over columns',
      operations: n * columns,
      job: ['addWeightedColumns', base, stride, columns, point, 1, c, stride, 0, n],
      design: 2,
    },
  ];
}

async function main(): Promise<void> {
  const arena = new Arena(createMemory());
  const pool = await startPool(arena, 1);
  const row = (cells: readonly [string, string, string]): void =>
    console.log(`${cells[0].padEnd(36)}${cells[1].padStart(10)}${cells[2].padStart(10)}`);
  row(['nanoseconds per', 'measured', 'design']);
  for (const group of [vectors, extensions, hashes, quintics]) {
    for (const measurement of group(arena)) {
      const { name, design } = measurement;
      const measured = await measure(pool, measurement);
      row([name, measured.toPrecision(3), design?.toString() ?? '']);
    }
  }
  await pool.close();
}

await main();
