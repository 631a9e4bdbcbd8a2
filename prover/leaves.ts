/** The leaves of the LogUp tree: one fraction for each row of each interaction. */
import {
  type Block,
  betaPowers,
  type Chip,
  CLOSED_FORMS,
  closedFormAt,
  closedFormLogHeight,
  QuinticField as E,
  evaluateNodes,
  fingerprint,
  type Interaction,
  NODE_MAIN,
  NODE_PREPROCESSED,
  type Quintic,
} from '@vouch/verifier';
import { LOG_BLOCK } from './eq-tables.ts';
import type { Job } from './kernel.ts';
import { BLOCK } from './kernel-layout.ts';
import type { LoadedTable } from './loaded-table.ts';
import {
  allocateLayer,
  type Layer,
  type LayerSize,
  layerSizes,
  padLayer,
  writeLeaf,
} from './logup-layer.ts';
import { fromMontgomery } from './montgomery.ts';
import { messageOffset } from './node-weights.ts';
import { analyseChip, type ColumnReference, planNodes } from './plan.ts';
import { BASE_SLOT_BYTES, freePlan, type LoadedPlan, loadPlan } from './plan-memory.ts';
import { type Pool, split } from './pool.ts';
import type { ProvingContext } from './proving-context.ts';
import { allocateElements } from './quintic-jobs.ts';
import { LEAF_WORK } from './work.ts';

/** Jobs that one table is split into for each thread. */
const JOBS_PER_THREAD = 2;

/** Fills a layer with the fractions of all tables. */
export async function fillLeaves(
  pool: Pool,
  context: ProvingContext,
  tables: readonly LoadedTable[],
): Promise<Layer> {
  const { shape } = context;
  const [size] = layerSizes(shape) as [LayerSize];
  const layer = allocateLayer(pool, size);
  const leaves = shape.blocks.reduce((sum, { logHeight }) => sum + 2 ** logHeight, 0);
  padLayer(pool, layer, leaves / 2);
  for (const [t, table] of tables.entries()) {
    const blocks = shape.blocks.filter(({ instance }) => instance === t);
    if (table.logHeight < LOG_BLOCK) fillSmallTable(pool, context, table, t, blocks, layer);
    else await fillTable(pool, context, table, t, blocks, layer);
  }
  return layer;
}

async function fillTable(
  pool: Pool,
  context: ProvingContext,
  table: LoadedTable,
  instance: number,
  blocks: readonly Block[],
  layer: Layer,
): Promise<void> {
  const { machine, shape, segment, challenges } = context;
  const { chip } = table;
  const analysis = analyseChip(chip, [segment, shape.instanceStarts[instance] as number]);
  const interactions = blocks.map(
    ({ interaction }) => chip.interactions[interaction] as Interaction,
  );
  const wanted = interactions.flatMap(({ multiplicity, message }) => [multiplicity, ...message]);
  const plan = planNodes(analysis, wanted, 0);
  const ranges = split(2 ** table.logHeight / BLOCK, JOBS_PER_THREAD * pool.threads, 1);
  const addresses = plan.columns.map((column) =>
    table.column(analysis.columns[column] as ColumnReference),
  );
  const loaded = loadPlan(
    pool,
    plan,
    BASE_SLOT_BYTES,
    addresses,
    (slotOffset) => outputWords(blocks, interactions, plan.outputs.map(slotOffset)),
    ranges.length,
  );
  const powers = betaPowers(machine, challenges.beta);
  const betas = allocateElements(pool, 'powers of beta', powers.slice(1));
  const offsets = allocateElements(
    pool,
    'message offsets',
    interactions.map(({ bus }) => messageOffset(context, bus, segment, powers)),
  );
  const leaves = blocks.length * 2 ** table.logHeight;
  await pool.run(leafJobs(ranges, loaded, betas.offset, offsets.offset, layer), LEAF_WORK * leaves);
  for (const region of [betas, offsets]) pool.arena.free(region);
  freePlan(pool, loaded);
}

function leafJobs(
  ranges: readonly [number, number][],
  loaded: LoadedPlan,
  betas: number,
  offsets: number,
  layer: Layer,
): Job[] {
  return ranges.map(([from, to], i) => [
    'logupLeaves',
    loaded.region.offset,
    loaded.slots.offset + i * loaded.slotsBytes,
    betas,
    offsets,
    layer.region.offset,
    from,
    to,
  ]);
}

/** For each interaction: multiplicity, whether it is negated, first leaf, message. */
function outputWords(
  blocks: readonly Block[],
  interactions: readonly Interaction[],
  outputs: readonly number[],
): { count: number; words: number[] } {
  const words: number[] = [];
  let next = 0;
  for (const [k, { sign, message }] of interactions.entries()) {
    words.push(
      outputs[next] as number,
      Number(sign === -1),
      (blocks[k] as Block).offset,
      message.length,
    );
    words.push(...outputs.slice(next + 1, next + 1 + message.length));
    next += 1 + message.length;
  }
  return { count: interactions.length, words };
}

/** Tables of less than a block, row by row. */
function fillSmallTable(
  pool: Pool,
  { machine, shape, segment, challenges }: ProvingContext,
  table: LoadedTable,
  instance: number,
  blocks: readonly Block[],
  layer: Layer,
): void {
  const { chip } = table;
  const betas = betaPowers(machine, challenges.beta);
  const rows = smallRows(pool, table, [segment, shape.instanceStarts[instance] as number]);
  for (const [i, row] of rows.entries()) {
    const nodes = evaluateNodes(chip, row);
    for (const { interaction, offset } of blocks) {
      const { bus, sign, multiplicity, message } = chip.interactions[interaction] as Interaction;
      const count = (nodes[multiplicity] as Quintic)[0];
      const values = message.map((node) => nodes[node] as Quintic);
      const print = fingerprint(machine, betas, bus, segment, values);
      const numerator = sign === 1 ? count : E.neg(E.fromBase(count))[0];
      writeLeaf(pool, layer, offset + i, numerator, E.sub(challenges.alpha, print));
    }
  }
}

function smallRows(
  pool: Pool,
  table: LoadedTable,
  parameters: readonly number[],
): Parameters<typeof evaluateNodes>[1][] {
  const chip: Chip = table.chip;
  const read = (kind: number, count: number): Uint32Array[] =>
    Array.from({ length: count }, (_, index) =>
      pool.arena.words(table.column({ kind, index }), 2 ** table.logHeight),
    );
  const main = read(NODE_MAIN, chip.mainColumns.length);
  const preprocessed = read(NODE_PREPROCESSED, chip.preprocessedColumns.length);
  const at = (columns: readonly Uint32Array[], i: number): Quintic[] =>
    columns.map((column) => E.fromBase(fromMontgomery(column[i] as number)));
  return Array.from({ length: 2 ** table.logHeight }, (_, i) => ({
    main: at(main, i),
    preprocessed: at(preprocessed, i),
    closedForms: CLOSED_FORMS.map((form) => {
      const required = closedFormLogHeight(form);
      const defined = required === undefined || required === table.logHeight;
      return E.fromBase(defined ? closedFormAt(form, i) : 0);
    }),
    parameters: parameters.map((value) => E.fromBase(value)),
  }));
}
