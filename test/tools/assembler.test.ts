import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Assembler, encodingLength } from './assembler.ts';
import { assemblyText, INSTRUCTION_SET, type Operand } from './instruction-set.ts';
import { withTemporaryFolder } from './qemu.ts';
import { Random } from './random.ts';
import { toolAvailable } from './tools.ts';

/** Values that exercise every bit of an operand. GNU as wants no HINTs, so x0 and 0 are left out. */
function samples(operand: Operand, compressed: boolean): number[] {
  const first = compressed ? 1 : 0;
  if (operand === "x'") return [8, 9, 10, 12, 15];
  if (operand === 'x-lui') return [1, 3, 4, 8, 16, 31];
  if (typeof operand === 'string') return [operand === 'x' ? first : 1, 1, 2, 4, 8, 16, 31];
  const { low, high, step } = operand;
  const powers = Array.from({ length: 21 }, (_, i) => 2 ** i);
  const inside = [...powers, ...powers.map((p) => -p), low, high, step].filter(
    (value) => value >= low && value <= high && value % step === 0 && value !== 0,
  );
  return compressed ? inside : [...inside, 0];
}

/** All samples of each operand, the others at random. */
function lines(random: Random): { text: string; encoding: number }[] {
  return INSTRUCTION_SET.flatMap((form) => {
    const choices = form.operands.map((o) => samples(o, form.name.startsWith('c.')));
    return choices.flatMap((values, i) =>
      values.map((value) => {
        const operands = choices.map((other, j) => (j === i ? value : random.pick(other)));
        return { text: assemblyText(form, operands), encoding: form.encode(...operands) };
      }),
    );
  });
}

describe('The tests’ assembler', () => {
  it('refuses operands that an instruction cannot hold', () => {
    for (const { operands, encode, name } of INSTRUCTION_SET) {
      const least = operands.map((operand) => samples(operand, true)[0] ?? 0);
      operands.forEach((operand, i) => {
        const beyond = typeof operand === 'string' ? 32 : operand.high + operand.step;
        assert.throws(() => encode(...least.with(i, beyond)), RangeError, name);
      });
    }
  });

  it('resolves labels before and behind their use', () => {
    const x = new Assembler(0x1000).label('start').jump('end').jump('start').label('end');
    assert.deepEqual([...x.assemble()], [0x6f, 0, 0x80, 0, 0x6f, 0xf0, 0xdf, 0xff]);
    assert.throws(() => new Assembler(0).jump('nowhere').assemble(), /nowhere/);
  });

  if (toolAvailable('riscv64-unknown-elf-gcc')) {
    it('encodes every instruction as GNU as does', async () => {
      const expected = lines(new Random(1));
      await withTemporaryFolder(async (folder) => {
        const [source, object, binary] = ['a.s', 'a.o', 'a.bin'].map((n) => join(folder, n)) as [
          string,
          string,
          string,
        ];
        const text = ['.option norelax', '.option norvc', ...expected.map(withMode)].join('\n');
        await writeFile(source, `${text}\n`);
        const gcc = 'riscv64-unknown-elf-gcc';
        execFileSync(gcc, ['-c', '-march=rv32imc', '-mabi=ilp32', source, '-o', object]);
        execFileSync('riscv64-unknown-elf-objcopy', ['-O', 'binary', object, binary]);
        const bytes = await readFile(binary);
        let at = 0;
        for (const { text: line, encoding } of expected) {
          const length = encodingLength(encoding);
          assert.equal(bytes.readUIntLE(at, length), encoding, line);
          at += length;
        }
        assert.equal(bytes.length, at);
      });
    });
  }
});

/** Compressed instructions are written as such, so nothing else may become one. */
const withMode = ({ text }: { text: string }): string =>
  text.startsWith('c.') ? `.option rvc\n${text}\n.option norvc` : text;
