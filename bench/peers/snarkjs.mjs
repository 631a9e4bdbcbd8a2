/** circom circuits proved with Groth16 or PLONK by snarkjs. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { groth16, plonk, r1cs, wtns, zKey } from 'snarkjs';
import { harness, matrices, rounds, timed, wordsHex } from './harness.mjs';
import { writePowersOfTau } from './powers-of-tau.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Uncompressed: Groth16 two points of G1 and one of G2, PLONK nine of G1 and six field elements. */
const PROOF_BYTES = { groth16: 256, plonk: 9 * 64 + 6 * 32 };

const CIRCUITS = {
  sha256: (size) => `pragma circom 2.1.0;
include "circomlib/circuits/sha256/sha256.circom";
component main = Sha256(${8 * size});
`,
  matmul: (size) => `pragma circom 2.1.0;
template Product(n) {
  signal input a[n][n];
  signal input b[n][n];
  signal output c[n][n];
  signal terms[n][n][n];
  for (var i = 0; i < n; i++) {
    for (var j = 0; j < n; j++) {
      var sum = 0;
      for (var k = 0; k < n; k++) {
        terms[i][j][k] <== a[i][k] * b[k][j];
        sum += terms[i][j][k];
      }
      c[i][j] <== sum;
    }
  }
}
component main = Product(${size});
`,
};

const INPUTS = {
  sha256: (input) => ({ in: [...input].flatMap((byte) => bits(byte)) }),
  matmul: (input, size) => {
    const [a, b] = matrices(input, size);
    return { a, b };
  },
};

const OUTPUTS = {
  sha256: (signals) => {
    const bytes = [];
    for (let i = 0; i < 256; i += 8)
      bytes.push(Number.parseInt(signals.slice(i, i + 8).join(''), 2));
    return Buffer.from(bytes).toString('hex');
  },
  matmul: wordsHex,
};

function bits(byte) {
  return Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1);
}

/** The compiler sees files below its working folder only. */
function compileCircuit(source, folder) {
  const circom = join('node_modules', 'circom2', 'cli.js');
  const output = ['-o', relative(HERE, folder)];
  const parameters = [relative(HERE, source), '--r1cs', '--wasm', '-l', 'node_modules', ...output];
  execFileSync(process.execPath, [circom, ...parameters], {
    cwd: HERE,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

await harness(async ({ protocol, workload, size, input, runs, folder }) => {
  mkdirSync(folder, { recursive: true });
  const name = `${workload}-${size}`;
  const path = (suffix) => join(folder, name + suffix);
  writeFileSync(path('.circom'), CIRCUITS[workload](size));
  compileCircuit(path('.circom'), folder);
  const { nConstraints } = await r1cs.info(path('.r1cs'));

  const key = path(`.${protocol}.zkey`);
  const note = path(`.${protocol}.json`);
  if (!existsSync(note)) {
    const reference = await writePowersOfTau(path(`.${protocol}.ptau`), path('.r1cs'), protocol);
    const [, setup] = await timed(() =>
      protocol === 'groth16'
        ? zKey.newZKey(path('.r1cs'), reference, key)
        : plonk.setup(path('.r1cs'), reference, key),
    );
    writeFileSync(note, JSON.stringify({ setup_ms: setup }));
  }
  const { setup_ms } = JSON.parse(readFileSync(note, 'utf8'));
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
    setup_ms,
    constraints: nConstraints,
    proof_bytes: PROOF_BYTES[protocol],
    key_bytes: readFileSync(key).length,
    output: OUTPUTS[workload](proof.publicSignals),
  };
});
