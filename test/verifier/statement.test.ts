import assert from 'node:assert/strict';
import {
  betaPowers,
  boundarySum,
  type Claim,
  QuinticField as E,
  fingerprint,
  HALT_PC,
  lookupChallenges,
  PUBLIC_INPUT_KEY,
  type Quintic,
  segmentTranscript,
  statementDigest,
} from '@vouch/verifier';
import { boastfulParameters, courier, courierParameters } from '../prover/courier-machine.ts';
import { honestRun, proveRun } from './receipts.ts';

const alpha: Quintic = [5, 4, 3, 2, 1];
const beta: Quintic = [11, 12, 13, 14, 15];
const challenges = { alpha, beta };

describe('the statement', () => {
  const { receipt } = proveRun('id', honestRun([2]));
  const { claim, segments } = receipt;
  const digestOf = (of: Claim, headers = segments, set = courierParameters): string =>
    statementDigest(courier, set, of, headers).join();
  const honest = digestOf(claim);

  it('has another digest for every other claim', () => {
    assert.ok(claim.program.mode === 'id');
    const { commitment } = claim.program;
    const { publicInput, journal } = claim;
    const claims: Claim[] = [
      { ...claim, exitCode: 1 },
      { ...claim, exitCode: 2 ** 16 },
      { ...claim, publicInput: { ...publicInput, length: publicInput.length + 1 } },
      { ...claim, journal: new Uint8Array(journal.length) },
      { ...claim, journal: Uint8Array.of(...journal, 0) },
      { ...claim, program: { mode: 'id', commitment: { ...commitment, entry: 17 } } },
      { ...claim, program: { mode: 'program', outline: commitment, digest: new Uint8Array(32) } },
    ];
    for (let i = 0; i < 32; i++) {
      const digest = publicInput.digest.with(i, (publicInput.digest[i] as number) ^ 0x80);
      claims.push({ ...claim, publicInput: { ...publicInput, digest } });
      const ofProgram = new Uint8Array(32).with(i, 1);
      const program = { mode: 'program', outline: commitment, digest: ofProgram } as const;
      claims.push({ ...claim, program });
    }
    const digests = claims.map((one) => digestOf(one));
    assert.equal(new Set([honest, ...digests]).size, claims.length + 1);
  });

  it('has another digest for every other commitment, shape or path of a segment', () => {
    const digests: string[] = [];
    for (const [s, header] of segments.entries()) {
      const { root, instances, pcStart, pcEnd, cycleEnd } = header;
      const others = [
        ...root.map((element, i) => ({ ...header, root: root.with(i, element ^ 1) })),
        ...instances.map((one, i) => {
          const taller = { ...one, logHeight: one.logHeight + 1 };
          return { ...header, instances: instances.with(i, taller) };
        }),
        ...instances.map((one, i) => {
          const another = { ...one, chip: one.chip + 1 };
          return { ...header, instances: instances.with(i, another) };
        }),
        { ...header, instances: instances.slice(1) },
        { ...header, pcStart: pcStart + 1 },
        { ...header, pcEnd: pcEnd + 1 },
        { ...header, cycleEnd: cycleEnd + 1 },
      ];
      digests.push(...others.map((other) => digestOf(claim, segments.with(s, other))));
    }
    digests.push(digestOf(claim, segments.slice(1)), digestOf(claim, segments.toReversed()));
    digests.push(digestOf(claim, [...segments, ...segments.slice(1)]));
    assert.equal(new Set([honest, ...digests]).size, digests.length + 1);
  });

  it('has another digest for another machine or parameter set', () => {
    const machine = { ...courier, digest: courier.digest.with(31, 0) };
    const others = [
      statementDigest(machine, courierParameters, claim, segments).join(),
      digestOf(claim, segments, boastfulParameters),
      digestOf(claim, segments, { ...courierParameters, lookupWork: 3 }),
      digestOf(claim, segments, { ...courierParameters, logRows: () => 6 }),
      digestOf(claim, segments, fewerQueries()),
    ];
    assert.equal(new Set([honest, ...others]).size, others.length + 1);
  });

  it('gives each segment its own transcript, and other challenges with another nonce', () => {
    const statement = statementDigest(courier, courierParameters, claim, segments);
    const { challenges: drawn, nonce } = lookupChallenges(
      statement,
      courierParameters,
      () => receipt.lookupNonce,
    );
    assert.notDeepEqual(drawn.alpha, drawn.beta);
    const starts = [
      segmentTranscript(statement, nonce, 1),
      segmentTranscript(statement, nonce, 2),
      segmentTranscript(statement, nonce + 1n, 1),
      segmentTranscript(statement.with(0, 1), nonce, 1),
    ];
    const values = starts.map((transcript) => transcript.squeezeExtension('x').join());
    assert.equal(new Set(values).size, starts.length);
    assert.ok(!values.includes(drawn.alpha.join()));
  });
});

