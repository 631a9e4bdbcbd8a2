import { strict as assert } from 'node:assert';
import type { TrapCause } from '../../vm/execution.ts';
import { DATA_START } from '../../vm/memory-map.ts';
import { record } from '../../vm/record.ts';
import type { Segment } from '../../vm/segment.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { PF_R, PF_X } from '../tools/elf-writer.ts';
import { CONSTANTS, checkFault, type Fault, WITH_CONSTANTS } from '../tools/fault.ts';
import { CODE_START, commit, halt, programOf, runCode } from '../tools/guest-program.ts';

/** Two instructions, then an encoding that does not run. */
const illegal = (name: string, encoding: number, cause: TrapCause): Fault => ({
  name,
  code: (x) => {
    x.put(asm.addi(5, 0, 1), asm.c_nop)
      .label('fault')
      .put(encoding);
    halt(x, 0, 0);
  },
  cause,
  cycles: 2,
});

const FP_LOAD = 0x0000_2007;
const FP_ADD = 0x0000_0053;
const AMO_ADD = 0x0000_202f;
const ILLEGAL_ENCODINGS: readonly Fault[] = [
  illegal('the all-zero half-word', 0x0000, 'illegal-instruction'),
  illegal('the all-one word', 0xffff_ffff, 'illegal-instruction'),
  illegal('a 48-bit encoding', 0x0000_001f, 'illegal-instruction'),
  illegal('flw', FP_LOAD, 'illegal-instruction'),
  illegal('fadd.s', FP_ADD, 'illegal-instruction'),
  illegal('amoadd.w', AMO_ADD, 'illegal-instruction'),
  illegal('fence.i', asm.fenceI, 'illegal-instruction'),
  illegal('a cache-block operation', asm.fenceI | (1 << 13), 'illegal-instruction'),
  illegal('slli with bit 25 set', asm.slli(5, 5, 1) | (1 << 25), 'illegal-instruction'),
  illegal('srli with bit 31 set', (asm.srli(5, 5, 1) | (1 << 31)) >>> 0, 'illegal-instruction'),
  illegal('slli with bit 30 set', asm.slli(5, 5, 1) | (1 << 30), 'illegal-instruction'),
  illegal('and with bit 30 set', asm.and(5, 5, 5) | (1 << 30), 'illegal-instruction'),
  illegal('add with bit 26 set', asm.add(5, 5, 5) | (1 << 26), 'illegal-instruction'),
  illegal('mul with bit 30 set', asm.mul(5, 5, 5) | (1 << 30), 'illegal-instruction'),
  illegal('a branch with funct3 = 2', asm.beq(5, 5, 4) | (2 << 12), 'illegal-instruction'),
  illegal('a branch with funct3 = 3', asm.beq(5, 5, 4) | (3 << 12), 'illegal-instruction'),
  illegal('ld', asm.lb(5, 0, 5) | (3 << 12), 'illegal-instruction'),
  illegal('lwu', asm.lb(5, 0, 5) | (6 << 12), 'illegal-instruction'),
  illegal('sd', asm.sb(5, 0, 5) | (3 << 12), 'illegal-instruction'),
  illegal('jalr with funct3 = 1', asm.jalr(5, 0, 5) | (1 << 12), 'illegal-instruction'),
  illegal('addiw', asm.addi(5, 5, 0) | 0b1000, 'illegal-instruction'),
  illegal('mret', 0x3020_0073, 'illegal-instruction'),
  illegal('wfi', 0x1050_0073, 'illegal-instruction'),
  illegal('ecall with rd = x1', asm.ecall | (1 << 7), 'illegal-instruction'),
  illegal('c.addi4spn with immediate 0', 0x0004, 'illegal-instruction'),
  illegal('c.lwsp into x0', 0x4002, 'illegal-instruction'),
  illegal('c.lui with immediate 0', 0x6281, 'illegal-instruction'),
  illegal('c.addi16sp with immediate 0', 0x6101, 'illegal-instruction'),
  illegal('c.jr x0', 0x8002, 'illegal-instruction'),
  illegal('c.slli by 32', asm.c_slli(5, 0) | (1 << 12), 'illegal-instruction'),
  illegal('c.srli by 33', asm.c_srli(8, 1) | (1 << 12), 'illegal-instruction'),
  illegal('c.srai by 32', asm.c_srai(8, 0) | (1 << 12), 'illegal-instruction'),
  illegal('c.subw', asm.c_sub(8, 9) | (1 << 12), 'illegal-instruction'),
  illegal('a reserved half-word beside c.addw', asm.c_or(8, 9) | (1 << 12), 'illegal-instruction'),
  illegal('c.fld', 0x2000, 'illegal-instruction'),
  illegal('c.fldsp', 0x2002, 'illegal-instruction'),
  illegal('c.fsdsp', 0xa002, 'illegal-instruction'),
  illegal('c.fsd', 0xa000, 'illegal-instruction'),
  illegal('c.flw', 0x6000, 'illegal-instruction'),
  illegal('c.fsw', 0xe000, 'illegal-instruction'),
  illegal('c.flwsp', 0x6002, 'illegal-instruction'),
  illegal('c.fswsp', 0xe002, 'illegal-instruction'),
  illegal('the reserved quadrant-0 half-word 0x8000', 0x8000, 'illegal-instruction'),
  illegal('ebreak', asm.ebreak, 'breakpoint'),
  illegal('c.ebreak', asm.c_ebreak, 'breakpoint'),
  ...[1, 2, 3, 5, 6, 7].map((funct3) =>
    illegal(`csr with funct3 = ${funct3}`, asm.csr(funct3, 5, 0xc00, 6), 'csr-access'),
  ),
];

