/** The kernels' memory that a proof takes at most, known before it is begun. */
import {
  type Chip,
  type ConstraintProgram,
  leafLayout,
  type Machine,
  type OpeningSchedule,
  type ProgramOutline,
  programShape,
  type SegmentShape,
  stackPreprocessed,
  type WhirRound,
} from '@vouch/verifier';
import { codewordStride } from './commit.ts';
import { LOG_BLOCK } from './eq-tables.ts';
import { BASE_LINE_SLOTS, foldedBytes, JOBS_PER_THREAD } from './instance-vectors.ts';
import { halfSize, type LayerSize, layerBytes, layerSizes } from './logup-layer.ts';
import { treeSize } from './merkle-tree.ts';
import { analyseChip, type ChipAnalysis, planNodes } from './plan.ts';
import { BASE_SLOT_BYTES, QUINTIC_SLOT_BYTES } from './plan-memory.ts';
import { ELEMENT_BYTES, vectorBytes } from './quintic-vector.ts';
import { closedFormsOf, LOG_LEAST, stackElements } from './stages.ts';

/** Plans, points, weights and partial sums: in all, and for each thread. */
const SMALL_BYTES = 2 ** 20;
const SMALL_THREAD_BYTES = 2 ** 14;

/** Bytes that `commitProgram` takes from the arena: at least its peak, and a MiB more. */
export function programBytes(machine: Machine, outline: ProgramOutline): number {
  const { tables } = programShape(machine, outline);
  const { end } = stackPreprocessed(machine.constraints, tables);
  const sizes = machine.rowLogs.map((r) => {
    const count = Math.ceil(end / 2 ** r);
    const logLength = r + machine.logInverseRate;
    return 4 * count * 2 ** r + twiddleBytes(logLength) + matrixBytes(count, logLength);
  });
  return SMALL_BYTES + Math.max(...sizes);
}

/**
 * Bytes that `proveRun` takes from the arena for a segment of this shape: at least its peak, and a
 * few percent more at most.
 *
 * @param threads of the pool
 */
export function segmentBytes(
  machine: ConstraintProgram,
  shape: SegmentShape,
  schedule: OpeningSchedule,
  threads: number,
): number {
  const committed = committedBytes(machine, shape, schedule);
  const closedForms = closedFormBytes(machine, shape);
  return (
    SMALL_BYTES +
    SMALL_THREAD_BYTES * threads +
    committed +
    Math.max(
      closedForms + logupBytes(shape),
      closedForms + zerocheckBytes(machine, shape, threads),
      reductionBytes(shape),
      openingBytes(shape, schedule),
    )
  );
}

function twiddleBytes(logLength: number): number {
  return 8 * 2 ** Math.max(logLength - 1, 2);
}

/** Codewords and tree. */
function matrixBytes(count: number, logLength: number): number {
  const layout = leafLayout(count, logLength);
  return count * codewordStride(layout, logLength) + treeSize(layout.depth).bytes;
}

/** Bytes that `openSegment` holds between the commitment and the proof of a segment of this shape. */
export function committedBytes(
  { chips }: ConstraintProgram,
  shape: SegmentShape,
  { rounds }: OpeningSchedule,
): number {
  const { instances, logRows, mainChunks, preprocessedChunks } = shape;
  const [first] = rounds as [WhirRound, ...WhirRound[]];
  const logLength = logRows + first.logInverseRate;
  const stack = 4 * stackElements(shape);
  const own = stack + twiddleBytes(logLength) + matrixBytes(mainChunks.count, logLength);
  if (preprocessedChunks.count > 0) return own + matrixBytes(preprocessedChunks.count, logLength);
  const loose = instances.map(
    ({ chip, logHeight }) => 4 * (chips[chip] as Chip).preprocessedColumns.length * 2 ** logHeight,
  );
  return own + total(loose);
}

function closedFormBytes({ chips }: ConstraintProgram, { instances }: SegmentShape): number {
  return total(
    instances.map(
      ({ chip, logHeight }) => 4 * closedFormsOf(chips[chip] as Chip).length * 2 ** logHeight,
    ),
  );
}

