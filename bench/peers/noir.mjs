/** Noir circuits proved with UltraHonk by Barretenberg. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BackendType, Barretenberg } from '@aztec/bb.js';
import { Noir } from '@noir-lang/noir_js';
import { compile, createFileManager } from '@noir-lang/noir_wasm';
import { Decoder, Encoder } from 'msgpackr';
import { harness, matrices, rounds, timed, wordsHex } from './harness.mjs';
import { barretenbergString } from './powers-of-tau.mjs';

const SOURCES = {
  /** Whole blocks of 64 bytes, then one of padding (FIPS 180-4, 5.1.1). */
  sha256: (size) => `
global BLOCKS: u32 = ${size / 64};
fn main(message: [u8; ${size}]) -> pub [u8; 32] {
    let mut state: [u32; 8] = [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ];
    for block in 0..BLOCKS {
        let mut words: [u32; 16] = [0; 16];
        for i in 0..16 {
            for j in 0..4 {
                words[i] = words[i] * 256 + message[64 * block + 4 * i + j] as u32;
            }
        }
        state = std::hash::sha256_compression(words, state);
    }
    let mut padding: [u32; 16] = [0; 16];
    padding[0] = 0x80000000;
    padding[15] = ${8 * size};
    state = std::hash::sha256_compression(padding, state);
    let mut digest: [u8; 32] = [0; 32];
    for i in 0..8 {
        let bytes: [u8; 4] = (state[i] as Field).to_be_bytes();
        for j in 0..4 {
            digest[4 * i + j] = bytes[j];
        }
    }
    digest
}
`,
  matmul: (size) => `
fn main(a: [[Field; ${size}]; ${size}], b: [[Field; ${size}]; ${size}]) -> pub [[Field; ${size}]; ${size}] {
    let mut c = [[0; ${size}]; ${size}];
    for i in 0..${size} {
        for j in 0..${size} {
            for k in 0..${size} {
                c[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    c
}
`,
};

const INPUTS = {
  sha256: (input) => ({ message: [...input] }),
  matmul: (input, size) => {
    const [a, b] = matrices(input, size);
    return { a, b };
  },
};

const OUTPUTS = {
  sha256: (fields) => Buffer.from(fields.map((field) => field[31])).toString('hex'),
  matmul: (fields) =>
    wordsHex(fields.map((field) => BigInt(`0x${Buffer.from(field).toString('hex')}`))),
};

/** What bb.js takes by default: with zero knowledge. */
const SETTINGS = {
  ipaAccumulation: false,
  oracleHashType: 'poseidon2',
  disableZk: false,
  optimizedSolidityVerifier: false,
};
/** MessagePack with the fields of a structure in order. */
const COMPACT = Buffer.of(3);

/** This Barretenberg reads one more field of a circuit than Noir writes, and does not use it. */
function circuitBytes(bytecode) {
  const bytes = gunzipSync(Buffer.from(bytecode, 'base64'));
  if (bytes[0] !== COMPACT[0]) throw new Error(`Noir writes format ${bytes[0]}`);
  const program = new Decoder({ useRecords: false }).decode(bytes.subarray(1));
  for (const circuit of program[0]) circuit.splice(1, 0, 0);
  return Buffer.concat([COMPACT, new Encoder({ useRecords: false }).encode(program)]);
}

await harness(async ({ workload, size, input, runs, threads, folder }) => {
  const project = join(folder, `noir-${workload}-${size}`);
  mkdirSync(join(project, 'src'), { recursive: true });
  writeFileSync(
    join(project, 'Nargo.toml'),
    `[package]\nname = "${workload}"\ntype = "bin"\nauthors = [""]\n[dependencies]\n`,
  );
  writeFileSync(join(project, 'src', 'main.nr'), SOURCES[workload](size));
  const { program } = await compile(createFileManager(project));
  const noir = new Noir(program);

  const api = await Barretenberg.new({ threads, backend: BackendType.NativeUnixSocket });
  const settings = SETTINGS;
  const circuit = {
    name: workload,
    bytecode: circuitBytes(program.bytecode),
    verificationKey: new Uint8Array(),
  };
  const sizes = await api.circuitStats({ circuit, includeGatesPerOpcode: false, settings });
  await api.srsInitSrs(
    await barretenbergString(join(folder, 'barretenberg'), 2 * sizes.numGatesDyadic),
  );
  const [key, setup_ms] = await timed(() => api.circuitComputeVk({ circuit, settings }));
  const verificationKey = key.bytes;
  const { proof, ...times } = await rounds(runs, {
    witness: async () => (await noir.execute(INPUTS[workload](input, size))).witness,
    // UltraHonkBackend would make the verification key anew for each proof and each verification.
    prove: (witness) =>
      api.circuitProve({
        witness: gunzipSync(witness),
        circuit: { ...circuit, verificationKey },
        settings,
      }),
    verify: async (found) =>
      (await api.circuitVerify({ ...found, verificationKey, settings })).verified,
  });
  return {
    ...times,
    setup_ms,
    constraints: sizes.numGates,
    proof_bytes: Buffer.concat(proof.proof).length,
    output: OUTPUTS[workload](proof.publicInputs),
  };
});
