/**
 * How the verifier knows the program. Its tables are preprocessed columns: in mode `id` they are
 * committed, and the roots are part of the program's id, which is pinned; in mode `program` the
 * caller holds the tables and the verifier evaluates their columns itself.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { asciiBytes } from './blake3.ts';
import type { Chip } from './constraint-program.ts';
import { Writer } from './encode.ts';
import { VerificationError } from './errors.ts';
import { isCanonical } from './koala-bear.ts';
import type { Machine } from './machine.ts';
import { evaluateBaseMultilinear, type Point } from './polynomials.ts';
import type { Digest } from './poseidon2.ts';
import { equals, type Quintic } from './quintic.ts';
import type { Instance, ProgramShape } from './shape.ts';

/** What both modes say of a program. */
export interface ProgramOutline {
  /** Half-word address of the first instruction. */
  readonly entry: number;
  /** Key of the first word behind the image. */
  readonly imageEnd: number;
  /** Log of the height of each table, in the order of `Machine.programChips`. */
  readonly logHeights: readonly number[];
}

/** What the id of a program is the hash of. */
export interface ProgramCommitment extends ProgramOutline {
  /** Root of the preprocessed tree for each r of `Machine.rowLogs`. */
  readonly roots: readonly Digest[];
}

/** A loaded program, for a caller who has it. */
export interface ProgramTables {
  readonly entry: number;
  readonly imageEnd: number;
  /** SHA-256 of the canonical loaded program: 32 bytes. */
  readonly digest: Uint8Array;
  /** Preprocessed columns of each table, in the order of `Machine.programChips`. */
  readonly tables: readonly (readonly Uint32Array[])[];
}

/**
 * The program id of mode `id`: SHA-256 of
 *
 * ```
 * 19 bytes  "vouch/program-id/2\n" in ASCII
 * 32 bytes  digest of the machine
 * u32       entry, a half-word address
 * u32       key of the first word behind the image
 * u8        log height of each table with preprocessed columns, by chip
 * for each r, ascending:
 *   u8      r
 *   8 x u32 root of the preprocessed tree
 * ```
 *
 * with integers in little-endian order.
 */
export function programId(machine: Machine, commitment: ProgramCommitment): Uint8Array {
  const writer = new Writer();
  writer.bytes(asciiBytes('vouch/program-id/2\n'));
  writer.bytes(machine.digest);
  writer.u32(commitment.entry);
  writer.u32(commitment.imageEnd);
  for (const logHeight of commitment.logHeights) writer.u8(logHeight);
  for (const [i, r] of machine.rowLogs.entries()) {
    writer.u8(r);
    writer.elements(commitment.roots[i] as Digest);
  }
  return sha256(writer.finish());
}

/** Tables that are not those of the machine's program chips are a RangeError: the caller made them. */
export function outlineOf(machine: Machine, program: ProgramTables): ProgramOutline {
  const { entry, imageEnd, tables } = program;
  if (tables.length !== machine.programChips.length || program.digest.length !== 32) {
    throw new RangeError('program: a digest of 32 bytes and one table for each program chip');
  }
  const logHeights = machine.programChips.map((chip, i) => {
    const { name, preprocessedColumns } = machine.constraints.chips[chip] as Chip;
    const columns = tables[i] as readonly Uint32Array[];
    const height = columns[0]?.length ?? 0;
    const fits = columns.every((column) => column.length === height && column.every(isCanonical));
    const logHeight = Math.log2(height);
    if (columns.length !== preprocessedColumns.length || !fits || !Number.isInteger(logHeight)) {
      throw new RangeError(`program: ${name} has ${preprocessedColumns.length} columns of 2^h`);
    }
    return logHeight;
  });
  return { entry, imageEnd, logHeights };
}

export function programShape(machine: Machine, outline: ProgramOutline): ProgramShape {
  const tables = machine.programChips.map((chip, i) => ({
    chip,
    logHeight: outline.logHeights[i] as number,
  }));
  return { tables, imageEnd: outline.imageEnd };
}

/**
 * Mode `program`: evaluates the columns of the segment's program tables at suffixes of the point
 * and compares them with the claimed values, which come by instance. Fails `program/values`.
 */
export function checkProgramValues(
  machine: Machine,
  program: ProgramTables,
  instances: readonly Instance[],
  point: Point,
  claimed: readonly Quintic[],
): void {
  let next = 0;
  for (const { chip, logHeight } of instances) {
    const table = machine.programChips.indexOf(chip);
    if (table < 0) continue;
    const suffix = point.slice(point.length - logHeight);
    for (const column of program.tables[table] as readonly Uint32Array[]) {
      const value = evaluateBaseMultilinear(column, suffix);
      if (!equals(value, claimed[next++] as Quintic)) {
        throw new VerificationError('program/values', 'a table is not that of the program', {
          chip: (machine.constraints.chips[chip] as Chip).name,
        });
      }
    }
  }
}
