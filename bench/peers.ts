/**
 * What a TypeScript program can use instead of Vouch, on the same machine with the same inputs. The
 * peers live in `peers/`, a package of its own: nothing of them is installed with Vouch.
 */
import { type ExecFileException, execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { execute, loadProgram, textTable } from '../api/index.ts';
import { type Guest, readManifest } from '../guests/index.ts';
import { measureProofAlone } from './proof-process.ts';
import type { Figures, Measurement, ResultRecord, Results } from './records.ts';
import { formatSample, type Sample, sample } from './sample.ts';
import { messageOf, namedSubject } from './subjects.ts';

const FOLDER = fileURLToPath(new URL('../../bench/peers/', import.meta.url));
/** Keys and compiled circuits, which are made once; Git ignores the folder. */
const KEYS: string = join(FOLDER, 'keys');
const MATRIX_SIZE = 7;

/** A process of its own. */
interface Harness {
  readonly script: string;
  /** What takes the time that is limited; absent where none is. */
  readonly limited?: string;
}

export interface Peer {
  readonly system: string;
  /** One after the other, and what they must know. The memory is the last one's. */
  readonly harnesses: readonly Harness[];
  readonly task: Readonly<Record<string, string>>;
  /** Packages whose versions make the result. */
  readonly packages: readonly string[];
  readonly securityBits: number;
  /** What kind of bits these are. */
  readonly security: string;
}

const PAIRING =
  'conjectured: discrete logarithm in BN254 after the tower number field sieve (Barbulescu and Duquesne 2019)';
const SNARKJS: readonly Harness[] = [
  { script: 'snarkjs-circuit.mjs' },
  { script: 'snarkjs-setup.mjs', limited: 'the set-up' },
  { script: 'snarkjs.mjs', limited: 'all proofs' },
];
const WHOLE = 'the set-up and all proofs';

export const PEERS: readonly Peer[] = [
  {
    system: 'snarkjs Groth16',
    harnesses: SNARKJS,
    task: { protocol: 'groth16' },
    packages: ['snarkjs', 'circom2', 'circomlib'],
    ...{ securityBits: 100, security: PAIRING },
  },
  {
    system: 'snarkjs PLONK',
    harnesses: SNARKJS,
    task: { protocol: 'plonk' },
    packages: ['snarkjs', 'circom2', 'circomlib'],
    ...{ securityBits: 100, security: PAIRING },
  },
  {
    system: 'Noir UltraHonk',
    harnesses: [{ script: 'noir.mjs', limited: WHOLE }],
    task: {},
    packages: ['@noir-lang/noir_js', '@noir-lang/noir_wasm', '@aztec/bb.js'],
    ...{ securityBits: 100, security: PAIRING },
  },
  {
    system: 'o1js',
    harnesses: [{ script: 'o1js.mjs', limited: WHOLE }],
    task: {},
    packages: ['o1js'],
    securityBits: 126,
    security:
      'conjectured, and at most: discrete logarithm in the Pasta curves (Pollard rho with their six automorphisms); its challenges have 128 bits, which leaves less for polynomials of many coefficients',
  },
];

/** A computation that all do, named as a subject of Vouch. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly kind: 'sha256' | 'matmul';
  readonly size: number;
}

/** @param bytes lengths of messages */
export function workloads(bytes: readonly number[]): Workload[] {
  const title = `product of ${MATRIX_SIZE} x ${MATRIX_SIZE} matrices`;
  return [
    { name: `mm${MATRIX_SIZE}`, title, kind: 'matmul', size: MATRIX_SIZE },
    ...bytes.map((size) => ({
      name: `sha256-${size}`,
      title: `SHA-256 of ${size} bytes`,
      kind: 'sha256' as const,
      size,
    })),
  ];
}

/** Whether the peers are installed, in the versions that their package names. */
export async function peersInstalled(): Promise<boolean> {
  const wanted = Object.entries(await peerDependencies());
  const found = await Promise.all(wanted.map(([name]) => installedVersion(name)));
  return wanted.every(([, version], i) => version === found[i]);
}

async function peerDependencies(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(FOLDER, 'package.json'), 'utf8');
  return (JSON.parse(text) as { dependencies: Readonly<Record<string, string>> }).dependencies;
}

async function installedVersion(name: string): Promise<string | undefined> {
  const path = join(FOLDER, 'node_modules', name, 'package.json');
  if (!existsSync(path)) return undefined;
  return (JSON.parse(await readFile(path, 'utf8')) as { version: string }).version;
}

/** Installs the versions of the lock file from the npm registry, without their install scripts. */
export async function installPeers(): Promise<void> {
  await promisify(execFile)('npm', ['ci', '--ignore-scripts'], { cwd: FOLDER });
}

/** `snarkjs 0.7.6, circom2 0.2.23` */
export async function peerVersions({ packages }: Peer): Promise<string> {
  const dependencies = await peerDependencies();
  return packages.map((name) => `${name} ${dependencies[name]}`).join(', ');
}

const OWN_SECURITY =
  'provable, in the random oracle model; proofs of work are counted, conjectures on codes are not used';

/** Vouch's own row. */
export async function measureOwn(
  results: Results,
  workload: Workload,
  { threads, runs }: { readonly threads: number; readonly runs: number },
): Promise<ResultRecord> {
  const { name, title } = workload;
  const { elf } = await namedSubject((await readManifest()).guests, name);
  const program = createHash('sha256').update(elf).digest('hex');
  const key = { type: 'peer', system: 'vouch', name, threads, program, title } as const;
  return await results.measure(key, async () => {
    const proof = await measureProofAlone({ name, threads, runs });
    const figures: Figures = {
      ...{ end_to_end_ms: proof.proveMilliseconds, prove_ms: proof.proofAloneMilliseconds },
      ...{ setup_ms: proof.stages.program, verify_ms: proof.verifyMilliseconds },
      ...{ proof_bytes: proof.receiptBytes, peak_rss: proof.peakBytes },
      ...{ security_bits: proof.securityBits, security: OWN_SECURITY },
    };
    return { figures };
  });
}