/** The moment when all layers are there, or a later one: a layer, those below it, and its fold. */
function logupBytes(shape: SegmentShape): number {
  const sizes = layerSizes(shape);
  let most = 0;
  for (const [k, size] of sizes.entries()) {
    const held = total(sizes.slice(0, k + 1).map(layerBytes));
    const next = size.logPairs > LOG_BLOCK ? layerBytes(halfSize(size)) : 0;
    most = Math.max(most, held + next + eqBytes(size));
  }
  return most;
}

function eqBytes({ logPairs }: LayerSize): number {
  return vectorBytes(2 ** Math.max(0, logPairs - 1 - LOG_BLOCK));
}

/** Linear and folded columns of the instances that are neither waiting nor down to a block. */
function zerocheckBytes(
  { chips }: ConstraintProgram,
  { instances, maxLogHeight }: SegmentShape,
  threads: number,
): number {
  const large = instances
    .filter(({ logHeight }) => logHeight > LOG_BLOCK)
    .map(({ chip, logHeight }) => {
      const { columns, slots } = evaluationSize(chips[chip] as Chip);
      const slotBytes = JOBS_PER_THREAD * threads * slots;
      return {
        start: maxLogHeight - logHeight,
        end: maxLogHeight - LOG_BLOCK,
        linear: vectorBytes(2 ** logHeight),
        folded: foldedBytes(columns, 2 ** (logHeight - 1)),
        base: slotBytes * BASE_SLOT_BYTES,
        quintic: slotBytes * QUINTIC_SLOT_BYTES,
      };
    });
  const atRound = (round: number): number =>
    total(
      large
        .filter(({ end }) => round < end)
        .map(({ start, linear, folded, base, quintic }) => {
          if (round < start) return linear + base;
          return linear + folded + (round === start ? base : quintic);
        }),
    );
  const rounds = Array.from({ length: maxLogHeight }, (_, round) => atRound(round));
  const values = Math.max(0, ...instances.map(({ logHeight }) => vectorBytes(2 ** logHeight)));
  return Math.max(values, ...rounds);
}

/** Columns and slots of the plan that evaluates what is not linear in a chip. */
function evaluationSize(chip: Chip): { columns: number; slots: number } {
  const analysis = analyseChip(chip, [0, 0]);
  const plan = planNodes(analysis, nonlinearNodes(analysis), BASE_LINE_SLOTS);
  return { columns: plan.columns.length, slots: plan.slots };
}

function nonlinearNodes({ chip, linear }: ChipAnalysis): number[] {
  const messages = chip.interactions.flatMap(({ multiplicity, message }) => [
    multiplicity,
    ...message,
  ]);
  const nodes = new Set([...chip.constraints, ...messages]);
  return [...nodes].filter((node) => linear[node] === undefined);
}

/** Row sums of S and column weights; then one eq table. */
function reductionBytes({ logChunks, logRows }: SegmentShape): number {
  return 2 * vectorBytes(2 ** (logChunks + logRows - LOG_LEAST));
}

function openingBytes(shape: SegmentShape, { rounds }: OpeningSchedule): number {
  const state = 2 * vectorBytes(2 ** shape.logRows);
  let most = 0;
  let variables = shape.logChunks + shape.logRows;
  let matrix = 0;
  for (const [i, round] of rounds.entries()) {
    variables -= round.foldedVariables;
    const next = rounds[i + 1];
    if (next === undefined) break;
    const logLength = variables + round.logInverseRate;
    const columns = 5 * 2 ** next.foldedVariables;
    const nextLength = variables - next.foldedVariables + next.logInverseRate;
    const nextMatrix = matrixBytes(columns, nextLength);
    const chunks = ELEMENT_BYTES * 2 ** variables;
    const outside = next.outOfDomainSamples * vectorBytes(2 ** variables);
    const queries = 2 * vectorBytes(2 ** logLength);
    most = Math.max(most, matrix + nextMatrix + Math.max(chunks, outside, queries));
    matrix = nextMatrix;
  }
  return state + most;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
