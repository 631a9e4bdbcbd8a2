/**
 * Which tables a receipt may have (proof-spec 1, 4, 11). The heights are the prover's; everything
 * else about the shape follows from them and the machine.
 */
import { HALT_PC, MEMORY_END_KEY } from './constants.ts';
import type { Chip, ConstraintProgram } from './constraint-program.ts';
import { VerificationError } from './errors.ts';
import { MODULUS } from './koala-bear.ts';
import { MAX_CHUNKS, type Machine } from './machine.ts';
import type { ParameterSet } from './parameters.ts';
import { type ProgramOutline, programShape } from './program.ts';
import { type Instance, type SegmentShape, segmentShape } from './shape.ts';

/** Fails `shape/program`: bounds that the program's own numbers have, whoever states them. */
export function checkOutline(machine: Machine, outline: ProgramOutline): void {
  const { entry, imageEnd, logHeights } = outline;
  const { chips } = machine.constraints;
  if (entry >= HALT_PC || imageEnd > MEMORY_END_KEY) {
    const details = { entry, imageEnd };
    throw new VerificationError('shape/program', 'an address is out of range', details);
  }
  for (const [i, chip] of machine.programChips.entries()) {
    checkHeight('shape/program', chips[chip] as Chip, logHeights[i] as number);
  }
}

/**
 * Fails `shape/chip`, `shape/order`, `shape/height`, `shape/instances`, `shape/presence`,
 * `shape/program`, `shape/heap` or `shape/bus`.
 *
 * @param segments the tables of each; the last one has those of the run's end
 * @param boundary messages that the verifier adds on each bus: for each segment on a local bus, in
 *   all on a global one
 */
export function checkSegments(
  machine: Machine,
  outline: ProgramOutline,
  segments: readonly (readonly Instance[])[],
  boundary: readonly number[],
): void {
  for (const [i, instances] of segments.entries()) {
    checkInstances(machine.constraints, instances, i + 1 === segments.length);
    checkProgramTables(machine, outline, instances);
    checkHeap(machine, outline, instances);
  }
  checkBusBounds(machine.constraints, segments, boundary);
}

/**
 * The shape of a segment whose tables are checked. Fails `shape/cells`.
 *
 * @param committed whether the preprocessed columns are
 */
export function checkedShape(
  machine: Machine,
  set: ParameterSet,
  outline: ProgramOutline,
  instances: readonly Instance[],
  committed: boolean,
): SegmentShape {
  const chooseRows = (cells: number): number => set.logRows(cells);
  const program = programShape(machine, outline);
  const shape = segmentShape(machine.constraints, instances, chooseRows, committed, program);
  const { mainChunks, preprocessedChunks, logChunks } = shape;
  const found = Math.max(mainChunks.count, preprocessedChunks.count);
  if (found > MAX_CHUNKS || logChunks < 1) {
    const details = { limit: MAX_CHUNKS, found };
    throw new VerificationError('shape/cells', 'too many or too few columns of chunks', details);
  }
  return shape;
}

/** Messages of the instances on each bus. */
export function messageCounts(
  { buses, chips }: ConstraintProgram,
  instances: readonly Instance[],
): number[] {
  const counts = buses.map(() => 0);
  for (const { chip, logHeight } of instances) {
    for (const { bus } of (chips[chip] as Chip).interactions) {
      counts[bus] = (counts[bus] as number) + 2 ** logHeight;
    }
  }
  return counts;
}

function checkInstances(
  { chips }: ConstraintProgram,
  instances: readonly Instance[],
  last: boolean,
): void {
  if (instances.length === 0) throw new VerificationError('shape/presence', 'there is no table');
  const counts = chips.map(() => 0);
  let previous: Instance | undefined;
  for (const instance of instances) {
    const chip = chips[instance.chip];
    if (chip === undefined) {
      throw new VerificationError('shape/chip', 'there is no such chip', { found: instance.chip });
    }
    checkHeight('shape/height', chip, instance.logHeight);
    if (previous !== undefined && !inOrder(previous, instance)) {
      const details = { chip: chip.name };
      throw new VerificationError('shape/order', 'by chip, then the tallest first', details);
    }
    previous = instance;
    counts[instance.chip] = (counts[instance.chip] as number) + 1;
  }
  for (const [i, chip] of chips.entries()) checkCount(chip, counts[i] as number, last);
}

function inOrder(a: Instance, b: Instance): boolean {
  return a.chip < b.chip || (a.chip === b.chip && a.logHeight >= b.logHeight);
}

function checkHeight(check: 'shape/height' | 'shape/program', chip: Chip, found: number): void {
  const { name, minLogHeight, maxLogHeight } = chip;
  if (found < minLogHeight || found > maxLogHeight) {
    const details = { chip: name, minLogHeight, maxLogHeight, found };
    throw new VerificationError(check, 'a table has an impossible height', details);
  }
}

function checkCount({ name, maxInstances, presence }: Chip, found: number, last: boolean): void {
  if (found > maxInstances) {
    const details = { chip: name, maxInstances, found };
    throw new VerificationError('shape/instances', 'too many tables of a chip', details);
  }
  const required = presence === 'required' || (presence === 'last' && last);
  const forbidden = (presence === 'last' || presence === 'lastOptional') && !last;
  if ((required && found === 0) || (forbidden && found > 0)) {
    const details = { chip: name, presence, found };
    throw new VerificationError('shape/presence', 'a table is missing or out of place', details);
  }
}

function checkProgramTables(
  machine: Machine,
  outline: ProgramOutline,
  instances: readonly Instance[],
): void {
  for (const { chip, logHeight } of instances) {
    const table = machine.programChips.indexOf(chip);
    const expected = table < 0 ? logHeight : outline.logHeights[table];
    if (expected !== logHeight) {
      const { name } = machine.constraints.chips[chip] as Chip;
      const details = { chip: name, expected: expected as number, found: logHeight };
      throw new VerificationError(
        'shape/program',
        'a table is not as tall as the program',
        details,
      );
    }
  }
}

/** Rows whose keys count from the image's end must not leave memory: keys would repeat modulo p. */
function checkHeap(
  machine: Machine,
  outline: ProgramOutline,
  instances: readonly Instance[],
): void {
  for (const chip of machine.heapChips) {
    const rows = instances.reduce(
      (sum, one) => sum + (one.chip === chip ? 2 ** one.logHeight : 0),
      outline.imageEnd,
    );
    if (rows > MEMORY_END_KEY) {
      const details = { expected: MEMORY_END_KEY, found: rows };
      throw new VerificationError('shape/heap', 'the heap leaves the memory', details);
    }
  }
}

/**
 * A message's multiplicities must not add up to p. Per segment and local bus, and for a global bus
 * over all segments: fewer than p lookups, fewer than p/2 messages of a permutation.
 */
function checkBusBounds(
  constraints: ConstraintProgram,
  segments: readonly (readonly Instance[])[],
  boundary: readonly number[],
): void {
  const totals = [...boundary];
  for (const instances of segments) {
    for (const [bus, count] of messageCounts(constraints, instances).entries()) {
      const { name, kind, scope } = constraints.buses[bus] as ConstraintProgram['buses'][number];
      const before = totals[bus] as number;
      if (scope === 'global') totals[bus] = before + count;
      const found = before + count;
      const limit = kind === 'lookup' ? MODULUS : MODULUS / 2;
      if (found >= limit) {
        const details = { bus: name, limit, found };
        throw new VerificationError('shape/bus', 'too many messages', details);
      }
    }
  }
}
