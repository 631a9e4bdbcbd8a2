/** Proofs of the toy machine with the kernels. */
import { type SegmentProof, type SegmentShape, segmentShape, Transcript } from '@vouch/verifier';
import type { Pool } from '../../prover/pool.ts';
import { findNonce } from '../../prover/proof-of-work.ts';
import { commitSegment, freeSegment, proveSegment } from '../../prover/segment.ts';
import type { StageListener } from '../../prover/stages.ts';
import type { Table } from '../../prover/table.ts';
import { toyMachine, toyParameters } from './toy-machine.ts';

const TAG = 'toy proof';

export function toyShape(tables: readonly Table[]): SegmentShape {
  const instances = tables.map(({ chip, logHeight }) => ({ chip, logHeight }));
  return segmentShape(toyMachine, instances, toyParameters.logRows, true);
}

export async function proveToy(
  pool: Pool,
  tables: readonly Table[],
  onStage: StageListener = () => {},
): Promise<SegmentProof> {
  const shape = toyShape(tables);
  const { chips } = toyMachine;
  const segment = await commitSegment(pool, shape, tables, chips, toyParameters, [], onStage);
  const transcript = new Transcript(TAG);
  transcript.absorbDigest('main root', segment.main.root);
  const alpha = transcript.squeezeExtension('alpha');
  const beta = transcript.squeezeExtension('beta');
  const proof = await proveSegment(
    pool,
    transcript,
    { machine: toyMachine, shape, segment: 1, challenges: { alpha, beta } },
    segment,
    toyParameters,
    (seed, bits) => findNonce(pool, TAG, seed, bits),
    onStage,
  );
  freeSegment(pool, segment);
  return proof;
}