/** What a harness prints. */
interface HarnessResult {
  readonly failure?: string;
  readonly end_to_end_ms: readonly number[];
  readonly prove_ms: readonly number[];
  readonly verify_ms: readonly number[];
  readonly setup_ms: number;
  readonly proof_bytes: number;
  readonly peak_rss: number;
  readonly constraints?: number;
  /** In hexadecimal digits, as the guest writes it. */
  readonly output: string;
}

export interface PeerLimits {
  readonly threads: number;
  readonly runs: number;
  /** After which a harness that is limited is stopped: that is its row's failure. */
  readonly seconds: number;
  /** Why the peer failed with a smaller size, which is not tried any more then. */
  readonly failure: string | undefined;
}

export async function measurePeer(
  results: Results,
  peer: Peer,
  workload: Workload,
  { threads, runs, seconds, failure }: PeerLimits,
): Promise<ResultRecord> {
  const { system } = peer;
  const { name, title, kind, size } = workload;
  const key = { type: 'peer', system, name, threads, title } as const;
  const program = await peerVersions(peer);
  return await results.measure({ ...key, program }, async () => {
    if (failure !== undefined) throw new Error(`not tried; with less input: ${failure}`);
    const guests = (await readManifest()).guests;
    const input = await inputOf(guests, workload);
    const task = { ...peer.task, workload: kind, size, input, runs, threads, folder: KEYS };
    const found = await runHarnesses(peer.harnesses, task, seconds);
    return peerMeasurement(found, peer, await expectedOutput(guests, name));
  });
}

async function inputOf(guests: readonly Guest[], { name, kind, size }: Workload): Promise<string> {
  const bytes =
    kind === 'sha256' ? messageOf(size) : (await namedSubject(guests, name)).privateInput;
  return Buffer.from(bytes).toString('hex');
}

/** What the guest writes for the same input. */
async function expectedOutput(guests: readonly Guest[], name: string): Promise<string> {
  const { elf, ...inputs } = await namedSubject(guests, name);
  return Buffer.from((await execute(loadProgram(elf), inputs)).journal).toString('hex');
}

/** Throws an Error for a peer that failed or whose output is another than the guest's. */
export function peerMeasurement(
  found: HarnessResult,
  { securityBits, security }: Peer,
  expected: string,
): Pick<Measurement, 'figures'> {
  if (found.failure !== undefined) throw new Error(found.failure);
  if (found.output !== expected) {
    throw new Error(`the output is ${found.output}, that of the guest ${expected}`);
  }
  const { setup_ms, proof_bytes, peak_rss, constraints } = found;
  const figures: Figures = {
    end_to_end_ms: sample(found.end_to_end_ms),
    prove_ms: sample(found.prove_ms),
    verify_ms: sample(found.verify_ms),
    ...{ setup_ms: sample([setup_ms]), proof_bytes, peak_rss, constraints },
    ...{ security_bits: securityBits, security },
  };
  return { figures };
}

/** What the harnesses print together; stops at one that fails. */
async function runHarnesses(
  harnesses: readonly Harness[],
  task: object,
  seconds: number,
): Promise<HarnessResult> {
  let found: Partial<HarnessResult> = {};
  for (const harness of harnesses) {
    found = { ...found, ...(await runHarness(harness, task, seconds)) };
    if (found.failure !== undefined) break;
  }
  return found as HarnessResult;
}

async function runHarness(
  { script, limited }: Harness,
  task: object,
  seconds: number,
): Promise<Partial<HarnessResult>> {
  if (!(await peersInstalled())) throw new Error('not installed: npm run bench -- peers --install');
  const parameters = [join(FOLDER, script), JSON.stringify(task)];
  const timeout = limited === undefined ? 0 : 1000 * seconds;
  const options = { timeout, maxBuffer: 2 ** 28 };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, parameters, options);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Partial<HarnessResult>;
  } catch (error) {
    const { killed, code, signal } = error as ExecFileException;
    if (killed) throw new Error(`${limited}: not within ${seconds} s`);
    const end = signal ? `by ${signal}` : `with exit code ${code}`;
    throw new Error(`${script} ended ${end}`, { cause: error });
  }
}

/** One table for each workload, with Vouch. */
export function peersText(records: readonly ResultRecord[]): string {
  const head = [
    'end to end ms',
    'prove ms',
    'verify ms',
    'set-up ms',
    'proof B',
    'peak MiB',
    'bits',
  ];
  const names = [...new Set(records.map(({ name }) => name))];
  const tables = names.map((name) => {
    const rows = records.filter((record) => record.name === name);
    const table = textTable(
      [...head, 'system', ''],
      rows.map(({ figures, failure, system, program }) => [
        ...['end_to_end_ms', 'prove_ms', 'verify_ms', 'setup_ms'].map((figure) =>
          figures?.[figure] === undefined ? '-' : formatSample(figures[figure] as Sample),
        ),
        String(figures?.proof_bytes ?? '-'),
        figures === undefined ? '-' : (Number(figures.peak_rss) / 2 ** 20).toFixed(0),
        figures === undefined ? '-' : Number(figures.security_bits).toFixed(0),
        system,
        failure === undefined ? (system === 'vouch' ? '' : program) : `FAILED: ${failure}`,
      ]),
      head.length,
    );
    return `${rows[0]?.title}\n${table}`;
  });
  return tables.join('\n');
}
