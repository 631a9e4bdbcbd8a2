import { strict as assert } from 'node:assert';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CompileOptions, compileGuest } from '../../guests/compile.ts';
import {
  type Guest,
  guestCompileOptions,
  guestInputs,
  readManifest,
} from '../../guests/manifest.ts';
import { execute } from '../../vm/execute.ts';
import { loadProgram } from '../../vm/load.ts';
import { compileForLinux, compileLinuxHost } from '../tools/linux-guest.ts';
import { repositoryPath } from '../tools/paths.ts';
import { runUnderQemu } from '../tools/qemu.ts';
import { toolAvailable } from '../tools/tools.ts';

type Optimisation = NonNullable<CompileOptions['optimisation']>;
const OPTIMISATIONS: readonly Optimisation[] = ['0', '2', 's'];

/** In the order of `programs/main.c`, with the exit code. */
const PROGRAMS: readonly [string, number][] = [
  ['64-bit arithmetic', 0],
  ['division', 1],
  ['shifts and bit counts', 2],
  ['recursion', 3],
  ['structures', 4],
  ['indirect jumps', 5],
  ['copies at every alignment', 6],
  ['multiplication by shifts', 7],
  ['floating point', 8],
  ['the heap', 9],
  ['conversions', 10],
  ['a failed assertion', 134],
];
const NUMBER_OF_NO_PROGRAM = PROGRAMS.length;

interface Inputs {
  readonly publicInput: Uint8Array;
  readonly privateInput: Uint8Array;
}

/** Runs both builds; the journal, the exit code and at least one byte of output must agree. */
async function compare(machineElf: string, linuxElf: string, inputs: Inputs): Promise<number> {
  const execution = await execute(loadProgram(new Uint8Array(await readFile(machineElf))), inputs);
  const expected = await runUnderQemu(linuxElf, inputs);
  assert.ok(expected.exitCode !== undefined, `QEMU: ${expected.signal} ${expected.errors}`);
  const { outcome, journal } = execution;
  assert.ok(outcome.kind === 'exit', outcome.kind === 'trap' ? outcome.trap.message : '');
  assert.equal(outcome.code, expected.exitCode);
  const at = expected.output.findIndex((byte, i) => byte !== journal[i]);
  assert.equal(at, -1, `byte ${at} of ${expected.output.length} differs`);
  assert.equal(journal.length, expected.output.length);
  return outcome.code;
}

/** The sources of `programs/`. */
async function ownSources(): Promise<string[]> {
  const folder = repositoryPath('test', 'vm', 'programs');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.c'));
  return files.sort().map((name) => join(folder, name));
}

/** The smaller guests, one for each source. */
async function smallGuests(): Promise<Guest[]> {
  const { guests } = await readManifest();
  const small = guests.filter(({ tier }) => tier === 'example' || tier === '0');
  const sources = new Set<string>();
  return small.filter((guest) => {
    const key = guest.sources.join();
    const isNew = !sources.has(key);
    sources.add(key);
    return isNew;
  });
}

if (toolAvailable('riscv64-unknown-elf-gcc') && toolAvailable('qemu-riscv32')) {
  const guests = await smallGuests();
  for (const optimisation of OPTIMISATIONS) {
    describe(`C programs compiled with -O${optimisation} do what they do under QEMU`, () => {
      let folder = '';
      let host: string[] = [];
      const machineElf = (): string => join(folder, 'machine.elf');
      const linuxElf = (): string => join(folder, 'linux.elf');

      before(async () => {
        folder = await mkdtemp(join(tmpdir(), 'vouch-test-'));
        host = await compileLinuxHost(optimisation, folder);
      });
      after(async () => {
        await rm(folder, { recursive: true, force: true });
      });

      const compileBoth = async (options: Omit<CompileOptions, 'output'>): Promise<void> => {
        await Promise.all([
          compileGuest({ ...options, optimisation, output: machineElf() }),
          compileForLinux({ ...options, optimisation, output: linuxElf() }, host),
        ]);
      };

      describe('programs that stress one thing', () => {
        before(async () => {
          await compileBoth({
            sources: await ownSources(),
            flags: ['-Wall', '-Wextra', '-Werror'],
          });
        });

        PROGRAMS.forEach(([name, exitCode], i) => {
          it(name, async () => {
            const inputs = { publicInput: new Uint8Array(0), privateInput: Uint8Array.of(i) };
            assert.equal(await compare(machineElf(), linuxElf(), inputs), exitCode);
          });
        });

        it('no program of that number', async () => {
          const privateInput = Uint8Array.of(NUMBER_OF_NO_PROGRAM);
          const inputs = { publicInput: new Uint8Array(0), privateInput };
          assert.equal(await compare(machineElf(), linuxElf(), inputs), 255);
        });
      });

      describe('guests', () => {
        for (const guest of guests) {
          it(guest.title, async () => {
            await compileBoth(guestCompileOptions(guest));
            await compare(machineElf(), linuxElf(), guestInputs(guest));
          });
        }
      });
    });
  }
}
