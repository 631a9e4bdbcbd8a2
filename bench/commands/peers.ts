/** `bench peers`: what a TypeScript program can use instead. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { environmentText } from '../environment.ts';
import {
  installPeers,
  measureOwn,
  measurePeer,
  PEERS,
  peersInstalled,
  peersText,
  workloads,
} from '../peers.ts';
import { type ResultRecord, Results } from '../records.ts';
import { collect, list, printRecord, runCount } from './common.ts';

export interface PeerOptions {
  readonly sizes?: readonly string[];
  readonly only?: readonly string[];
  readonly seconds?: number;
  readonly runs?: number;
  readonly json?: boolean;
}

const SIZES: readonly string[] = ['128', '256', '512', '1024', '2048'];
const SECONDS = 900;

export function peersCommand(): Command {
  return new Command('peers')
    .description('snarkjs, Noir and o1js with the same inputs: SHA-256 and a matrix product')
    .option('--install', 'installs them first, into bench/peers/node_modules')
    .option('--sizes <bytes>', 'lengths of the messages, multiples of 64', list, SIZES)
    .option('--only <systems>', 'peers, separated by commas: "snarkjs Groth16,o1js"', list)
    .option('--seconds <count>', 'a peer that takes longer for one row is stopped', Number, SECONDS)
    .option('--runs <count>', 'proofs of each, at least 3', runCount, 3)
    .option('--resume <file>', 'results that are not measured again; new ones are appended')
    .option('--json', 'one JSON value a line')
    .action(async ({ install, resume, ...options }: PeerOptions & Setting) => {
      if (install && !(await peersInstalled())) await installPeers();
      await benchPeers(await Results.open(resume), options);
    });
}

interface Setting {
  readonly install?: boolean;
  readonly resume?: string;
}

/** Measures and prints; that a peer fails is a row, not a failure of the command. */
export async function benchPeers(
  results: Results,
  { sizes = SIZES, only, seconds = SECONDS, runs = 3, json }: PeerOptions,
): Promise<ResultRecord[]> {
  const threads = availableParallelism();
  const peers = PEERS.filter(({ system }) => only?.includes(system) ?? true);
  const tasks = workloads(sizes.map(Number).sort((a, b) => a - b)).flatMap((workload) => [
    { name: `vouch ${workload.name}`, workload, peer: undefined },
    ...peers.map((peer) => ({ name: `${peer.system} ${workload.name}`, workload, peer })),
  ]);
  const failures = new Map<string, string>();
  const records = await collect(tasks, async ({ workload, peer }, say) => {
    const task = `${peer?.system} ${workload.kind}`;
    const failure = failures.get(task);
    const record =
      peer === undefined
        ? await measureOwn(results, workload, { threads, runs })
        : await measurePeer(results, peer, workload, { threads, runs, seconds, failure });
    if (record.failure !== undefined) failures.set(task, failure ?? record.failure);
    printRecord(record, say, json);
    return record;
  });
  if (!json) {
    process.stdout.write(`${environmentText(results.environment)}\n\n${peersText(records)}`);
  }
  return records;
}
