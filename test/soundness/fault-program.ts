/** A program in which every row that a program table can have is executed, and its record. */
import { DATA_START, PRIVATE_INPUT_START, PUBLIC_INPUT_START } from '../../vm/memory-map.ts';
import * as asm from '../tools/assembler.ts';
import { Assembler } from '../tools/assembler.ts';
import { CODE_START, commit, halt, programOf } from '../tools/guest-program.ts';
import { IMMEDIATE_NAMES, MULTIPLY_NAMES, REGISTER_NAMES } from '../tools/instruction-set.ts';
import { type RecordedRun, recordRun } from '../trace-arith/support.ts';

type Encoder = (...operands: number[]) => number;
const named = (name: string): Encoder =>
  (asm as unknown as Record<string, Encoder>)[name] as Encoder;

const BASE = 5;
const RESULT = 7;
/** Operands; x12 and x13 are added up in place. */
const [LEFT, RIGHT, SUM, OTHER] = [10, 11, 12, 13];
const LINK = 1;
const TARGET = 6;

/** Each round works on other operands. */
const OPERANDS: readonly (readonly [number, number])[] = [
  [0x8765_4321, 0x0001_2345],
  [0x0000_0007, 0xffff_fffd],
  [0x8000_0000, 0x0000_0000],
];

/** Runs every instruction, aligned and not, with equal registers and with x0. */
export function runOfEverything(): Promise<RecordedRun> {
  const x = new Assembler(CODE_START);
  let words = 0;
  for (const [round, operands] of OPERANDS.entries()) {
    x.li(BASE, DATA_START).li(SUM, 9).li(OTHER, 4);
    x.li(LEFT, operands[0]).li(RIGHT, operands[1]);
    computations(x);
    memory(x);
    control(x, round);
    for (const register of [RESULT, SUM]) {
      x.put(asm.add(LEFT, register, 0)).hostCall(2);
      words++;
    }
  }
  x.li(BASE, PUBLIC_INPUT_START).put(asm.lw(RESULT, 4, BASE));
  x.li(BASE, PRIVATE_INPUT_START).put(asm.lw(RESULT, 4, BASE));
  commit(x, RESULT);
  halt(x, 0, words + 1);
  const data = Uint8Array.from({ length: 64 }, (_, i) => (37 * i + 130) & 0xff);
  const program = programOf({ code: x.assemble(), data });
  const publicInput = Uint8Array.of(5, 0, 0, 0);
  return recordRun(program, { publicInput, privateInput: Uint8Array.of(7, 0, 0, 0) });
}

function computations(x: Assembler): void {
  for (const name of `${REGISTER_NAMES} ${MULTIPLY_NAMES}`.split(' ')) {
    const encode = named(name);
    x.put(encode(RESULT, LEFT, RIGHT), encode(RESULT, LEFT, LEFT), encode(SUM, SUM, OTHER));
    x.put(encode(RESULT, LEFT, 0), encode(0, LEFT, RIGHT));
  }
  x.put(asm.add(OTHER, SUM, OTHER), asm.sub(SUM, SUM, OTHER));
  for (const name of IMMEDIATE_NAMES.split(' ')) {
    const encode = named(name);
    for (const immediate of [-3, 0x7ff]) x.put(encode(RESULT, LEFT, immediate));
    x.put(encode(SUM, SUM, 5));
  }
  for (const name of ['slli', 'srli', 'srai']) {
    for (const amount of [0, 5, 16, 27]) x.put(named(name)(RESULT, LEFT, amount));
    x.put(named(name)(SUM, SUM, 3));
  }
  x.put(asm.lui(RESULT, 0x87654), asm.auipc(RESULT, 0x7ffff), asm.c_mv(RESULT, LEFT));
}

function memory(x: Assembler): void {
  for (const name of ['sb', 'sh', 'sw']) {
    for (const offset of [0, 1, 2, 3]) x.put(named(name)(LEFT, 8 + offset, BASE));
    x.put(named(name)(BASE, 24, BASE), named(name)(0, 20, BASE));
  }
  for (const name of ['lb', 'lbu', 'lh', 'lhu', 'lw']) {
    for (const offset of [0, 1, 2, 3]) x.put(named(name)(RESULT, 8 + offset, BASE));
    x.put(named(name)(0, 8, BASE), asm.xor(SUM, SUM, RESULT));
  }
  // Words of their own, so that each of these is the last access to its word.
  for (const offset of [32, 41]) x.put(asm.add(OTHER, BASE, 0), asm.lw(OTHER, offset, OTHER));
}

function control(x: Assembler, round: number): void {
  for (const name of ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu']) {
    for (const [i, operands] of [
      [LEFT, RIGHT],
      [RIGHT, LEFT],
      [LEFT, LEFT],
      [LEFT, 0],
    ].entries()) {
      const label = `${name} ${i} ${round}`;
      x.refer(label, 4, (offset) => named(name)(...operands, offset));
      x.put(asm.addi(SUM, SUM, 1)).label(label);
    }
  }
  const [call, jump, computed] = ['call', 'jump', 'computed'].map((name) => `${name} ${round}`) as [
    string,
    string,
    string,
  ];
  x.refer(call, 4, (offset) => asm.jal(LINK, offset))
    .put(asm.addi(SUM, SUM, 1))
    .label(call);
  x.jump(jump)
    .put(asm.addi(SUM, SUM, 1))
    .label(jump);
  x.la(TARGET, computed)
    .put(asm.jalr(LINK, 0, TARGET), asm.addi(SUM, SUM, 1))
    .label(computed);
  const plain = `plain ${round}`;
  x.la(TARGET, plain)
    .put(asm.jalr(0, 0, TARGET), asm.addi(SUM, SUM, 1))
    .label(plain);
}
