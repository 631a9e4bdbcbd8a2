/**
 * A structured reference string for one circuit, in the format of snarkjs, made with a secret that this
 * process knows. NOBODY MAY RELY ON PROOFS MADE WITH IT: it serves to measure, and costs a prover and
 * a verifier what one from a ceremony does. Only the level that the circuit needs is filled.
 */
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as snarkjs from 'snarkjs';

/** Points of G1, G2 are affine, coordinates in Montgomery form, little-endian. */
const [G1_BYTES, G2_BYTES] = [64, 128];
const HEADER_BYTES = 44;

/** @returns {Promise<string>} the path */
export async function writePowersOfTau(path, r1cs, protocol) {
  const info = await snarkjs.r1cs.info(r1cs);
  const curve = await snarkjs.curves.getCurveFromName('bn128');
  const power = protocol === 'plonk' ? await plonkPower(r1cs, dirname(path)) : groth16Power(info);
  const size = 2 ** power;
  const { Fr, G1, G2 } = curve;
  const [tau, alpha, beta] = [Fr.random(), Fr.random(), Fr.random()];
  const g1 = (scalar) => G1.toAffine(G1.timesFr(G1.g, scalar));
  const g2 = (scalar) => G2.toAffine(G2.timesFr(G2.g, scalar));
  const lagrange = lagrangeValues(Fr, tau, power);
  const double = lagrangeValues(Fr, tau, power + 1);
  const powers = function* (count) {
    for (let i = 0, x = Fr.one; i < count; i++, x = Fr.mul(x, tau)) yield x;
  };

  const file = createWriteStream(path);
  const write = async (bytes) => {
    if (!file.write(bytes)) await once(file, 'drain');
  };
  const section = async (number, byteLength, chunks) => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(number, 0);
    head.writeBigUInt64LE(BigInt(byteLength), 4);
    await write(head);
    for await (const chunk of chunks) await write(chunk);
  };
  /** Lagrange bases of all smaller levels are left out as zeros. */
  const level = function* (pointBytes, point) {
    yield Buffer.alloc((size - 1) * pointBytes);
    for (const value of lagrange) yield point(value);
  };
  /** Of the double domain only the odd half. */
  const twoLevels = function* () {
    yield* level(G1_BYTES, g1);
    for (const [i, value] of double.entries())
      yield i % 2 === 0 ? Buffer.alloc(G1_BYTES) : g1(value);
  };
  const isPlonk = protocol === 'plonk';
  const list = function* (values, point) {
    for (const value of values) yield point(value);
  };

  await write(Buffer.from('ptau'));
  await write(Buffer.from(Uint32Array.of(1, isPlonk ? 4 : 10).buffer));
  await section(1, HEADER_BYTES, [header(curve, power)]);
  if (isPlonk) {
    const count = size + 6;
    await section(2, count * G1_BYTES, list(powers(count), g1));
    await section(3, 2 * G2_BYTES, list(powers(2), g2));
    await section(12, (2 * size - 1) * G1_BYTES, level(G1_BYTES, g1));
  } else {
    await section(2, G1_BYTES, list(powers(1), g1));
    await section(3, G2_BYTES, list(powers(1), g2));
    await section(4, G1_BYTES, [g1(alpha)]);
    await section(5, G1_BYTES, [g1(beta)]);
    await section(6, G2_BYTES, [g2(beta)]);
    // snarkjs takes the odd half of the double domain from the next level of section 12.
    await section(12, (4 * size - 1) * G1_BYTES, twoLevels());
    await section(13, (2 * size - 1) * G2_BYTES, level(G2_BYTES, g2));
    await section(
      14,
      (2 * size - 1) * G1_BYTES,
      level(G1_BYTES, (x) => g1(Fr.mul(alpha, x))),
    );
    await section(
      15,
      (2 * size - 1) * G1_BYTES,
      level(G1_BYTES, (x) => g1(Fr.mul(beta, x))),
    );
    await section(7, 4, [Buffer.alloc(4)]);
  }
  file.end();
  await once(file, 'finish');
  return path;
}

function groth16Power({ nConstraints, nPubInputs, nOutputs }) {
  return Math.floor(Math.log2(nConstraints + nPubInputs + nOutputs)) + 1;
}

/** Values at tau of the Lagrange basis of the roots of unity: (tau^n - 1) w^i / (n (tau - w^i)). */
function lagrangeValues(Fr, tau, power) {
  const n = 2 ** power;
  const scale = Fr.div(Fr.sub(Fr.exp(tau, n), Fr.one), Fr.e(n));
  const values = [];
  for (let i = 0, w = Fr.one; i < n; i++, w = Fr.mul(w, Fr.w[power])) {
    values.push(Fr.mul(scale, Fr.div(w, Fr.sub(tau, w))));
  }
  return values;
}

/** Length of a coordinate, the field's modulus, the level twice. */
function header(curve, power) {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(32, 0);
  const modulus = curve.q.toString(16).padStart(64, '0');
  bytes.set(Buffer.from(modulus, 'hex').reverse(), 4);
  bytes.writeUInt32LE(power, 36);
  bytes.writeUInt32LE(power, 40);
  return bytes;
}

/** snarkjs counts the gates before it finds that a reference string is too short. */
async function plonkPower(r1cs, folder) {
  const curve = await snarkjs.curves.getCurveFromName('bn128');
  const short = join(folder, 'short.ptau');
  const head = Buffer.alloc(24);
  head.write('ptau');
  head.writeUInt32LE(1, 4);
  head.writeUInt32LE(1, 8);
  head.writeUInt32LE(1, 12);
  head.writeBigUInt64LE(BigInt(HEADER_BYTES), 16);
  writeFileSync(short, Buffer.concat([head, header(curve, 0)]));
  let gates = 0;
  const note = (text) => {
    gates = Number(/^Plonk constraints: (\d+)/.exec(text)?.[1] ?? gates);
  };
  const logger = { info: note, error: () => {}, debug: () => {}, warn: () => {} };
  await snarkjs.plonk.setup(r1cs, short, join(folder, 'short.zkey'), logger);
  if (gates === 0) throw new Error('snarkjs does not say how many gates the circuit has');
  return Math.max(3, Math.floor(Math.log2(gates - 1)) + 1);
}
