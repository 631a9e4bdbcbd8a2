/**
 * What the steps of a proof say of its segments, encoded as in a receipt:
 *
 * ```
 * header     the segment's header
 * challenge  a receipt without its proofs: the claim, the nonce, all headers
 * proof      8 elements: the digest that the challenges are drawn from; the segment's proof
 * ```
 */
import {
  type CheckedHead,
  checkedShape,
  type Digest,
  digestsEqual,
  type ProgramOutline,
  type ReceiptHead,
  readReceiptHead,
  readSegmentHeader,
  readSegmentProof,
  riscvMachine,
  type SegmentHeader,
  type SegmentProof,
  writeReceiptHead,
  writeSegmentHeader,
  writeSegmentProof,
} from '@vouch/verifier';
import { type MessageLabel, openMessage, type RunLabel, refused, sealMessage } from './envelope.ts';
import { type ProofPlan, runLabel } from './plan.ts';

const CHALLENGE: MessageLabel = { kind: 'challenge', number: 0 };

/** @param number of the segment, from 1 */
export function writeHeader(run: RunLabel, number: number, header: SegmentHeader): Uint8Array {
  return sealMessage({ kind: 'header', number }, run, (writer) =>
    writeSegmentHeader(writer, header),
  );
}

/** @throws StepError */
export function readHeader(bytes: Uint8Array, run: RunLabel, number: number): SegmentHeader {
  return openMessage(bytes, { kind: 'header', number }, run, (reader) =>
    readSegmentHeader(reader, riscvMachine()),
  );
}

export function writeChallenge(run: RunLabel, head: ReceiptHead): Uint8Array {
  return sealMessage(CHALLENGE, run, (writer) => writeReceiptHead(writer, head));
}

/** @throws StepError */
export function readChallenge(bytes: Uint8Array, run: RunLabel): CheckedHead {
  return openMessage(bytes, CHALLENGE, run, (reader) => readReceiptHead(reader, riscvMachine()));
}

/** @param statement the digest that the challenges are drawn from */
export function writeProof(
  run: RunLabel,
  number: number,
  statement: Digest,
  proof: SegmentProof,
): Uint8Array {
  return sealMessage({ kind: 'proof', number }, run, (writer) => {
    writer.elements(statement);
    writeSegmentProof(writer, proof);
  });
}

/**
 * The proof of the segment with this header.
 *
 * @throws StepError; `step/other-proof` if it answers other challenges
 */
export function readProof(
  bytes: Uint8Array,
  { plan, outline }: { readonly plan: ProofPlan; readonly outline: ProgramOutline },
  number: number,
  { instances }: SegmentHeader,
  statement: Digest,
): SegmentProof {
  const machine = riscvMachine();
  const { parameters, programMode } = plan;
  const label: MessageLabel = { kind: 'proof', number };
  return openMessage(bytes, label, runLabel(plan), (reader) => {
    if (!digestsEqual(reader.digest(), statement)) {
      throw refused(label, 'step/other-proof', 'answers other challenges');
    }
    const shape = checkedShape(machine, parameters, outline, instances, programMode === 'id');
    return readSegmentProof(reader, machine, shape, parameters);
  });
}
