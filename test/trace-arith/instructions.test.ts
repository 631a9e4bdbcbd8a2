import assert from 'node:assert/strict';
import { checkTables, machine, verifierTerms } from '../../trace-arith/index.ts';
import { INSTRUCTION_CHIPS } from '../../trace-arith/machine.ts';
import { loadProgram } from '../../vm/index.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, commit, EDGE_VALUES, halt, programOf } from '../tools/guest-program.ts';
import { IMMEDIATE_NAMES, MULTIPLY_NAMES, REGISTER_NAMES } from '../tools/instruction-set.ts';
import { Random } from '../tools/random.ts';
import { randomElf, randomProgram } from '../tools/random-program.ts';
import { claimOf, fillRun, type RecordedRun, type RunOptions, recordRun } from './support.ts';

type Encoder = (...operands: number[]) => number;
const encoder = (name: string): Encoder =>
  (asm as unknown as Record<string, Encoder>)[name] as Encoder;

const used = new Set<string>();

/** The honest run passes; notes which chips it used. */
async function assertProvable(run: RecordedRun): Promise<void> {
  const tables = fillRun(run);
  const { chips } = machine().constraintProgram;
  for (const segment of tables) {
    for (const { chip } of segment.instances) used.add(chips[chip]?.name ?? '');
  }
  const report = checkTables(machine(), tables, verifierTerms(claimOf(run)));
  assert.deepEqual(
    { ...report, ok: true },
    { violations: [], imbalances: [], shapeProblems: [], ok: true },
  );
}

async function assertCodeProvable(
  write: (assembler: Assembler) => void,
  data?: Uint8Array,
  options: RunOptions = {},
): Promise<void> {
  const assembler = new Assembler(CODE_START);
  write(assembler);
  halt(assembler, 0, 0);
  const code = assembler.assemble();
  await assertProvable(await recordRun(programOf({ code, ...(data && { data }) }), options));
}

const SHIFT_AMOUNTS = Array.from({ length: 32 }, (_, i) => i);
const IMMEDIATES = [-2048, -2047, -256, -2, -1, 0, 1, 2, 0x7f, 0xff, 1024, 2047];
const DATA = Uint8Array.from({ length: 64 }, (_, i) => (i * 151 + 0x7d) & 0xff);

