/**
 * Structured reference strings in the formats of snarkjs and Barretenberg, made with a secret that this
 * process knows. NOBODY MAY RELY ON PROOFS MADE WITH THEM: they serve to measure, and cost a prover and a
 * verifier what those from a ceremony do.
 */
import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as snarkjs from 'snarkjs';

/** Bytes of a point: affine, coordinates in Montgomery form, little-endian. */
const [G1_BYTES, G2_BYTES] = [64, 128];
const HEADER_BYTES = 44;

/** Scalars are taken as bytes. */
const [WINDOWS, DIGITS] = [32, 256];
const POINTS_AT_A_TIME = 256;

/**
 * A string of snarkjs for one circuit: only the level that it needs is filled.
 *
 * @returns {Promise<string>} the path
 */
export async function writePowersOfTau(path, r1cs, protocol) {
  const info = await snarkjs.r1cs.info(r1cs);
  const curve = await snarkjs.curves.getCurveFromName('bn128');
  const isPlonk = protocol === 'plonk';
  const power = isPlonk ? await plonkPower(r1cs, dirname(path)) : groth16Power(info);
  const size = 2 ** power;
  const { Fr } = curve;
  const [tau, alpha, beta] = [Fr.random(), Fr.random(), Fr.random()];
  const [g1, g2] = [generatorMultiples(curve, curve.G1), generatorMultiples(curve, curve.G2)];
  const lagrange = await lagrangeValues(Fr, tau, power);
  const times = function* (factor) {
    for (const value of lagrange()) yield Fr.mul(factor, value);
  };

  const part = `${path}.part`;
  const file = createWriteStream(part);
  const write = async (bytes) => {
    if (!file.write(bytes)) await once(file, 'drain');
  };
  const section = async (number, byteLength, chunks) => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(number, 0);
    head.writeBigUInt64LE(BigInt(byteLength), 4);
    await write(head);
    for (const chunk of chunks) await write(chunk);
  };
  /** Lagrange bases of all smaller levels are left out as zeros. */
  const level = function* (pointBytes, points) {
    yield Buffer.alloc((size - 1) * pointBytes);
    yield* points;
  };

  await write(Buffer.from('ptau'));
  await write(Buffer.from(Uint32Array.of(1, isPlonk ? 4 : 10).buffer));
  await section(1, HEADER_BYTES, [header(curve, power)]);
  if (isPlonk) {
    const count = size + 6;
    await section(2, count * G1_BYTES, g1(powers(Fr, tau, count)));
    await section(3, 2 * G2_BYTES, g2(powers(Fr, tau, 2)));
    await section(12, (2 * size - 1) * G1_BYTES, level(G1_BYTES, g1(lagrange())));
  } else {
    await section(2, G1_BYTES, g1([Fr.one]));
    await section(3, G2_BYTES, g2([Fr.one]));
    await section(4, G1_BYTES, g1([alpha]));
    await section(5, G1_BYTES, g1([beta]));
    await section(6, G2_BYTES, g2([beta]));
    // snarkjs takes the odd half of the double domain from the next level of section 12.
    const double = await lagrangeValues(Fr, tau, power + 1);
    const both = function* () {
      yield* g1(lagrange());
      yield* g1(oddValues(double(), Fr.zero));
    };
    await section(12, (4 * size - 1) * G1_BYTES, level(G1_BYTES, both()));
    await section(13, (2 * size - 1) * G2_BYTES, level(G2_BYTES, g2(lagrange())));
    await section(14, (2 * size - 1) * G1_BYTES, level(G1_BYTES, g1(times(alpha))));
    await section(15, (2 * size - 1) * G1_BYTES, level(G1_BYTES, g1(times(beta))));
    await section(7, 4, [Buffer.alloc(4)]);
  }
  file.end();
  await once(file, 'finish');
  renameSync(part, path);
  return path;
}

/**
 * A string of Barretenberg, kept in a folder: affine points, coordinates big-endian.
 *
 * @returns {Promise<{ pointsBuf: Buffer, numPoints: number, g2Point: Buffer }>} at least so many points
 */
