/**
 * The machine as the verifier knows it: the compiled AIR, the parameter sets that a receipt may
 * name, and where the verifier's own messages go.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { asciiBytes } from './blake3.ts';
import {
  type Chip,
  type ConstraintProgram,
  NODE_PARAMETER,
  NODE_WORDS,
  PARAMETERS,
} from './constraint-program.ts';
import { TWO_ADICITY } from './koala-bear.ts';
import type { OpeningSchedule, ParameterSet } from './parameters.ts';
import { MAX_WORK_BITS } from './proof-of-work.ts';

export interface Machine {
  readonly constraints: ConstraintProgram;
  /** SHA-256 of the constraint program: 32 bytes. */
  readonly digest: Uint8Array;
  readonly parameterSets: readonly ParameterSet[];
  /** The values that r takes in all sets, ascending; a program id has a root for each. */
  readonly rowLogs: readonly number[];
  /** -log2 of the rate of round 0, the same in all sets. */
  readonly logInverseRate: number;
  /** The buses of the verifier's messages, as indices. */
  readonly buses: BoundaryBuses;
  /** Chips with preprocessed columns, ascending. */
  readonly programChips: readonly number[];
  /** Chips whose rows are keys from the end of the program's image on, ascending. */
  readonly heapChips: readonly number[];
}

/** Buses on which the verifier sends and receives (proof-spec 2). */
export interface BoundaryBuses {
  readonly execution: number;
  readonly memory: number;
  readonly journal: number;
  readonly exit: number;
}

/** Most chunk columns of one tree: the elements of a leaf. */
export const MAX_CHUNKS = 256;
/** Most variables of the chunks of S: two trees of MAX_CHUNKS and the gap between them. */
export const MAX_LOG_CHUNKS = 10;

/** What must be true of the machine itself is a RangeError; no receipt can bring it about. */
export function describeMachine(
  constraints: ConstraintProgram,
  parameterSets: readonly ParameterSet[],
  rowLogs: readonly number[],
): Machine {
  require(constraints.chips.length <= 256, 'at most 256 chips');
  checkBuses(constraints);
  for (const chip of constraints.chips) checkChip(chip);
  return {
    constraints,
    digest: machineDigest(constraints),
    parameterSets,
    rowLogs,
    logInverseRate: commonRate(parameterSets, rowLogs),
    buses: {
      execution: busOf(constraints, 'EXEC', 'local', 2),
      memory: busOf(constraints, 'GLOBAL_MEM', 'global', 4),
      journal: busOf(constraints, 'PV', 'global', 3),
      exit: busOf(constraints, 'EXIT', 'global', 4),
    },
    programChips: chipsWhere(constraints, (chip) => chip.preprocessedColumns.length > 0),
    heapChips: chipsWhere(constraints, usesInstanceStart),
  };
}

/**
 * SHA-256 of a constraint program: two programs have the same digest only if prover and verifier
 * would do the same with them. The encoding is JSON of nested arrays in the order of the fields.
 */
export function machineDigest(program: ConstraintProgram): Uint8Array {
  const chips = program.chips.map((chip) => [
    chip.name,
    chip.mainColumns,
    chip.preprocessedColumns,
    chip.expressions.nodes,
    chip.constraints,
    chip.interactions.map((one) => [one.bus, one.sign, one.multiplicity, one.message]),
    [chip.minLogHeight, chip.maxLogHeight, chip.maxInstances, chip.presence],
  ]);
  const buses = program.buses.map((bus) => [bus.name, bus.id, bus.kind, bus.scope]);
  const { name, version, messageWidth, constraintDegree } = program;
  const encoded = JSON.stringify([name, version, messageWidth, constraintDegree, buses, chips]);
  return sha256(asciiBytes(encoded));
}

/**
 * SHA-256 of all that a parameter set says: its numbers, r for each power of two of cells, and the
 * rounds for every shape, as JSON.
 */
export function parametersDigest(machine: Machine, set: ParameterSet): Uint8Array {
  const schedules = machine.rowLogs.map((r) =>
    Array.from({ length: MAX_LOG_CHUNKS + 1 }, (_, k) => scheduleFields(set.schedule(k, r))),
  );
  const { id, name, securityBits, lookupWork } = set;
  const logRows = cellCounts().map((cells) => set.logRows(cells));
  const fields = [id, name, securityBits, lookupWork, machine.rowLogs, logRows, schedules];
  return sha256(asciiBytes(`vouch/parameters/1\n${JSON.stringify(fields)}`));
}

