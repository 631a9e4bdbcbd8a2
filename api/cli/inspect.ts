import {
  type InspectedReceipt,
  type InspectedRound,
  type InspectedSegment,
  inspectReceipt,
  riscvMachine,
} from '@vouch/verifier';
import { Command } from 'commander';
import { EXIT_OK } from './exit-code.ts';
import { readReceipt } from './files.ts';
import { journalFields } from './guest-run.ts';
import { reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';
import { byteSize, grouped, printable, toHex, visible } from './text.ts';
import { drawTree, type Tree } from './tree.ts';

/** Characters of a journal that are shown. */
const SHOWN_CHARACTERS = 60;

/** `vouch inspect`: what a receipt says, without verifying it. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .argument('<receipt>', 'receipt to look into, - for stdin')
    .description('show what a receipt claims and what its bytes are; nothing of it is verified')
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText(
      'after',
      `
Exit codes: 0 ok, 1 internal error, 2 wrong usage, 3 this is not a receipt of this version.

Example:
  vouch inspect hello.receipt`,
    )
    .action(async (path: string, options: { readonly json?: boolean }) => {
      const reporter = reporterFor(options.json === true);
      const found = inspectReceipt(await readReceipt(path));
      reporter.data(drawTree(receiptTree(found)));
      reporter.result({ ...commandFields('inspect', EXIT_OK), receipt: receiptFields(found) });
    });
}

function receiptTree(found: InspectedReceipt): Tree {
  const { segments, security } = found;
  const count = segments.length === 1 ? '1 segment' : `${segments.length} segments`;
  return {
    text: `receipt: ${byteSize(found.bytes)}, ${count}, ${found.parameters}, not verified here`,
    children: [
      claimTree(found),
      ...segments.map((segment, i) => segmentTree(segment, i + 1)),
      bytesTree(found),
      {
        text: `security: ${security.bits.toFixed(2)} provable bits, the least of`,
        children: [...security.terms]
          .sort((a, b) => a.bits - b.bits)
          .map(({ name, bits }) => ({ text: `${bits.toFixed(2).padStart(7)}  ${name}` })),
      },
    ],
  };
}

function claimTree({ claim, programId }: InspectedReceipt): Tree {
  const { program, publicInput, exitCode, journal } = claim;
  const { constraints } = riscvMachine();
  const { entry, imageEnd, logHeights } =
    program.mode === 'id' ? program.commitment : program.outline;
  const tables = riscvMachine().programChips.map(
    (chip, i) => `${constraints.chips[chip]?.name} 2^${logHeights[i]}`,
  );
  return {
    text: 'claim',
    children: [
      { text: `machine: ${constraints.name} ${constraints.version}, ${toHex(claim.machine)}` },
      {
        text: `program: ${program.mode === 'id' ? 'id' : 'digest'} ${toHex(programId)}`,
        children: [
          { text: `entry ${hex(2 * entry)}, image ends at ${hex(4 * imageEnd)}` },
          { text: `tables ${tables.join(', ')}` },
        ],
      },
      {
        text: `public input: ${grouped(publicInput.length)} bytes, SHA-256 ${toHex(publicInput.digest)}`,
      },
      { text: `exit code: ${exitCode}` },
      { text: `journal: ${grouped(journal.length)} bytes${excerpt(journal)}` },
    ],
  };
}

function segmentTree(segment: InspectedSegment, index: number): Tree {
  const { tables, rounds } = segment;
  const width = Math.max(...tables.map(({ chip }) => chip.length));
  const rows = tables.map(
    ({ chip, logHeight, mainColumns, interactions }) =>
      `${chip.padEnd(width)} 2^${String(logHeight).padEnd(2)}  ` +
      `${String(mainColumns).padStart(2)} columns  ${String(interactions).padStart(2)} interactions`,
  );
  return {
    text: `segment ${index}: ${grouped(segment.cycles)} cycles, from ${hex(2 * segment.pcStart)}`,
    children: [
      {
        text: `${tables.length} tables, ${grouped(segment.cells)} cells, LogUp tree of 2^${segment.logLeaves} leaves`,
        children: rows.map((text) => ({ text })),
      },
      {
        text: `commitment: ${segment.chunks} columns of 2^${segment.logRows}`,
        children: [
          {
            text: `root ${segment.root.map((word) => word.toString(16).padStart(8, '0')).join('')}`,
          },
        ],
      },
      {
        text: `opening: ${rounds.length} rounds`,
        children: rounds.map((round, i) => ({ text: roundText(round, i) })),
      },
    ],
  };
}

function roundText(round: InspectedRound, index: number): string {
  const { regime, logInverseRate, queries, queryWork, foldWork, foldedVariables } = round;
  const distance = regime.kind === 'unique' ? 'unique decoding' : `Johnson, m = ${regime.m}`;
  return (
    `round ${index}: rate 1/${2 ** logInverseRate}, ${distance}, folds ${foldedVariables} variables, ` +
    `${queries} queries in ${round.openedLeaves.join(' + ')} leaves, work ${queryWork} + ${foldWork} bits`
  );
}

function bytesTree(found: InspectedReceipt): Tree {
  const parts = found.segments.flatMap((segment, i) =>
    segment.parts.map(({ name, bytes }) => ({
      name: found.segments.length === 1 ? name : `segment ${i + 1}: ${name}`,
      bytes,
    })),
  );
  const all = [{ name: 'claim and headers', bytes: found.headerBytes }, ...parts];
  return {
    text: `bytes: ${grouped(found.bytes)}`,
    children: all.map(({ name, bytes }) => ({
      text: `${grouped(bytes).padStart(9)}  ${percent(bytes, found.bytes)}  ${name}`,
    })),
  };
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`.padStart(6);
}

function excerpt(journal: Uint8Array): string {
  if (journal.length === 0) return '';
  const text = printable(journal);
  const shown = text === undefined ? toHex(journal) : JSON.stringify(text);
  const short = shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}...` : shown;
  return `, ${visible(short)}`;
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(8, '0')}`;
}

/** Bytes as hexadecimal digits, the journal as everywhere. */
function receiptFields({ claim, programId, ...rest }: InspectedReceipt): object {
  const { program, publicInput, exitCode, journal, machine } = claim;
  return {
    ...rest,
    claim: {
      machine: toHex(machine),
      program: { mode: program.mode, id: toHex(programId) },
      publicInput: { bytes: publicInput.length, sha256: toHex(publicInput.digest) },
      exitCode,
      journal: journalFields(journal),
    },
  };
}