export async function barretenbergString(folder, count) {
  const [first, second] = ['bn254_g1.dat', 'bn254_g2.dat'].map((name) => join(folder, name));
  if (!existsSync(second) || statSync(first).size < count * G1_BYTES) {
    const curve = await snarkjs.curves.getCurveFromName('bn128');
    const { Fr, G1, G2 } = curve;
    const tau = Fr.random();
    const points = Buffer.concat([...generatorMultiples(curve, G1)(powers(Fr, tau, count))]);
    const shift = await G2.batchLEMtoU(Buffer.concat([...generatorMultiples(curve, G2)([tau])]));
    // Of a coordinate in F(p^2) the real part is first here, last in ffjavascript.
    const [x1, x0, y1, y0] = [0, 32, 64, 96].map((at) => shift.subarray(at, at + 32));
    mkdirSync(folder, { recursive: true });
    writeFileSync(first, await G1.batchLEMtoU(points));
    writeFileSync(second, Buffer.concat([x0, x1, y0, y1]));
  }
  const pointsBuf = readFileSync(first);
  return { pointsBuf, numPoints: pointsBuf.length / G1_BYTES, g2Point: readFileSync(second) };
}

/** 1, tau, tau^2 ... */
function* powers(Fr, tau, count) {
  for (let i = 0, x = Fr.one; i < count; i++, x = Fr.mul(x, tau)) yield x;
}

/**
 * Multiplies a group's generator, with a table of its multiples by d 256^w: several times faster than
 * `timesFr`. The function returned takes scalars and yields affine points, many in one buffer.
 */
function generatorMultiples({ tm, Fr }, G) {
  const [affine, jacobian] = [2 * G.F.n8, 3 * G.F.n8];
  const call = (name, ...parameters) => tm.instance.exports[`${G.prefix}_${name}`](...parameters);
  const table = allocate(tm, WINDOWS * DIGITS * affine);
  const entry = (window, digit) => table + (DIGITS * window + digit) * affine;
  for (let window = 0, base = G.g; window < WINDOWS; window++) {
    let multiple = base;
    for (let digit = 1; digit < DIGITS; digit++, multiple = G.add(multiple, base)) {
      tm.setBuff(entry(window, digit), G.toAffine(multiple));
    }
    base = multiple;
  }
  const sums = allocate(tm, POINTS_AT_A_TIME * jacobian);
  const points = allocate(tm, POINTS_AT_A_TIME * affine);
  const multiply = (scalar, sum) => {
    call('zero', sum);
    const bytes = Fr.fromMontgomery(scalar);
    for (let window = 0; window < WINDOWS; window++) {
      const digit = bytes[window];
      if (digit !== 0) call('addMixed', sum, entry(window, digit), sum);
    }
  };
  const toAffine = (count) => {
    call('batchToAffine', sums, count, points);
    return tm.getBuff(points, count * affine);
  };
  return function* (scalars) {
    let count = 0;
    for (const scalar of scalars) {
      multiply(scalar, sums + count * jacobian);
      if (++count < POINTS_AT_A_TIME) continue;
      yield toAffine(count);
      count = 0;
    }
    if (count > 0) yield toAffine(count);
  };
}

/** `tm.alloc` does not grow the memory. */
function allocate(tm, byteLength) {
  const address = tm.alloc(byteLength);
  const missing = tm.u32[0] - tm.memory.buffer.byteLength;
  if (missing > 0) {
    tm.memory.grow(Math.ceil(missing / 2 ** 16));
    tm.u8 = new Uint8Array(tm.memory.buffer);
    tm.u32 = new Uint32Array(tm.memory.buffer);
  }
  return address;
}

/**
 * Values at tau of the Lagrange basis of the roots of unity: (tau^n - 1) w^i / (n (tau - w^i)). They are
 * made each time that the function returned is called: millions of small arrays take gigabytes.
 */
async function lagrangeValues(Fr, tau, power) {
  const n = 2 ** power;
  const scale = Fr.div(Fr.sub(Fr.exp(tau, n), Fr.one), Fr.e(n));
  const differences = new Uint8Array(n * Fr.n8);
  let at = 0;
  for (const root of powers(Fr, Fr.w[power], n)) {
    differences.set(Fr.sub(tau, root), at);
    at += Fr.n8;
  }
  const inverses = await Fr.batchInverse(differences);
  return function* () {
    let at = 0;
    for (const root of powers(Fr, Fr.w[power], n)) {
      yield Fr.mul(Fr.mul(scale, root), inverses.subarray(at, at + Fr.n8));
      at += Fr.n8;
    }
  };
}

/** Zero in the place of each value with an even index. */
function* oddValues(values, zero) {
  let isOdd = false;
  for (const value of values) {
    yield isOdd ? value : zero;
    isOdd = !isOdd;
  }
}

function groth16Power({ nConstraints, nPubInputs, nOutputs }) {
  return Math.floor(Math.log2(nConstraints + nPubInputs + nOutputs)) + 1;
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
