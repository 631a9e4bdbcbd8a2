import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  type Chip,
  DEFAULT_SECURITY_BITS,
  type DecodedReceipt,
  decodeReceipt,
  describeMachine,
  extensionBits,
  FIELD_DIGEST_BITS,
  type Instance,
  type Machine,
  type ParameterSet,
  provableSecurity,
  receiptSecurity,
  riscvMachine,
  S100,
  S120,
  type SecurityReport,
  segmentShape,
} from '@vouch/verifier';
import {
  courier,
  courierConstraints,
  DELIVER,
  HALT,
  IMAGE,
  PROG,
  SINK,
} from '../prover/courier-machine.ts';
import { repositoryPath } from '../tools/paths.ts';
import { honestRun, proveRun } from './receipts.ts';

/** The courier with tables as tall as those of a large run. */
const tall: Machine = describeMachine(
  {
    ...courierConstraints,
    chips: courierConstraints.chips.map((chip) => ({ ...chip, maxLogHeight: 22 })),
  },
  [S120, S100],
  [17, 18, 19],
);

/** Main and preprocessed columns have leaves of at most 256 elements each. */
const LOG_MOST_CHUNKS = 9;

const { receipt } = proveRun('id', honestRun());

/** A receipt of tables of these heights, as far as the calculator looks. */
function receiptOf(parameters: ParameterSet, logHeight: number, segments = 1): DecodedReceipt {
  const instances: Instance[] = [
    { chip: DELIVER, logHeight },
    { chip: HALT, logHeight: 5 },
    { chip: SINK, logHeight: 10 },
    { chip: IMAGE, logHeight: 12 },
    { chip: PROG, logHeight: 14 },
  ];
  const rows = (cells: number): number => parameters.logRows(cells);
  const shape = segmentShape(tall.constraints, instances, rows, true);
  const [header] = receipt.segments;
  assert.ok(header);
  const headers = Array.from({ length: segments }, () => ({ ...header, instances }));
  return {
    receipt: { ...receipt, segments: headers },
    parameters,
    shapes: headers.map(() => shape),
  };
}

function securityOf(
  machine: Machine,
  { receipt, parameters, shapes }: DecodedReceipt,
): SecurityReport {
  return receiptSecurity(machine, { ...receipt, parameters }, shapes);
}

describe('the security of a receipt', () => {
  for (const logHeight of [15, 18, 20, 22]) {
    it(`keeps the promise of each parameter set with tables of 2^${logHeight} rows`, () => {
      const { bits } = securityOf(tall, receiptOf(S120, logHeight));
      assert.ok(bits >= 120 && bits < 121, `${bits}`);
      const { bits: fewer } = securityOf(tall, receiptOf(S100, logHeight));
      assert.ok(fewer >= 100 && fewer < DEFAULT_SECURITY_BITS, `${fewer}`);
    });
  }

  it('counts the messages of all segments and of the verifier in LogUp', () => {
    const decoded = decodeReceipt(proveRun('id', honestRun([2])).bytes, courier);
    const { terms } = securityOf(courier, decoded);
    // JUMP 2^1 * 3, DELIVER 2^2 * 6, PROG 2^3; DELIVER 2^2 * 6, HALT 2^1 * 4, SINK 2^2,
    // HEAP (2^3 + 2^2) * 2, IMAGE 2^2 * 2, PROG 2^3; 2 ends each, 3 input words, 3 of the journal, exit.
    const first = 6 + 24 + 8;
    const last = 24 + 8 + 4 + 24 + 8 + 8;
    const messages = first + last + 4 + 3 + 3 + 1;
    const expected = extensionBits(5) - Math.log2(messages) - Math.log2(5 + 2) + 2;
    const found = terms.find(({ name }) => name === 'LogUp')?.bits ?? 0;
    assert.ok(Math.abs(found - expected) < 1e-9, `${found}, expected ${expected}`);
  });

  it('falls in LogUp, and nowhere else, with the number of segments', () => {
    const one = securityOf(tall, receiptOf(S120, 18));
    const many = securityOf(tall, receiptOf(S120, 18, 64));
    for (const [i, { name, bits }] of many.terms.entries()) {
      const fall = (one.terms[i]?.bits ?? 0) - bits;
      if (name === 'LogUp') assert.ok(Math.abs(fall - 6) < 0.001, `${fall}`);
      else assert.equal(fall, 0, name);
    }
  });
});

describe('the parameter sets', () => {
  const { chips, messageWidth, constraintDegree } = riscvMachine().constraints;
  const most = (of: (chip: Chip) => number): number =>
    chips.reduce((sum, chip) => sum + chip.maxInstances * of(chip), 0);
  /** More of everything than a segment can have. */
  const largest = {
    messageLength: messageWidth,
    constraints: most((chip) => chip.constraints.length),
    instances: most(() => 1),
    columns: most((chip) => chip.mainColumns.length + chip.preprocessedColumns.length),
    constraintDegree,
    maxLogHeight: Math.max(...chips.map(({ maxLogHeight }) => maxLogHeight)),
    segments: 2 ** 17,
    messages: 2 ** 42,
  };

  /** The least bits over all numbers and heights of chunks, with some queries less in one round. */
  function leastBits(set: ParameterSet, round = -1, fewer = 0): number {
    let least = Number.POSITIVE_INFINITY;
    for (const logRows of [17, 18, 19]) {
      for (let logChunks = 1; logChunks <= LOG_MOST_CHUNKS; logChunks++) {
        const rounds = set
          .schedule(logChunks, logRows)
          .rounds.map((one, i) => (i === round ? { ...one, queries: one.queries - fewer } : one));
        const parameters = { ...common, lookupWork: set.lookupWork, rounds };
        const size = { ...largest, variables: logChunks + logRows };
        least = Math.min(least, provableSecurity(parameters, size).bits);
      }
    }
    return least;
  }
  const common = { extensionDegree: 5, digestBits: FIELD_DIGEST_BITS };

  for (const set of [S120, S100]) {
    it(`keep what ${set.name} promises for every shape, and not with three queries less in a round`, () => {
      const bits = leastBits(set);
      assert.ok(bits >= set.securityBits, `${bits}`);
      for (let round = 0; round < 4; round++) {
        assert.ok(leastBits(set, round, 3) < set.securityBits, `round ${round}`);
      }
    });
  }
});

describe('the README', () => {
  it('explains every check', () => {
    const source = readFileSync(repositoryPath('verifier', 'src', 'errors.ts'), 'utf8');
    const readme = readFileSync(repositoryPath('verifier', 'README.md'), 'utf8');
    const checks = [...source.matchAll(/^ {2}\| '([a-z/-]+)'/gm)].map((match) => match[1]);
    assert.ok(checks.length > 30);
    for (const check of checks) assert.ok(readme.includes(`\`${check}\``), check);
  });
});
