/**
 * Compiles a circom circuit and makes the reference string that its key is from. Both are there before a
 * user begins, and are kept: this process has no limit of time.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { harness } from './harness.mjs';
import { writePowersOfTau } from './powers-of-tau.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));

const CIRCUITS = {
  /**
   * The message as bytes, which the circuit checks. Two public numbers, not 256 bits: snarkjs's key for
   * PLONK has a Lagrange polynomial for each.
   */
  sha256: (size) => `pragma circom 2.1.0;
include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/sha256/sha256.circom";
template Digest(n) {
  signal input in[n];
  signal output out[2];
  component hash = Sha256(8 * n);
  component bits[n];
  for (var i = 0; i < n; i++) {
    bits[i] = Num2Bits(8);
    bits[i].in <== in[i];
    for (var j = 0; j < 8; j++) {
      hash.in[8 * i + j] <== bits[i].out[7 - j];
    }
  }
  for (var i = 0; i < 2; i++) {
    var number = 0;
    for (var j = 0; j < 128; j++) {
      number = 2 * number + hash.out[128 * i + j];
    }
    out[i] <== number;
  }
}
component main = Digest(${size});
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
function compile(source, folder) {
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
  const [source, constraints] = [path('.circom'), path('.r1cs')];
  const text = CIRCUITS[workload](size);
  const isCompiled = existsSync(constraints) && readFileSync(source, 'utf8') === text;
  if (!isCompiled) {
    rmSync(constraints, { force: true });
    writeFileSync(source, text);
    compile(source, folder);
  }
  const reference = path(`.${protocol}.ptau`);
  if (!existsSync(reference)) await writePowersOfTau(reference, constraints, protocol);
  return {};
});
