import { Command } from 'commander';
import {
  type AddressRange,
  type DisassemblyLine,
  disassemble,
  formatDisassembly,
  loadProgram,
  type Program,
} from '../../vm/index.ts';
import { EXIT_OK } from './exit-code.ts';
import { readElf } from './files.ts';
import { type Reporter, reporterFor } from './reporter.ts';
import { commandFields } from './result.ts';
import { visible } from './text.ts';
import { UsageError } from './usage-error.ts';

/** Lines that are written at once. */
const BATCH = 1000;

interface DisassembleOptions {
  readonly function?: string;
  readonly json?: boolean;
}

/** `vouch disasm`: a program's instructions. */
export function disassembleCommand(): Command {
  return new Command('disasm')
    .argument('<elf>', 'program, - for stdin')
    .description('show the instructions of a program')
    .option('--function <name>', 'one function only')
    .option('--json', 'one JSON value a line, the last of type "result"')
    .addHelpText('after', '\nExample:\n  vouch disasm guests/hello/hello.elf --function main')
    .action(async (elf: string, options: DisassembleOptions) => {
      const reporter = reporterFor(options.json === true);
      const program = loadProgram(await readElf(elf));
      const lines = disassemble(program, rangeOf(program, options.function));
      const count = reporter.json ? writeValues(lines, program, reporter) : 0;
      if (!reporter.json) writeText(lines, reporter);
      reporter.result({ ...commandFields('disasm', EXIT_OK), instructions: count });
    });
}

function rangeOf(program: Program, name: string | undefined): AddressRange {
  if (name === undefined) return {};
  const { functions } = program.symbols;
  const index = functions.findIndex((symbol) => symbol.name === name);
  const found = functions[index];
  if (found !== undefined) {
    const next = functions.find((symbol) => symbol.address > found.address);
    const end = found.size > 0 ? found.address + found.size : next?.address;
    return { start: found.address, ...(end !== undefined && { end }) };
  }
  const similar = functions
    .map((symbol) => symbol.name)
    .filter((known) => known.toLowerCase().includes(name.toLowerCase()));
  const some = (similar.length > 0 ? similar : functions.map((symbol) => symbol.name)).slice(0, 12);
  const remedy =
    some.length === 0
      ? 'no symbol in the ELF file: leave --function out'
      : `there are: ${some.join(', ')}`;
  const problem = `the program has no function '${name}'`;
  throw new UsageError('usage/function', problem, remedy);
}

function writeText(lines: Iterable<DisassemblyLine>, reporter: Reporter): void {
  let batch: string[] = [];
  const flush = (): void => {
    if (batch.length > 0) reporter.data(`${visible(batch.join('\n'))}\n`);
    batch = [];
  };
  for (const line of formatDisassembly(lines)) {
    batch.push(line);
    if (batch.length === BATCH) flush();
  }
  flush();
}

function writeValues(
  lines: Iterable<DisassemblyLine>,
  program: Program,
  reporter: Reporter,
): number {
  let count = 0;
  for (const line of lines) {
    reporter.value('instruction', {
      address: line.address,
      length: line.length,
      bits: line.bits,
      text: line.text,
      function: program.symbols.find(line.address)?.name ?? null,
    });
    if (line.instruction !== undefined) count++;
  }
  return count;
}
