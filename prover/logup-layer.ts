/** Layers of the LogUp tree in the kernels' memory, as kernels/logup.ts describes them. */
import { QuinticField as E, type Quintic, type SegmentShape } from '@vouch/verifier';
import { LOG_BLOCK } from './eq-tables.ts';
import { BLOCK, BLOCK_BYTES, LAYER_BLOCK_BYTES } from './kernel-layout.ts';
import type { Region } from './memory.ts';
import { toMontgomery } from './montgomery.ts';
import type { Pool } from './pool.ts';
import { readVector } from './quintic-vector.ts';

const { ONE, ZERO } = E;

/** How many pairs a layer has and stores. */
export interface LayerSize {
  readonly logPairs: number;
  /** Pairs behind these are not stored: they are (0, 0, 1, 1). */
  readonly used: number;
}

export interface Layer extends LayerSize {
  readonly region: Region;
  /** Numerators have only their first plane. */
  readonly baseNumerators: boolean;
}

/** Pairs are stored in twos of blocks: a block of the folded layer. */
export const GRAIN: number = 2 * BLOCK;

/** The size of a layer of which `pairs` pairs are not neutral. */
export function layerSize(logPairs: number, pairs: number): LayerSize {
  return { logPairs, used: Math.min(2 ** logPairs, GRAIN * Math.ceil(pairs / GRAIN)) };
}

/** The size of the layer above, and of the layer with its last variable bound. */
export function halfSize({ logPairs, used }: LayerSize): LayerSize {
  return layerSize(logPairs - 1, used / 2);
}

/** Layers of a segment that are held in memory, the leaves' first. */
export function layerSizes(shape: SegmentShape): LayerSize[] {
  const leaves = shape.blocks.reduce((sum, { logHeight }) => sum + 2 ** logHeight, 0);
  const sizes = [layerSize(shape.logLeaves - 1, leaves / 2)];
  for (let last = sizes[0] as LayerSize; last.logPairs > LOG_BLOCK; ) {
    last = halfSize(last);
    sizes.push(last);
  }
  return sizes;
}

/** Bytes of a layer in memory. */
export function layerBytes({ used }: LayerSize): number {
  return Math.max(1, used / BLOCK) * LAYER_BLOCK_BYTES;
}

/** A layer that is not cleared. */
export function allocateLayer(pool: Pool, size: LayerSize, baseNumerators: boolean): Layer {
  return { ...size, region: pool.arena.allocate('LogUp layer', layerBytes(size)), baseNumerators };
}

/** Byte offset of plane 0 of a pair. */
export function pairOffset(layer: Layer, pair: number): number {
  const block = Math.floor(pair / BLOCK);
  return layer.region.offset + block * LAYER_BLOCK_BYTES + 4 * (pair % BLOCK);
}

/** Fills pairs [from, used) with (0, right numerator, 1, 1). */
export function padLayer(
  pool: Pool,
  layer: Layer,
  from: number,
  rightNumerator: Quintic = ZERO,
): void {
  const neutral = [ZERO, rightNumerator, ONE, ONE].flat().map(toMontgomery);
  for (let pair = from; pair < layer.used; pair++) {
    const at = pairOffset(layer, pair);
    for (const [plane, word] of neutral.entries()) {
      pool.arena.words(at + plane * BLOCK_BYTES, 1)[0] = word;
    }
  }
}

/** Left numerators, right numerators, left denominators, right denominators. */
export type FourVectors = [Quintic[], Quintic[], Quintic[], Quintic[]];

/** All pairs of a layer of at most a block. */
export function readLayer(pool: Pool, layer: Layer): FourVectors {
  return [0, 1, 2, 3].map((v) => {
    const offset = layer.region.offset + 5 * v * BLOCK_BYTES;
    const length = 2 ** layer.logPairs;
    const values = readVector(pool.arena, { offset, stride: BLOCK_BYTES, length });
    const isBase = layer.baseNumerators && v < 2;
    return isBase ? values.map((value) => E.fromBase(value[0])) : values;
  }) as FourVectors;
}
