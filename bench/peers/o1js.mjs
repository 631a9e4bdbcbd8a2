/** o1js: zkPrograms, proved with Kimchi and Pickles. */
import { Bytes, Field, Hash, Provable, setBackend, verify, ZkProgram } from 'o1js';
import { harness, matrices, rounds, timed, wordsHex } from './harness.mjs';

/** Of one circuit, less those that hide the witness. */
const MOST_ROWS = 2 ** 16 - 16;

const PROGRAMS = {
  sha256(size, input) {
    const [Message, Digest] = [Bytes(size), Bytes(32)];
    return {
      inputType: Message.provable,
      outputType: Digest.provable,
      compute: (message) => Hash.SHA2_256.hash(message),
      input: Message.from(input),
      hex: (digest) => Buffer.from(digest.toBytes()).toString('hex'),
    };
  },
  matmul(size, input) {
    const row = Provable.Array(Field, size);
    const matrix = Provable.Array(row, size);
    const values = matrices(input, size).map((rows) => rows.map((row) => row.map(Field)));
    return {
      inputType: Provable.Array(matrix, 2),
      outputType: matrix,
      compute: ([a, b]) => product(a, b),
      input: values,
      hex: (found) => wordsHex(found.flat().map((value) => value.toBigInt())),
    };
  },
};

/** A sum that is not sealed grows into the next product. */
function product(a, b) {
  return a.map((row) =>
    row.map((_, j) =>
      row
        .map((value, k) => value.mul(b[k][j]))
        .reduce((sum, term) => sum.add(term))
        .seal(),
    ),
  );
}

/** A longer circuit is split; o1js wants to know how, and the size of what wraps it. */
function chunks(rows) {
  const log = Math.ceil(Math.log2(rows / MOST_ROWS));
  return log <= 0 ? {} : { numChunks: 2 ** log, overrideWrapDomain: log };
}

await harness(async ({ workload, size, input, runs, threads }) => {
  setBackend('native');
  process.env.RAYON_NUM_THREADS = String(threads);
  const { inputType, outputType, compute, hex, ...task } = PROGRAMS[workload](size, input);
  const { rows } = await Provable.constraintSystem(() => {
    compute(Provable.witness(inputType, () => task.input));
  });
  const program = ZkProgram({
    name: `${workload}-${size}`,
    publicOutput: outputType,
    methods: {
      run: {
        privateInputs: [inputType],
        method: async (value) => ({ publicOutput: compute(value) }),
      },
    },
    ...chunks(rows),
  });
  const [{ verificationKey }, setup_ms] = await timed(() =>
    program.compile({ forceRecompile: true }),
  );
  const { proof, ...times } = await rounds(runs, {
    witness: async () => task.input,
    prove: async (value) => (await program.run(value)).proof,
    verify: (found) => verify(found, verificationKey),
  });
  return {
    ...times,
    setup_ms,
    constraints: rows,
    proof_bytes: Buffer.from(proof.toJSON().proof, 'base64').length,
    output: hex(proof.publicOutput),
  };
});