describe('every instruction that is executed fills tables that satisfy all constraints', () => {
  for (const name of `${REGISTER_NAMES} ${MULTIPLY_NAMES}`.split(' ')) {
    it(`${name} of edge values`, async () => {
      const encode = encoder(name);
      await assertCodeProvable((assembler) => {
        for (const b of [...EDGE_VALUES, 31, 33, 48]) {
          assembler.li(5, b);
          for (const c of [...EDGE_VALUES, 31, 33, 48]) assembler.li(6, c).put(encode(7, 5, 6));
        }
      });
    });
  }

  it('three-register instructions with every choice of equal registers and x0', async () => {
    await assertCodeProvable((assembler) => {
      for (const name of `${REGISTER_NAMES} ${MULTIPLY_NAMES}`.split(' ')) {
        for (const rd of [0, 5, 6]) {
          for (const rs1 of [0, 5, 6]) {
            for (const rs2 of [0, 5, 6]) {
              assembler
                .li(5, 0x8765_4321)
                .li(6, 0xffff_fff3)
                .put(encoder(name)(rd, rs1, rs2));
            }
          }
        }
      }
    });
  });

  it('instructions with an immediate', async () => {
    await assertCodeProvable((assembler) => {
      for (const name of IMMEDIATE_NAMES.split(' ')) {
        for (const value of EDGE_VALUES) {
          for (const immediate of IMMEDIATES) {
            assembler.li(5, value).put(encoder(name)(6, 5, immediate));
          }
        }
        for (const [rd, rs1] of [
          [5, 5],
          [5, 0],
          [0, 5],
        ] as const) {
          for (const immediate of [-1, 0, 5]) assembler.put(encoder(name)(rd, rs1, immediate));
        }
      }
    });
  });

  it('shifts by every constant amount', async () => {
    await assertCodeProvable((assembler) => {
      for (const name of ['slli', 'srli', 'srai']) {
        for (const amount of SHIFT_AMOUNTS) {
          for (const value of [1, 0x8000_0000, 0x7fff_ffff, 0x9876_5432, 0xffff_ffff]) {
            assembler.li(5, value).put(encoder(name)(6, 5, amount), encoder(name)(5, 5, amount));
          }
        }
      }
    });
  });

  it('LUI and AUIPC', async () => {
    await assertCodeProvable((assembler) => {
      for (const upper of [0, 1, 0x7ffff, 0x80000, 0xfffff]) {
        assembler.put(asm.lui(5, upper), asm.auipc(6, upper), asm.lui(0, upper));
      }
    });
  });

  for (const name of ['lb', 'lbu', 'lh', 'lhu', 'lw']) {
    it(`${name} at every offset, into a register and into x0`, async () => {
      await assertCodeProvable((assembler) => {
        for (let at = 8; at < 24; at++) {
          for (const offset of [-8, 0, 5]) {
            assembler.li(5, DATA_START + at - offset);
            assembler.put(encoder(name)(6, offset, 5), encoder(name)(0, offset, 5));
            assembler.put(encoder(name)(5, offset, 5));
          }
        }
      }, DATA);
    });
  }

  for (const name of ['sb', 'sh', 'sw']) {
    it(`${name} at every offset, also of its own base and of x0`, async () => {
      await assertCodeProvable((assembler) => {
        for (let at = 8; at < 24; at++) {
          for (const offset of [-8, 0, 5]) {
            assembler.li(5, DATA_START + at - offset).li(6, 0x89ab_cdef + 77 * at);
            assembler.put(encoder(name)(6, offset, 5), encoder(name)(5, offset, 5));
            assembler.put(encoder(name)(0, offset, 5));
          }
        }
      }, DATA);
    });
  }

  it('a misaligned half-word inside the last word before a guard', async () => {
    await assertCodeProvable((assembler) => {
      assembler.li(5, 0x4100_0000).put(asm.sh(5, -3, 5), asm.lh(6, -3, 5), asm.lhu(6, -3, 5));
    });
  });

  it('branches of edge values, taken and not, with x0 and with equal registers', async () => {
    await assertCodeProvable((assembler) => {
      for (const name of ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu']) {
        for (const b of EDGE_VALUES) {
          assembler.li(5, b);
          for (const c of [...EDGE_VALUES, b ^ 0x10000]) {
            assembler.li(6, c).put(encoder(name)(5, 6, 8), asm.addi(7, 7, 1));
          }
          for (const [rs1, rs2] of [
            [5, 0],
            [0, 5],
            [5, 5],
            [0, 0],
          ]) {
            assembler.put(encoder(name)(rs1 as number, rs2 as number, 8), asm.addi(7, 7, 1));
          }
        }
      }
    });
  });

  it('jumps, with and without a link, to even and odd addresses', async () => {
    await assertCodeProvable((assembler) => {
      assembler.put(asm.jal(1, 8), asm.jal(0, 0)).put(asm.jal(0, 4));
      for (const [rd, odd] of [
        [1, 0],
        [0, 1],
        [5, 1],
      ] as const) {
        const name = `target${rd}`;
        assembler
          .la(5, name)
          .put(asm.jalr(rd, odd, 5), asm.addi(9, 9, 1))
          .label(name);
        assembler.la(5, `${name}b`).put(asm.addi(5, 5, 2040));
        assembler.put(asm.jalr(rd, -2040, 5), asm.addi(9, 9, 1)).label(`${name}b`);
      }
    });
  });

  it('host calls: words of the journal, an exit code, a length that is not a multiple of four', async () => {
    const assembler = new Assembler(CODE_START);
    for (const word of [0xdead_beef, 0, 0xffff_ffff, 0x00ab_cdef]) {
      commit(assembler.li(5, word), 5);
    }
    assembler.li(10, 0x8000_0007).li(11, 15).hostCall(1);
    const run = await recordRun(programOf({ code: assembler.assemble() }));
    assert.equal(run.execution.journal.length, 15);
    await assertProvable(run);
  });

  it('gaps in time that one range check cannot bridge', async () => {
    const count = 600_000;
    const write = (assembler: Assembler): void => {
      assembler
        .li(5, DATA_START)
        .put(asm.sw(5, 0, 5))
        .li(7, count);
      assembler.label('loop').put(asm.addi(7, 7, -1));
      assembler.refer('loop', 4, (offset) => asm.bne(7, 0, offset));
      assembler.put(asm.lw(6, 0, 5), asm.add(8, 6, 5));
    };
    await assertCodeProvable(write, undefined, { segmentCycles: 2 ** 21 });
    assert.ok(used.has('MEMBUMP'));
  });

  for (const seed of [1, 2, 3, 4]) {
    it(`a random program, seed ${seed}, in one segment and in many`, async () => {
      const program = loadProgram(randomElf(randomProgram(new Random(seed), 300, 6), 'machine'));
      await assertProvable(await recordRun(program));
      await assertProvable(await recordRun(program, { segmentCycles: 700 }));
    });
  }

  it('has used every chip', () => {
    const unused = INSTRUCTION_CHIPS.filter(({ name }) => !used.has(name));
    assert.deepEqual(
      unused.map(({ name }) => name),
      [],
    );
  });
});