/** funct7 of OP by funct3: base, the alternative of SUB and SRA, M; and of the shifts by immediates. */
const isLegalFunct7 = (opcode: number, funct3: number, funct7: number): boolean => {
  const hasAlternative = opcode === OP ? funct3 === 0 || funct3 === 5 : funct3 === 5;
  return funct7 === 0 || (funct7 === 0x20 && hasAlternative) || (funct7 === 1 && opcode === OP);
};
const OP = 0b0110011;
const OP_IMM = 0b0010011;

const jumpTo = (name: string, target: number): Fault => ({
  name,
  code: (x) =>
    x.put(asm.lui(5, ((target + 0x800) >>> 12) & 0xfffff), asm.jalr(0, (target << 20) >> 20, 5)),
  cause: 'fetch-outside-code',
  pc: target,
  cycles: 2,
});

const FETCHES: readonly Fault[] = [
  {
    name: 'falling off the end of the code',
    code: (x) => x.put(asm.addi(5, 0, 1), asm.c_nop).label('fault'),
    cause: 'fetch-outside-code',
    cycles: 2,
  },
  jumpTo('a jump to address 0x800', 0x7fe),
  jumpTo('a jump just below the code', CODE_START - 2),
  jumpTo('a jump into constants', CONSTANTS),
  jumpTo('a jump into the public input', 0x2000_0000),
  jumpTo('a jump into the stack', 0x4080_0000),
  jumpTo('a jump into writable data', DATA_START),
  jumpTo('a jump to the last half-word of the address space', 0xffff_fffe),
  {
    name: 'jalr that wraps around below 0',
    code: (x) => x.put(asm.jalr(1, -4, 0)),
    cause: 'fetch-outside-code',
    pc: 0xffff_fffc,
    cycles: 1,
  },
  {
    name: 'jalr that wraps around above 2^32',
    code: (x) => x.put(asm.addi(5, 0, -2), asm.jalr(1, 2046, 5)),
    cause: 'fetch-outside-code',
    pc: 2044,
    cycles: 2,
  },
  {
    name: 'jal below address 0',
    code: (x) => x.put(asm.jal(0, -0x10004)),
    cause: 'fetch-outside-code',
    pc: 0xffff_fffc,
    cycles: 1,
  },
  {
    name: 'jal with a link below address 0',
    code: (x) => x.put(asm.jal(1, -0x10004)),
    cause: 'fetch-outside-code',
    pc: 0xffff_fffc,
    cycles: 1,
  },
  {
    name: 'a taken branch in front of the code',
    code: (x) => x.put(asm.beq(0, 0, -2)),
    cause: 'fetch-outside-code',
    pc: CODE_START - 2,
    cycles: 1,
  },
  {
    name: 'c.j behind the code',
    code: (x) => x.put(asm.c_j(2046)),
    cause: 'fetch-outside-code',
    pc: CODE_START + 2046,
    cycles: 1,
  },
  {
    name: 'a jump into an instruction whose second half is none',
    code: (x) => x.put(asm.jal(0, 6), asm.lui(5, 0)),
    cause: 'illegal-instruction',
    pc: CODE_START + 6,
    cycles: 1,
  },
  {
    name: 'an instruction that the end of the code cuts in half',
    code: (x) => x.put(asm.c_nop).half(asm.lui(5, 1) & 0xffff),
    cause: 'illegal-instruction',
    pc: CODE_START + 2,
    cycles: 1,
  },
];

