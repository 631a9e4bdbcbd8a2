/**
 * Layers of the LogUp tree in the kernels' memory, as kernels/logup.ts and, for the leaves,
 * kernels/logup-leaves.ts describe them.
 */
import { QuinticField as E, type Quintic, type SegmentShape } from '@vouch/verifier';
import { LOG_BLOCK } from './eq-tables.ts';
import { BLOCK, BLOCK_BYTES, LAYER_BLOCK_BYTES, LEAF_BLOCK_BYTES } from './kernel-layout.ts';
import type { Region } from './memory.ts';
import { fromMontgomery, toMontgomery } from './montgomery.ts';
import type { Pool } from './pool.ts';
import { readVector } from './quintic-vector.ts';

const { ONE, ZERO } = E;

/** How many pairs a layer has and stores. */
export interface LayerSize {
  readonly logPairs: number;
  /** Pairs behind these are not stored: they are (0, 0, 1, 1). */
  readonly used: number;
  /** Numerators are over F. */
  readonly isLeaves: boolean;
}

export interface Layer extends LayerSize {
  readonly region: Region;
}

/** First planes of the four vectors of a block, and planes of numerators and denominators. */
interface LayerLayout {
  readonly blockBytes: number;
  readonly planes: readonly [number, number, number, number];
  readonly numeratorPlanes: 1 | 5;
}

const LEAF_LAYOUT: LayerLayout = {
  blockBytes: LEAF_BLOCK_BYTES,
  planes: [0, 1, 2, 7],
  numeratorPlanes: 1,
};
const LAYER_LAYOUT: LayerLayout = {
  blockBytes: LAYER_BLOCK_BYTES,
  planes: [0, 5, 10, 15],
  numeratorPlanes: 5,
};

function layoutOf({ isLeaves }: LayerSize): LayerLayout {
  return isLeaves ? LEAF_LAYOUT : LAYER_LAYOUT;
}

/** Pairs are stored in twos of blocks: a block of the folded layer. */
export const GRAIN: number = 2 * BLOCK;

/** The size of a layer of which `pairs` pairs are not neutral. */
function layerSize(logPairs: number, pairs: number, isLeaves: boolean): LayerSize {
  const used = Math.min(2 ** logPairs, GRAIN * Math.ceil(pairs / GRAIN));
  return { logPairs, used, isLeaves };
}

/** The size of the layer above, and of the layer with its last variable bound. */
export function halfSize({ logPairs, used }: LayerSize): LayerSize {
  return layerSize(logPairs - 1, used / 2, false);
}

/** Layers of a segment that are held in memory, the leaves' first. */
export function layerSizes(shape: SegmentShape): LayerSize[] {
  const leaves = shape.blocks.reduce((sum, { logHeight }) => sum + 2 ** logHeight, 0);
  const sizes = [layerSize(shape.logLeaves - 1, leaves / 2, true)];
  for (let last = sizes[0] as LayerSize; last.logPairs > LOG_BLOCK; ) {
    last = halfSize(last);
    sizes.push(last);
  }
  return sizes;
}

/** Bytes of a layer in memory. */
export function layerBytes(size: LayerSize): number {
  return Math.max(1, size.used / BLOCK) * layoutOf(size).blockBytes;
}

/** A layer that is not cleared. */
export function allocateLayer(pool: Pool, size: LayerSize): Layer {
  return { ...size, region: pool.arena.allocate('LogUp layer', layerBytes(size)) };
}

/** Byte offset of the first plane of a vector (0 to 3, in the order of FourVectors) at a pair. */
function pairOffset(layer: Layer, vector: number, pair: number): number {
  const { blockBytes, planes } = layoutOf(layer);
  const block = layer.region.offset + Math.floor(pair / BLOCK) * blockBytes;
  return block + (planes[vector] as number) * BLOCK_BYTES + 4 * (pair % BLOCK);
}

function writeElement(
  pool: Pool,
  layer: Layer,
  vector: number,
  pair: number,
  value: Quintic,
): void {
  const at = pairOffset(layer, vector, pair);
  const planes = vector < 2 ? layoutOf(layer).numeratorPlanes : 5;
  for (const [j, word] of value.slice(0, planes).entries()) {
    pool.arena.words(at + j * BLOCK_BYTES, 1)[0] = toMontgomery(word);
  }
}

/** @param leaf an even one is the left fraction of a pair */
export function writeLeaf(
  pool: Pool,
  layer: Layer,
  leaf: number,
  numerator: number,
  denominator: Quintic,
): void {
  const [pair, side] = [Math.floor(leaf / 2), leaf % 2];
  writeElement(pool, layer, side, pair, E.fromBase(numerator));
  writeElement(pool, layer, 2 + side, pair, denominator);
}

/** Fills pairs [from, used) with (0, right numerator, 1, 1). */
export function padLayer(
  pool: Pool,
  layer: Layer,
  from: number,
  rightNumerator: Quintic = ZERO,
): void {
  for (let pair = from; pair < layer.used; pair++) {
    for (const [vector, value] of [ZERO, rightNumerator, ONE, ONE].entries()) {
      writeElement(pool, layer, vector, pair, value);
    }
  }
}

/** Left numerators, right numerators, left denominators, right denominators. */
export type FourVectors = [Quintic[], Quintic[], Quintic[], Quintic[]];

/** All pairs of a layer of at most a block. */
export function readLayer(pool: Pool, layer: Layer): FourVectors {
  const length = 2 ** layer.logPairs;
  return [0, 1, 2, 3].map((vector) => {
    const offset = pairOffset(layer, vector, 0);
    if (vector < 2 && layer.isLeaves) {
      const words = [...pool.arena.words(offset, length)];
      return words.map((word) => E.fromBase(fromMontgomery(word)));
    }
    return readVector(pool.arena, { offset, stride: BLOCK_BYTES, length });
  }) as FourVectors;
}
