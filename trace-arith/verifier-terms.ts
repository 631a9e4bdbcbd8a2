/**
 * The verifier's side of the buses (proof-spec, section 2): what it knows of a run, as messages. A
 * run's tables and these terms balance.
 */
import { EXEC, EXIT, GLOBAL_MEM, PV } from './buses.ts';
import { PUBLIC_INPUT_KEY } from './constants.ts';
import { inputWords } from './fill/memory.ts';

/** What is claimed of a run. */
export interface Claim {
  readonly publicInput: Uint8Array;
  readonly exitCode: number;
  readonly journal: Uint8Array;
  /** In order. */
  readonly segments: readonly SegmentEnds[];
}

/** Where a segment's path of cycles begins and ends. */
export interface SegmentEnds {
  /** Half-word address of the first instruction. */
  readonly pcStart: number;
  /** Half-word address that the last instruction leads to; HALT_PC at the end of the run. */
  readonly pcEnd: number;
  /** Cycles plus one. */
  readonly cycleEnd: number;
}

/** A message that the verifier adds. */
export interface VerifierTerm {
  readonly bus: string;
  /** +1 for a send, -1 for a receive. */
  readonly sign: 1 | -1;
  /** Segment of a local message, 1-based; 0 for a global one. */
  readonly segment: number;
  readonly message: readonly number[];
}

/** The terms V of a claim. */
export function verifierTerms(claim: Claim): VerifierTerm[] {
  const { publicInput, journal, exitCode, segments } = claim;
  const global = { segment: 0 };
  const inputs = Array.from(inputWords(publicInput), (word, i): VerifierTerm => {
    const message = [PUBLIC_INPUT_KEY + i, ...limbs(word), 0];
    return { ...global, bus: GLOBAL_MEM.name, sign: 1, message };
  });
  const outputs = Array.from(inputWords(journal).subarray(1), (word, i): VerifierTerm => {
    return { ...global, bus: PV.name, sign: -1, message: [i, ...limbs(word)] };
  });
  const exit = [...limbs(exitCode >>> 0), ...limbs(journal.length)];
  return [
    ...inputs,
    ...outputs,
    { ...global, bus: EXIT.name, sign: -1, message: exit },
    ...segments.flatMap(({ pcStart, pcEnd, cycleEnd }, i): VerifierTerm[] => [
      { bus: EXEC.name, sign: 1, segment: i + 1, message: [pcStart, 1] },
      { bus: EXEC.name, sign: -1, segment: i + 1, message: [pcEnd, cycleEnd] },
    ]),
  ];
}

/**
 * What the verifier checks of the segments' ends besides the messages: the first one begins at the
 * entry, each begins where the one before ended, the last one ends at HALT_PC, and none is empty or
 * longer than 2^22 - 1 cycles. Returns what is wrong, undefined if nothing is.
 */
export function segmentEndsProblem(
  segments: readonly SegmentEnds[],
  entry: number,
  haltPc: number,
): string | undefined {
  let pc = entry;
  for (const [i, { pcStart, pcEnd, cycleEnd }] of segments.entries()) {
    if (pcStart !== pc) return `segment ${i + 1} begins at ${pcStart}, not at ${pc}`;
    if (!(cycleEnd >= 1 && cycleEnd <= 2 ** 22)) return `segment ${i + 1} ends at ${cycleEnd}`;
    pc = pcEnd;
  }
  return pc === haltPc ? undefined : `the run ends at ${pc}`;
}

function limbs(word: number): [number, number] {
  return [word & 0xffff, word >>> 16];
}