describe("the verifier's messages", () => {
  const journal = Uint8Array.of(1, 2, 3, 4, 5);
  const claim = { exitCode: 0x0003_0002, journal };
  const publicInput = Uint8Array.of(9, 8, 7, 6, 0xff, 0xfe, 0xfd);
  const root = new Array<number>(8).fill(0);
  const segments = [
    { root, instances: [], pcStart: 16, pcEnd: 20, cycleEnd: 3 },
    { root, instances: [], pcStart: 20, pcEnd: HALT_PC, cycleEnd: 4 },
  ];

  const { execution, memory, journal: pv, exit } = courier.buses;
  type BoundaryMessage = [sign: 1 | -1, bus: number, segment: number, message: number[]];

  it('are the words of the input, the journal and the exit, and the ends of the segments', () => {
    const messages: BoundaryMessage[] = [
      [1, memory, 0, [PUBLIC_INPUT_KEY, 7, 0, 0]],
      [1, memory, 0, [PUBLIC_INPUT_KEY + 1, 0x0809, 0x0607, 0]],
      [1, memory, 0, [PUBLIC_INPUT_KEY + 2, 0xfeff, 0x00fd, 0]],
      [-1, pv, 0, [0, 0x0201, 0x0403]],
      [-1, pv, 0, [1, 0x0005, 0]],
      [-1, exit, 0, [2, 3, 5, 0]],
      [1, execution, 1, [16, 1]],
      [-1, execution, 1, [20, 3]],
      [1, execution, 2, [20, 1]],
      [-1, execution, 2, [HALT_PC, 4]],
    ];
    const found = boundarySum(courier, challenges, claim, publicInput, segments);
    assert.deepEqual(E.mul(found.numerator, E.inverse(found.denominator)), sumOf(messages));
  });

  it('have lengths of two limbs', () => {
    const long = new Uint8Array(0x1_0004);
    const words = Array.from({ length: long.length / 4 }, (_, i) => i);
    const messages: BoundaryMessage[] = [
      [1, memory, 0, [PUBLIC_INPUT_KEY, 4, 1, 0]],
      ...words.map((i): BoundaryMessage => [1, memory, 0, [PUBLIC_INPUT_KEY + 1 + i, 0, 0, 0]]),
      ...words.map((i): BoundaryMessage => [-1, pv, 0, [i, 0, 0]]),
      [-1, exit, 0, [0, 0, 4, 1]],
    ];
    const found = boundarySum(courier, challenges, { exitCode: 0, journal: long }, long, []);
    assert.deepEqual(E.mul(found.numerator, E.inverse(found.denominator)), sumOf(messages));
  });

  function sumOf(messages: readonly BoundaryMessage[]): Quintic {
    const betas = betaPowers(courier.constraints, beta);
    const denominators = messages.map(([, bus, segment, message]) => {
      const elements = message.map((element) => E.fromBase(element));
      return E.sub(alpha, fingerprint(courier.constraints, betas, bus, segment, elements));
    });
    return E.batchInverse(denominators).reduce<Quintic>(
      (sum, term, i) => (messages[i]?.[0] === 1 ? E.add(sum, term) : E.sub(sum, term)),
      E.ZERO,
    );
  }

  it('have a zero denominator when alpha is the fingerprint of one of them', () => {
    const betas = betaPowers(courier.constraints, beta);
    const word = [1, 5, 0].map((element) => E.fromBase(element));
    const print = fingerprint(courier.constraints, betas, courier.buses.journal, 0, word);
    const found = boundarySum(courier, { alpha: print, beta }, claim, publicInput, segments);
    assert.ok(E.isZero(found.denominator));
  });
});

function fewerQueries(): typeof courierParameters {
  return {
    ...courierParameters,
    schedule: (k, r) => {
      const { rounds, finalVariables } = courierParameters.schedule(k, r);
      const last = rounds.length - 1;
      const fewer = rounds.map((round, i) => (i === last ? { ...round, queries: 2 } : round));
      return { rounds: fewer, finalVariables };
    },
  };
}
