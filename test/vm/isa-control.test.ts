import { strict as assert } from 'node:assert';
import type { Assembler } from '../tools/assembler.ts';
import * as asm from '../tools/assembler.ts';
import {
  type Case,
  CODE_START,
  checkCases,
  commit,
  EDGE_VALUES,
  halt,
  hex,
  journalOf,
  runCode,
} from '../tools/guest-program.ts';
import { BRANCH_MODEL } from './isa-model.ts';

type Branch = (rs1: number, rs2: number, offset: number) => number;
const BRANCHES: Readonly<Record<string, Branch>> = {
  beq: asm.beq,
  bne: asm.bne,
  blt: asm.blt,
  bge: asm.bge,
  bltu: asm.bltu,
  bgeu: asm.bgeu,
};
const COMPRESSED_BRANCHES = { 'c.beqz': asm.c_beqz, 'c.bnez': asm.c_bnez };

/** Runs `code`, which must end where the journal's only word, x5, is committed. */
async function resultOf(code: (assembler: Assembler) => void): Promise<number | undefined> {
  const execution = await runCode((assembler) => {
    code(assembler);
    halt(commit(assembler, 5), 0, 1);
  });
  return journalOf(execution)[0];
}

/** x9 is 1 if the branch is taken over `between`, else 2. */
const takenCase = (
  name: string,
  given: Readonly<Record<number, number>>,
  branch: (offset: number) => number,
  between: number,
  taken: boolean,
): Case => {
  const instruction = branch(between + asm.encodingLength(branch(0)));
  const wrong = between === 2 ? [asm.c_li(9, 2)] : [asm.addi(9, 0, 2)];
  return {
    name,
    given: { ...given, 9: 1 },
    code: [instruction, ...wrong],
    observed: 9,
    expected: taken ? 1 : 2,
  };
};

/** Zeros are illegal instructions: a jump that goes astray traps. */
function backward(assembler: Assembler, distance: number, encoding: number): void {
  const landing = assembler.here + 4;
  assembler.put(asm.jal(0, distance + 4));
  assembler.put(asm.addi(5, 0, 77)).jump('after');
  assembler.fillTo(landing + distance);
  assembler.put(encoding).label('after');
}

function forward(assembler: Assembler, distance: number, encoding: number): void {
  const target = assembler.here + distance;
  assembler
    .put(encoding)
    .fillTo(target)
    .put(asm.addi(5, 0, 77));
}

