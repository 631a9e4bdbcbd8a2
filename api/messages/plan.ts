/**
 * The plan of a proof: which run it is of, how that is cut, and how it ended.
 *
 * ```
 * u32 n, n bytes  description of the run in JSON: its SHA-256 names the proof in every message
 * u32             exit code
 * u32 n, n bytes  journal
 * ```
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import {
  MAX_JOURNAL_BYTES,
  MAX_SEGMENTS,
  type ParameterSet,
  riscvMachine,
  VerificationError,
} from '@vouch/verifier';
import { StepError } from '../proving/errors.ts';
import type { ProgramMode } from '../proving/options.ts';
import { MAX_SEGMENT_CYCLES } from '../proving/run.ts';
import {
  impossible,
  type MessageLabel,
  openMessage,
  type RunLabel,
  sealMessage,
} from './envelope.ts';

/** All that the bytes of a receipt depend on. */
export interface RunDescription {
  readonly parameters: ParameterSet;
  readonly programMode: ProgramMode;
  /** Hexadecimal SHA-256 of the loaded program, of the inputs. */
  readonly program: string;
  readonly publicInput: string;
  readonly privateInput: string;
  readonly cycles: number;
  /** Of every segment but the last. */
  readonly segmentCycles: number;
}

export interface ProofPlan extends RunDescription {
  readonly exitCode: number;
  readonly journal: Uint8Array;
}

const LABEL: MessageLabel = { kind: 'plan', number: 0 };
const MAX_DESCRIPTION_BYTES = 4096;

export function writePlan(plan: ProofPlan): Uint8Array {
  return sealMessage(LABEL, runLabel(plan), (writer) => {
    const description = new TextEncoder().encode(describe(plan));
    writer.u32(description.length);
    writer.bytes(description);
    writer.u32(plan.exitCode);
    writer.u32(plan.journal.length);
    writer.bytes(plan.journal);
  });
}

/** @throws StepError */
export function readPlan(bytes: Uint8Array): ProofPlan {
  const { plan, label } = openMessage(bytes, LABEL, undefined, (reader, label) => {
    const text = reader.bytes(reader.count(MAX_DESCRIPTION_BYTES, 1));
    const description = readDescription(new TextDecoder().decode(text));
    const exitCode = reader.u32();
    const journal = reader.bytes(reader.count(MAX_JOURNAL_BYTES, 1));
    return { plan: { ...description, exitCode, journal }, label };
  });
  const expected = runLabel(plan);
  const same =
    bytesToHex(label.run) === bytesToHex(expected.run) &&
    bytesToHex(label.program) === bytesToHex(expected.program);
  if (!same) throw impossible(LABEL, 'it describes another run than it names');
  return plan;
}

/** What the messages of this proof are marked with. */
export function runLabel(run: RunDescription): RunLabel {
  const description = new TextEncoder().encode(describe(run));
  return { program: hexToBytes(run.program), run: sha256(description) };
}

/** The first field in which two runs differ, with both values; undefined if they are the same. */
export function difference(found: RunDescription, expected: RunDescription): string | undefined {
  const [a, b] = [fieldsOf(found), fieldsOf(expected)];
  const name = Object.keys(a).find((key) => a[key] !== b[key]);
  return name && `${name} is ${a[name]}, not ${b[name]}`;
}

export function segmentCount({ cycles, segmentCycles }: RunDescription): number {
  return Math.ceil(cycles / segmentCycles);
}

/** @param number of the segment, from 1 */
export function cyclesOf({ cycles, segmentCycles }: RunDescription, number: number): number {
  return Math.min(segmentCycles, cycles - (number - 1) * segmentCycles);
}

function describe(run: RunDescription): string {
  return `${JSON.stringify(fieldsOf(run), null, 2)}\n`;
}

function fieldsOf(run: RunDescription): Record<string, string | number> {
  const { parameters, programMode, program, publicInput, privateInput } = run;
  const { cycles, segmentCycles } = run;
  return {
    machine: bytesToHex(riscvMachine().digest),
    parameters: parameters.name,
    programMode,
    ...{ program, publicInput, privateInput, cycles, segmentCycles },
  };
}

/** Reads what `describe` writes, and nothing else. */
function readDescription(text: string): RunDescription {
  const fields = parseFields(text);
  const machine = bytesToHex(riscvMachine().digest);
  if (fields.machine !== machine) {
    const problem = `the plan is for another machine: ${fields.machine}, this one is ${machine}`;
    throw new StepError('step/version', problem);
  }
  const { parameterSets } = riscvMachine();
  const parameters = parameterSets.find(({ name }) => name === fields.parameters);
  const description = { ...fields, parameters } as unknown as RunDescription;
  if (parameters === undefined || !isPossible(description) || describe(description) !== text) {
    throw new VerificationError('decode/format', 'its description of the run is not a known one');
  }
  return description;
}

function parseFields(text: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    throw new VerificationError('decode/format', 'its description is no JSON');
  }
}

function isPossible(run: RunDescription): boolean {
  const { programMode, program, publicInput, privateInput, cycles, segmentCycles } = run;
  const hashes = [program, publicInput, privateInput];
  return (
    (programMode === 'id' || programMode === 'program') &&
    hashes.every((hash) => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)) &&
    isCount(segmentCycles, MAX_SEGMENT_CYCLES) &&
    isCount(cycles, MAX_SEGMENTS * segmentCycles)
  );
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}
