/** The stages of a segment's proof, and how much work each is: see work.ts. */
import {
  type Chip,
  CLOSED_FORMS,
  type ConstraintProgram,
  NODE_CLOSED_FORM,
  NODE_WORDS,
  type OpeningSchedule,
  type SegmentShape,
  type WhirRound,
} from '@vouch/verifier';
import { LOG_BLOCK } from './eq-tables.ts';
import { halfSize, type LayerSize, layerSizes } from './logup-layer.ts';
import {
  ADD_WORK,
  CHUNK_WORK,
  commitWork,
  FIRST_ROUND_WORK,
  FOLD_WORK,
  grindWork,
  LATER_ROUND_WORK,
  LEAF_WORK,
  LINE_WORK,
  LOAD_WORK,
  MIX_WORK,
  PASS_WORK,
  ROUND_WORK,
  TRANSFORM_WORK,
} from './work.ts';

/** Log of the least height of a table that the kernels take. */
export const LOG_LEAST = 5;

/** Parts of the proof, in order, as progress names them. */
export type ProvingStage = 'load' | 'commit' | 'logup' | 'zerocheck' | 'reduction' | 'opening';

/** Ends the stage before and begins one. */
export type StageListener = (stage: ProvingStage) => void;

/** The work of each stage. */
export function stageWork(
  machine: ConstraintProgram,
  shape: SegmentShape,
  schedule: OpeningSchedule,
): Readonly<Record<ProvingStage, number>> {
  const [first] = schedule.rounds as [WhirRound, ...WhirRound[]];
  const elements = stackElements(shape);
  const { mainChunks, preprocessedChunks } = shape;
  const logLength = shape.logRows + first.logInverseRate;
  return {
    load: LOAD_WORK * elements,
    commit:
      commitWork(mainChunks.count, logLength) +
      (preprocessedChunks.count > 0 ? commitWork(preprocessedChunks.count, logLength) : 0),
    logup: logupWork(shape),
    zerocheck: zerocheckWork(machine, shape),
    reduction: 2 * PASS_WORK * elements,
    opening: openingWork(shape, schedule),
  };
}

/** Chunks of S up to the last one that holds something; those behind are zero. */
export function stackChunks({ mainChunks, preprocessedChunks }: SegmentShape): number {
  const { start, count } = preprocessedChunks;
  return count === 0 ? mainChunks.count : start + count;
}

/** Elements of S in memory: those chunks, and zeros up to whole vectors of the reduction's rows. */
export function stackElements(shape: SegmentShape): number {
  const vector = 4 * 2 ** LOG_LEAST;
  return vector * Math.ceil((stackChunks(shape) * 2 ** shape.logRows) / vector);
}

/** Cells of a table's columns, closed forms included. */
export function tableCells(chip: Chip, logHeight: number): number {
  const closedForms = closedFormsOf(chip).length;
  const columns = chip.mainColumns.length + chip.preprocessedColumns.length + closedForms;
  return columns * 2 ** logHeight;
}

/** Closed forms that a chip's expressions mention, as indices into CLOSED_FORMS. */
export function closedFormsOf({ expressions: { nodes } }: Chip): number[] {
  return CLOSED_FORMS.map((_, index) => index).filter((index) =>
    nodes.some(
      (word, i) => i % NODE_WORDS === 0 && word === NODE_CLOSED_FORM && nodes[i + 1] === index,
    ),
  );
}

function logupWork(shape: SegmentShape): number {
  const leaves = shape.blocks
    .filter(({ logHeight }) => logHeight >= LOG_BLOCK)
    .reduce((sum, { logHeight }) => sum + 2 ** logHeight, 0);
  let work = LEAF_WORK * leaves;
  for (const size of layerSizes(shape)) {
    if (size.logPairs <= LOG_BLOCK) continue;
    work += (ADD_WORK + (size.isLeaves ? 0 : MIX_WORK)) * size.used;
    for (let layer: LayerSize = size; layer.logPairs > LOG_BLOCK; layer = halfSize(layer)) {
      work += (ROUND_WORK + FOLD_WORK) * layer.used;
    }
  }
  return work;
}

function zerocheckWork({ chips }: ConstraintProgram, { instances }: SegmentShape): number {
  let work = 0;
  for (const { chip, logHeight } of instances) {
    const cells = tableCells(chips[chip] as Chip, logHeight);
    work += 3 * LINE_WORK * cells;
    for (let round = 0; round < logHeight; round++) work += instanceRoundWork(cells, round);
  }
  return work;
}

/** Work of one of an instance's rounds, its binding included; the first one is on base elements. */
export function instanceRoundWork(cells: number, round: number): number {
  return ((round === 0 ? FIRST_ROUND_WORK : LATER_ROUND_WORK) * cells) / 2 ** round;
}

function openingWork(shape: SegmentShape, { rounds }: OpeningSchedule): number {
  let work = 2 * CHUNK_WORK * stackChunks(shape) * 2 ** shape.logRows;
  let variables = shape.logChunks + shape.logRows;
  for (const [i, round] of rounds.entries()) {
    const logLength = variables - round.foldedVariables + round.logInverseRate;
    variables -= round.foldedVariables;
    work += round.foldedVariables * grindWork(round.foldWork) + grindWork(round.queryWork);
    const next = rounds[i + 1];
    if (next === undefined) continue;
    work += TRANSFORM_WORK * 2 ** logLength;
    const nextLogLength = variables - next.foldedVariables + next.logInverseRate;
    work += commitWork(5 * 2 ** next.foldedVariables, nextLogLength);
  }
  return work;
}