describe('Branches and jumps', () => {
  for (const [name, encode] of Object.entries(BRANCHES)) {
    it(`${name} is taken exactly when its condition holds, for all pairs of edge values`, async () => {
      const pairs = EDGE_VALUES.flatMap((a) => EDGE_VALUES.map((b): [number, number] => [a, b]));
      await checkCases(
        pairs.map(([a, b], k) =>
          takenCase(
            `${name} ${hex(a)}, ${hex(b)}`,
            { 5: a, 6: b },
            (offset) => encode(5, 6, offset),
            k % 2 === 0 ? 4 : 2,
            BRANCH_MODEL[name]?.(a, b) ?? false,
          ),
        ),
      );
    });

    it(`${name} compares a register with itself and with x0`, async () => {
      const holds = BRANCH_MODEL[name] ?? (() => false);
      await checkCases(
        [0, 1, 0x8000_0000, 0xffff_ffff].flatMap((a) => {
          const given = { 5: a };
          return [
            takenCase(`x5, x5 = ${hex(a)}`, given, (o) => encode(5, 5, o), 4, holds(a, a)),
            takenCase(`x5, x0 = ${hex(a)}`, given, (o) => encode(5, 0, o), 4, holds(a, 0)),
            takenCase(`x0, x5 = ${hex(a)}`, given, (o) => encode(0, 5, o), 4, holds(0, a)),
          ];
        }),
      );
    });

    it(`${name} reaches 4096 bytes back and 4094 forward`, async () => {
      const [a, b] = name === 'bne' || name === 'blt' || name === 'bltu' ? [0, 6] : [6, 6];
      const set = (assembler: Assembler): Assembler => assembler.li(6, 1);
      assert.equal(await resultOf((x) => forward(set(x), 4094, encode(a, b, 4094))), 77);
      assert.equal(await resultOf((x) => backward(set(x), 4096, encode(a, b, -4096))), 77);
    });
  }

  for (const [name, encode] of Object.entries(COMPRESSED_BRANCHES)) {
    it(`${name} tests each of x8 to x15 against zero`, async () => {
      const registers = [8, 9, 10, 11, 12, 13, 14, 15];
      await checkCases(
        registers.flatMap((r) =>
          EDGE_VALUES.map((a, k): Case => {
            const between = k % 2 === 0 ? 4 : 2;
            return {
              name: `${name} x${r} = ${hex(a)}`,
              given: { [r]: a, 5: 1 },
              code: [encode(r, 2 + between), between === 2 ? asm.c_li(5, 2) : asm.addi(5, 0, 2)],
              observed: 5,
              expected: (a === 0) === (name === 'c.beqz') ? 1 : 2,
            };
          }),
        ),
      );
    });

    it(`${name} reaches 256 bytes back and 254 forward`, async () => {
      const set = (x: Assembler): Assembler => x.li(8, name === 'c.beqz' ? 0 : 1);
      assert.equal(await resultOf((x) => forward(set(x), 254, encode(8, 254))), 77);
      assert.equal(await resultOf((x) => backward(set(x), 256, encode(8, -256))), 77);
    });
  }

  it('jal reaches 1 MiB back and 1 MiB - 2 forward', async () => {
    assert.equal(await resultOf((x) => forward(x, 0xffffe, asm.jal(0, 0xffffe))), 77);
    assert.equal(
      await resultOf((x) => {
        x.put(asm.jal(0, 8)).jump('landing');
        const start = x.here;
        x.jump('far')
          .label('landing')
          .put(asm.addi(5, 0, 77))
          .jump('after');
        x.fillTo(start + 0x80000)
          .label('far')
          .jump('farther');
        x.fillTo(start - 4 + 0x100000)
          .label('farther')
          .put(asm.jal(0, -0x100000));
        x.label('after');
      }),
      77,
    );
  });

  it('c.j and c.jal reach 2048 bytes back and 2046 forward', async () => {
    for (const encode of [asm.c_j, asm.c_jal]) {
      assert.equal(await resultOf((x) => forward(x, 2046, encode(2046))), 77);
      assert.equal(await resultOf((x) => backward(x, 2048, encode(-2048))), 77);
    }
  });

  it('the link is the address behind the jump: 4 bytes for jal and jalr, 2 for c.jal and c.jalr', async () => {
    const skip = (at: () => number): Pick<Case, 'given' | 'expected'> => ({
      given: { 1: 0, 5: 0 },
      expected: () => at(),
    });
    const at = (code: (x: Assembler) => number, observed: number, name: string): Case => {
      let link = 0;
      return {
        name,
        ...skip(() => link),
        code: (x) => {
          link = code(x);
        },
        observed,
      };
    };
    const jalTo = (rd: number) => (x: Assembler) => {
      x.put(asm.jal(rd, 8));
      const link = x.here;
      x.word(0);
      return link;
    };
    const all = Array.from({ length: 31 }, (_, i) => i + 1);
    await checkCases([
      ...all.map((rd) => at(jalTo(rd), rd, `jal x${rd}`)),
      at(
        (x) => {
          x.put(asm.auipc(6, 0), asm.jalr(7, 12, 6));
          const link = x.here;
          x.word(0);
          return link;
        },
        7,
        'jalr x7, 12(x6)',
      ),
      at(
        (x) => {
          x.put(asm.auipc(6, 0), asm.jalr(6, 12, 6));
          const link = x.here;
          x.word(0);
          return link;
        },
        6,
        'jalr x6, 12(x6)',
      ),
      at(
        (x) => {
          x.put(asm.c_jal(4));
          const link = x.here;
          x.half(0);
          return link;
        },
        1,
        'c.jal',
      ),
      at(
        (x) => {
          x.put(asm.auipc(6, 0), asm.addi(6, 6, 12), asm.c_jalr(6));
          const link = x.here;
          x.half(0);
          return link;
        },
        1,
        'c.jalr x6',
      ),
      at(
        (x) => {
          x.put(asm.auipc(1, 0), asm.addi(1, 1, 12), asm.c_jalr(1));
          const link = x.here;
          x.half(0);
          return link;
        },
        1,
        'c.jalr x1',
      ),
    ]);
  });

  it('jumps with rd = x0, c.j and c.jr write no register', async () => {
    const given = { 1: 0x1111_1111, 5: 0x5555_5555 };
    const one = (name: string, observed: number, code: readonly number[]): Case => ({
      name,
      given,
      code,
      observed,
      expected: observed === 0 ? 0 : (given[observed as 1 | 5] ?? 0),
    });
    const indirect = (jump: number): number[] => [asm.auipc(6, 0), asm.addi(6, 6, 12), jump];
    const cases = [0, 1, 5].flatMap((r) => [
      one('jal x0', r, [asm.jal(0, 4)]),
      one('jalr x0', r, indirect(asm.jalr(0, 0, 6))),
      one('c.j', r, [asm.c_j(2)]),
      one('c.jr', r, [asm.auipc(6, 0), asm.addi(6, 6, 10), asm.c_jr(6)]),
    ]);
    await checkCases(cases);
  });

  it('jalr clears bit 0 of its target and takes the extremes of its immediate', async () => {
    const offsets = [-2048, -2047, -1, 0, 1, 2, 3, 2046, 2047];
    await checkCases(
      offsets.map((offset) => ({
        name: `jalr by ${offset}`,
        given: { 5: 1 },
        code: (x) => {
          const target = x.here + 20;
          x.put(asm.lui(6, (target - offset + 0x800) >>> 12));
          x.put(asm.addi(6, 6, ((target - offset) << 20) >> 20));
          x.put(asm.addi(6, 6, 1));
          x.put(asm.jalr(0, offset, 6)).word(0);
          assert.equal(x.here, target);
        },
        observed: 5,
        expected: 1,
      })),
    );
    await checkCases(
      [asm.c_jr(6), asm.c_jalr(6)].map((jump) => ({
        name: `odd target of ${hex(jump)}`,
        given: { 5: 1 },
        code: [asm.auipc(6, 0), asm.addi(6, 6, 13), jump, 0],
        observed: 5,
        expected: 1,
      })),
    );
  });

  it('a loop with a backward branch runs as often as it counts', async () => {
    const value = await resultOf((x) => {
      x.li(5, 0)
        .li(6, 1000)
        .label('loop')
        .put(asm.add(5, 5, 6), asm.addi(6, 6, -1));
      x.refer('loop', 4, (offset) => asm.bne(6, 0, offset));
    });
    assert.equal(value, 500500);
  });

  it('cycles count each instruction once, the last ECALL included', async () => {
    const execution = await runCode((x) => {
      x.li(6, 10)
        .label('loop')
        .put(asm.addi(6, 6, -1));
      x.refer('loop', 4, (offset) => asm.bne(6, 0, offset));
      halt(x, 0, 0);
    });
    assert.equal(execution.cycles, 1 + 2 * 10 + 3 + 1);
  });

  it('a jump into the middle of an instruction executes what its bytes say there', async () => {
    const inner = asm.c_li(5, 7);
    const outer = asm.lui(5, inner << 4);
    const value = await resultOf((x) => x.put(asm.jal(0, 6), outer));
    assert.equal(value, 7);
  });

  it('the program may begin anywhere in its code', async () => {
    const execution = await runCode(
      (x) => {
        x.word(0).half(0).li(5, 9);
        halt(commit(x, 5), 0, 1);
      },
      { entry: CODE_START + 6 },
    );
    assert.deepEqual(journalOf(execution), [9]);
  });

  it('registers start as zero', async () => {
    const others = Array.from({ length: 31 }, (_, i) => i + 1);
    for (const [first, ...rest] of [others, [...others].reverse()]) {
      const execution = await runCode((x) => {
        for (const r of rest) x.put(asm.or(first ?? 0, first ?? 0, r));
        halt(commit(x, first ?? 0), 0, 1);
      });
      assert.deepEqual(journalOf(execution), [0]);
    }
  });
});