/** Numbers of cells at which r may change: powers of two. */
function cellCounts(): number[] {
  return Array.from({ length: 32 }, (_, k) => [2 ** k, 2 ** k + 1]).flat();
}

function scheduleFields({ rounds, finalVariables }: OpeningSchedule): unknown[] {
  const fields = rounds.map((round) => [
    round.regime.kind === 'unique' ? 0 : round.regime.m,
    round.logInverseRate,
    round.foldedVariables,
    round.queries,
    round.queryWork,
    round.foldWork,
    round.outOfDomainSamples,
  ]);
  return [finalVariables, fields];
}

function require(holds: boolean, what: string): asserts holds {
  if (!holds) throw new RangeError(`machine: ${what}`);
}

function busOf(
  { buses, messageWidth }: ConstraintProgram,
  name: string,
  scope: 'global' | 'local',
  width: number,
): number {
  const index = buses.findIndex((bus) => bus.name === name);
  const bus = buses[index];
  require(bus !== undefined &&
    bus.kind === 'permutation' &&
    bus.scope === scope, `a ${scope} permutation bus ${name}`);
  require(messageWidth >= width, `messages of ${width} elements on ${name}`);
  return index;
}

function checkBuses({ buses, chips, messageWidth }: ConstraintProgram): void {
  const ids = new Set(buses.map(({ id }) => id));
  require(ids.size === buses.length && !ids.has(0), 'buses have distinct ids from 1');
  const interactions = chips.flatMap((chip) => chip.interactions.map((one) => ({ chip, one })));
  for (const { one } of interactions) {
    require(buses[one.bus] !== undefined, 'every message has a bus');
    require(one.message.length <= messageWidth, 'no message is longer than the longest');
  }
  for (const [i, { name, kind }] of buses.entries()) {
    if (kind === 'permutation') continue;
    const tables = interactions.filter(({ one }) => one.bus === i && one.sign === -1);
    const [table] = tables;
    require(tables.length === 1 && table?.chip.maxInstances === 1, `one table for ${name}`);
  }
}

function checkChip(chip: Chip): void {
  const { name, minLogHeight, maxLogHeight, maxInstances } = chip;
  const heights = minLogHeight >= 1 && minLogHeight <= maxLogHeight && maxLogHeight <= TWO_ADICITY;
  require(heights, `${name} has heights from 2 to 2^${TWO_ADICITY}`);
  require(chip.mainColumns.length > 0 && chip.interactions.length > 0, `${name} is not empty`);
  require(maxInstances >= 1 && maxInstances < 2 ** 10, `${name} has at least one instance`);
  const tables = chip.preprocessedColumns.length > 0;
  require(!tables || maxInstances === 1, `${name} has one preprocessed table`);
}

/** Checks every schedule; returns -log2 of the rate of round 0. */
function commonRate(sets: readonly ParameterSet[], rowLogs: readonly number[]): number {
  const rates = new Set<number>();
  for (const set of sets) {
    const chosen = cellCounts().map((cells) => set.logRows(cells));
    require(chosen.every((r) => rowLogs.includes(r)), `heights of chunks of ${set.name}`);
    require(set.lookupWork <= MAX_WORK_BITS, `work of ${set.name}`);
    for (const r of rowLogs) {
      for (let k = 1; k <= MAX_LOG_CHUNKS; k++) {
        const { rounds, finalVariables } = set.schedule(k, r);
        let variables = k + r;
        for (const { foldedVariables, logInverseRate } of rounds) {
          variables -= foldedVariables;
          const domain = variables >= 0 && variables + logInverseRate <= TWO_ADICITY;
          require(domain, `the field has the domains of ${set.name}`);
        }
        require(variables === finalVariables, `the last vector of ${set.name}`);
        require(rounds[0]?.foldedVariables === k, `round 0 of ${set.name} folds the chunks`);
        rates.add(rounds[0].logInverseRate);
      }
    }
  }
  const [rate] = rates;
  require(rate !== undefined && rates.size === 1, 'round 0 has the same rate in all sets');
  return rate;
}

function chipsWhere({ chips }: ConstraintProgram, holds: (chip: Chip) => boolean): number[] {
  return chips.flatMap((chip, i) => (holds(chip) ? [i] : []));
}

function usesInstanceStart({ expressions: { nodes } }: Chip): boolean {
  const start = PARAMETERS.indexOf('instanceStart');
  for (let at = 0; at < nodes.length; at += NODE_WORDS) {
    if (nodes[at] === NODE_PARAMETER && nodes[at + 1] === start) return true;
  }
  return false;
}