const hostCall = (
  name: string,
  write: (x: Assembler) => void,
  cause: TrapCause,
  cycles: number,
): Fault => ({
  name,
  code: (x) => {
    write(x);
    x.label('fault').put(asm.ecall);
    halt(x, 0, 0);
  },
  cause,
  cycles,
});
const setHalt = (length: number) => (x: Assembler) => x.li(11, length).li(17, 1);
const HOST_CALLS: readonly Fault[] = [
  ...[0, 3, 64, 93, -1].map((call) =>
    hostCall(`host call ${call}`, (x) => x.li(17, call), 'unknown-host-call', 1),
  ),
  hostCall(
    'a call number that agrees in its low half',
    (x) => x.li(17, 0x1_0000),
    'unknown-host-call',
    1,
  ),
  hostCall('HALT with 1 byte but no word', setHalt(1), 'journal-mismatch', 2),
  hostCall('HALT with 2^32 - 1 bytes', setHalt(-1), 'journal-mismatch', 2),
  hostCall('HALT with 2^32 - 4 bytes', setHalt(-4), 'journal-mismatch', 2),
  hostCall(
    'HALT with 2^31 bytes',
    (x) => x.put(asm.lui(11, 0x80000)).li(17, 1),
    'journal-mismatch',
    2,
  ),
  ...[0, 5, 8].map((length) =>
    hostCall(
      `HALT with ${length} bytes after one word`,
      (x) => setHalt(length)(commit(x.li(5, 1), 5)),
      'journal-mismatch',
      6,
    ),
  ),
  ...[
    [1, 0x0000_0100],
    [2, 0x0001_0000],
    [3, 0x0100_0000],
    [3, 0x8000_0000],
  ].map(([length = 0, word = 0]) =>
    hostCall(
      `HALT with ${length} bytes of the word 0x${word.toString(16)}`,
      (x) => setHalt(length)(commit(x.put(asm.addi(5, 0, 1), asm.slli(5, 5, Math.log2(word))), 5)),
      'journal-mismatch',
      7,
    ),
  ),
];

describe('Faults', () => {
  for (const fault of ILLEGAL_ENCODINGS) {
    it(`${fault.name} traps as ${fault.cause}`, async () => {
      await checkFault(fault);
    });
  }

  it('every funct7 that the manual leaves unused traps, the others do not', async () => {
    for (const [opcode, functs] of [
      [OP, [0, 1, 2, 3, 4, 5, 6, 7]],
      [OP_IMM, [1, 5]],
    ] as const) {
      for (const funct3 of functs) {
        for (let funct7 = 0; funct7 < 128; funct7++) {
          const word = (funct7 << 25) | (5 << 20) | (6 << 15) | (funct3 << 12) | (7 << 7) | opcode;
          const { outcome } = await runCode((x) => halt(x.put(asm.c_nop, word >>> 0), 0, 0));
          const expected = isLegalFunct7(opcode, funct3, funct7) ? 'exit' : 'illegal-instruction';
          const found = outcome.kind === 'trap' ? outcome.trap.cause : outcome.kind;
          assert.equal(found, expected, `0x${(word >>> 0).toString(16)}`);
        }
      }
    }
  });

  it('code between two segments of code is nowhere', async () => {
    const far = CODE_START + 0x1000;
    const code = new Assembler(far).put(asm.jal(0, 4), asm.c_j(2)).assemble();
    const parts = { segments: [{ address: far, bytes: code, flags: PF_R | PF_X }] };
    const name = 'gap';
    const cause = 'fetch-outside-code';
    const jump = (offset: number) => (x: Assembler) => x.put(asm.jal(0, offset));
    await checkFault({ name, parts, code: jump(0x800), cause, pc: CODE_START + 0x800, cycles: 1 });
    await checkFault({ name, parts, code: jump(0x1000), cause, pc: far + 6, cycles: 3 });
  });

  for (const fault of FETCHES) {
    it(`${fault.name} traps as ${fault.cause}`, async () => {
      await checkFault({ ...fault, parts: WITH_CONSTANTS });
    });
  }

  for (const fault of HOST_CALLS) {
    it(`${fault.name} traps as ${fault.cause}`, async () => {
      await checkFault(fault);
    });
  }

  it('keeps the words committed before a trap', async () => {
    const execution = await checkFault({
      name: 'trap after two words',
      code: (x) => {
        commit(commit(x.li(5, 0x123), 5), 17);
        x.label('fault').put(asm.ebreak);
      },
      cause: 'breakpoint',
      cycles: 7,
    });
    assert.deepEqual([...execution.journal], [0x23, 0x01, 0, 0, 2, 0, 0, 0]);
  });

  it('a store that traps in its second word leaves the first one as it was', async () => {
    const code = new Assembler(CODE_START)
      .li(5, 0x4100_0000 - 3)
      .put(asm.sw(5, 0, 5))
      .assemble();
    const segments: Segment[] = [];
    for await (const segment of record(programOf({ code }))) segments.push(segment);
    assert.equal(segments.length, 1);
    assert.equal(segments[0]?.cycles, 2);
    const touched = segments[0]?.touchedPages ?? [];
    assert.ok(touched.every(({ words, times }) => [...words, ...times].every((n) => n === 0)));
  });
});
