/** Compiles a circom circuit and makes a key for it with snarkjs: a process of its own, as is its memory. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plonk, r1cs, zKey } from 'snarkjs';
import { harness, timed } from './harness.mjs';
import { writePowersOfTau } from './powers-of-tau.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));

const CIRCUITS = {
  /** Two public numbers, not 256 bits: snarkjs's key for PLONK has a Lagrange polynomial for each. */
  sha256: (size) => `pragma circom 2.1.0;
include "circomlib/circuits/sha256/sha256.circom";
template Digest(n) {
  signal input in[n];
  signal output out[2];
  component hash = Sha256(n);
  hash.in <== in;
  for (var i = 0; i < 2; i++) {
    var number = 0;
    for (var j = 0; j < 128; j++) {
      number = 2 * number + hash.out[128 * i + j];
    }
    out[i] <== number;
  }
}
component main = Digest(${8 * size});
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

await harness(async ({ protocol, workload, size, folder }) => {
  mkdirSync(folder, { recursive: true });
  const path = (suffix) => join(folder, `${workload}-${size}${suffix}`);
  writeFileSync(path('.circom'), CIRCUITS[workload](size));
  compileCircuit(path('.circom'), folder);
  const { nConstraints } = await r1cs.info(path('.r1cs'));

  const reference = path(`.${protocol}.ptau`);
  if (!existsSync(reference)) await writePowersOfTau(reference, path('.r1cs'), protocol);
  const key = path(`.${protocol}.zkey`);
  const [, setup_ms] = await timed(() =>
    protocol === 'groth16'
      ? zKey.newZKey(path('.r1cs'), reference, key)
      : plonk.setup(path('.r1cs'), reference, key),
  );
  return { setup_ms, constraints: nConstraints };
});
