/** `bench all`: everything that the page of results shows. */
import { Command } from 'commander';
import { TIERS } from '../../guests/index.ts';
import { installPeers, peersInstalled } from '../peers.ts';
import { type ResultRecord, Results } from '../records.ts';
import { benchKernels } from './kernels.ts';
import { benchPeers } from './peers.ts';
import { benchScaling } from './scaling.ts';
import { benchTable } from './table.ts';

/** Tiers with runs of minutes, which come last. */
const LONG_TIERS: readonly string[] = ['C', 'sweep'];
/** Lengths of messages for the peers, for which a longer one takes many minutes. */
const PEER_SIZES: readonly string[] = ['128', '512', '2048'];

interface AllOptions {
  readonly peers?: boolean;
  readonly resume?: string;
  readonly mostCycles?: number;
  readonly seconds?: number;
  readonly json?: boolean;
}

export function allCommand(): Command {
  return new Command('all')
    .description('everything that the page of results shows, the longest proofs last')
    .option('--resume <file>', 'results that are not measured again; new ones are appended')
    .option(
      '--most-cycles <count>',
      'no longer runs; another time the file can be completed',
      Number,
    )
    .option('--peers', 'the peers too; installs them if they are missing')
    .option('--seconds <count>', 'a peer that takes longer for one row is stopped', Number)
    .option('--json', 'one JSON value a line')
    .action(all);
}

async function all({ resume, peers, ...options }: AllOptions): Promise<void> {
  if (peers && !(await peersInstalled())) await installPeers();
  const results = await Results.open(resume);
  const parts: readonly (() => Promise<ResultRecord[]>)[] = [
    () =>
      benchTable(results, { ...options, tier: TIERS.filter((tier) => !LONG_TIERS.includes(tier)) }),
    () => benchKernels(results, options),
    () => benchScaling(results, options),
    async () => (peers ? await benchPeers(results, { sizes: PEER_SIZES, ...options }) : []),
    () => benchTable(results, { ...options, tier: LONG_TIERS }),
  ];
  let failed = 0;
  for (const part of parts) {
    const records = await part();
    failed += records.filter((record) => isOwnFailure(record)).length;
    if (!options.json) process.stdout.write('\n');
  }
  process.exitCode = failed === 0 ? 0 : 1;
}

/** That a peer fails is a row like others. */
function isOwnFailure({ system, failure }: ResultRecord): boolean {
  return system === 'vouch' && failure !== undefined;
}
