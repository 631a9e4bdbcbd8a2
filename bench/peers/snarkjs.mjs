/** circom circuits proved with Groth16 or PLONK by snarkjs, with the key of `snarkjs-setup.mjs`. */
import { join } from 'node:path';
import { groth16, plonk, wtns, zKey } from 'snarkjs';
import { harness, matrices, rounds, wordsHex } from './harness.mjs';

/** Uncompressed: Groth16 two points of G1 and one of G2, PLONK nine of G1 and six field elements. */
const PROOF_BYTES = { groth16: 256, plonk: 9 * 64 + 6 * 32 };

const INPUTS = {
  sha256: (input) => ({ in: [...input] }),
  matmul: (input, size) => {
    const [a, b] = matrices(input, size);
    return { a, b };
  },
};

const OUTPUTS = {
  sha256: (halves) => halves.map((half) => BigInt(half).toString(16).padStart(32, '0')).join(''),
  matmul: wordsHex,
};

await harness(async ({ protocol, workload, size, input, runs, folder }) => {
  const name = `${workload}-${size}`;
  const key = join(folder, `${name}.${protocol}.zkey`);
  const verificationKey = await zKey.exportVerificationKey(key);

  const signals = INPUTS[workload](input, size);
  const wasm = join(folder, `${name}_js`, `${name}.wasm`);
  const system = { groth16, plonk }[protocol];
  const { proof, ...times } = await rounds(runs, {
    witness: async () => {
      const witness = { type: 'mem' };
      await wtns.calculate(signals, wasm, witness);
      return witness;
    },
    prove: (witness) => system.prove(key, witness),
    verify: ({ proof, publicSignals }) => system.verify(verificationKey, publicSignals, proof),
  });
  return {
    ...times,
    proof_bytes: PROOF_BYTES[protocol],
    output: OUTPUTS[workload](proof.publicSignals),
  };
});
