/**
 * The 16-bit instructions of RV32C (ISA manual, chapter "C" Extension, "RVC Instruction Set
 * Listings"): each line says into which 32-bit instruction an encoding expands.
 *
 * Reserved encodings and those left to custom extensions have no expansion, nor have the
 * floating-point loads and stores and C.EBREAK. HINTs expand by the same rules into instructions
 * without effect.
 */
import { bitPattern, type FieldReader, scattered, signedScattered } from './bit-fields.ts';
import { formOf } from './encodings.ts';

/** One compressed instruction. */
export interface CompressedForm {
  readonly mnemonic: string;
  readonly mask: number;
  readonly match: number;
  /** How assembly text lists the operands, as fields of the expansion. */
  readonly operands: string;
  /** The 32-bit encoding, signed; 0 if this encoding is reserved. */
  readonly expand: FieldReader;
}

/** The form of a half-word; undefined if it is no legal compressed instruction. */
export function findCompressed(half: number): CompressedForm | undefined {
  const candidates = BY_KEY[((half & 3) << 3) | (half >>> 13)] as readonly CompressedForm[];
  for (const form of candidates) {
    if ((half & form.mask) === form.match) return form.expand(half) === 0 ? undefined : form;
  }
  return undefined;
}

/** The 32-bit encoding of a half-word, signed; 0 if it is no legal compressed instruction. */
export function expand(half: number): number {
  const candidates = BY_KEY[((half & 3) << 3) | (half >>> 13)] as readonly CompressedForm[];
  for (const form of candidates) if ((half & form.mask) === form.match) return form.expand(half);
  return 0;
}

/** C.EBREAK: legal in the manual, a breakpoint here. */
export const C_EBREAK = 0x9002;

const ZERO = 0;
const RA = 1;
const SP = 2;

const rd: FieldReader = (half) => (half >>> 7) & 31;
const rs2: FieldReader = (half) => (half >>> 2) & 31;
/** rd', rs1', rs2' stand for x8 to x15. */
const upperPrime: FieldReader = (half) => 8 + ((half >>> 7) & 7);
const lowerPrime: FieldReader = (half) => 8 + ((half >>> 2) & 7);

const immediate6 = signedScattered('12|6:2', '5|4:0');
const shiftAmount = scattered('6:2', '4:0');
const addi4spnImmediate = scattered('12:5', '5:4|9:6|2|3');
const addi16spImmediate = signedScattered('12|6:2', '9|4|6|8:7|5');
const luiImmediate = signedScattered('12|6:2', '17|16:12');
const wordOffset = scattered('12:10|6:5', '5:3|2|6');
const lwspOffset = scattered('12|6:2', '5|4:2|7:6');
const swspOffset = scattered('12:7', '5:2|7:6');
const jumpOffset = signedScattered('12:2', '11|4|9:8|10|6|7|3:1|5');
const branchOffset = signedScattered('12:10|6:2', '8|4:3|7:6|2:1|5');

const add = rType('add');
const sub = rType('sub');
const xor = rType('xor');
const or = rType('or');
const and = rType('and');
const addi = iType('addi');
const andi = iType('andi');
const slli = iType('slli');
const srli = iType('srli');
const srai = iType('srai');
const lw = iType('lw');
const jalr = iType('jalr');
const sw = sType('sw');
const beq = bType('beq');
const bne = bType('bne');
const jal = jType('jal');
const LUI = formOf('lui').match;

/** More specific patterns stand before the general ones. */
export const COMPRESSED_FORMS: readonly CompressedForm[] = [
  form('000 ........ ... 00', 'c.addi4spn', 'rd rs1 immediate', (h) =>
    addi4spnImmediate(h) === 0 ? 0 : addi(lowerPrime(h), SP, addi4spnImmediate(h)),
  ),
  form('010 ... ... .. ... 00', 'c.lw', 'rd offset(rs1)', (h) =>
    lw(lowerPrime(h), upperPrime(h), wordOffset(h)),
  ),
  form('110 ... ... .. ... 00', 'c.sw', 'rs2 offset(rs1)', (h) =>
    sw(lowerPrime(h), upperPrime(h), wordOffset(h)),
  ),

  form('000 . 00000 ..... 01', 'c.nop', 'hint', (h) => addi(ZERO, ZERO, immediate6(h))),
  form('000 . ..... ..... 01', 'c.addi', 'rd immediate', (h) => addi(rd(h), rd(h), immediate6(h))),
  form('001 ........... 01', 'c.jal', 'target', (h) => jal(RA, jumpOffset(h))),
  form('010 . ..... ..... 01', 'c.li', 'rd immediate', (h) => addi(rd(h), ZERO, immediate6(h))),
  form('011 . 00010 ..... 01', 'c.addi16sp', 'rd immediate', (h) =>
    addi16spImmediate(h) === 0 ? 0 : addi(SP, SP, addi16spImmediate(h)),
  ),
  form('011 . ..... ..... 01', 'c.lui', 'rd upper', (h) =>
    luiImmediate(h) === 0 ? 0 : LUI | (rd(h) << 7) | luiImmediate(h),
  ),
  form('100 0 00 ... ..... 01', 'c.srli', 'rd amount', (h) =>
    srli(upperPrime(h), upperPrime(h), shiftAmount(h)),
  ),
  form('100 0 01 ... ..... 01', 'c.srai', 'rd amount', (h) =>
    srai(upperPrime(h), upperPrime(h), shiftAmount(h)),
  ),
  form('100 . 10 ... ..... 01', 'c.andi', 'rd immediate', (h) =>
    andi(upperPrime(h), upperPrime(h), immediate6(h)),
  ),
  form('100 0 11 ... 00 ... 01', 'c.sub', 'rd rs2', (h) =>
    sub(upperPrime(h), upperPrime(h), lowerPrime(h)),
  ),
  form('100 0 11 ... 01 ... 01', 'c.xor', 'rd rs2', (h) =>
    xor(upperPrime(h), upperPrime(h), lowerPrime(h)),
  ),
  form('100 0 11 ... 10 ... 01', 'c.or', 'rd rs2', (h) =>
    or(upperPrime(h), upperPrime(h), lowerPrime(h)),
  ),
  form('100 0 11 ... 11 ... 01', 'c.and', 'rd rs2', (h) =>
    and(upperPrime(h), upperPrime(h), lowerPrime(h)),
  ),
  form('101 ........... 01', 'c.j', 'target', (h) => jal(ZERO, jumpOffset(h))),
  form('110 ... ... ..... 01', 'c.beqz', 'rs1 target', (h) =>
    beq(upperPrime(h), ZERO, branchOffset(h)),
  ),
  form('111 ... ... ..... 01', 'c.bnez', 'rs1 target', (h) =>
    bne(upperPrime(h), ZERO, branchOffset(h)),
  ),

  form('000 0 ..... ..... 10', 'c.slli', 'rd amount', (h) => slli(rd(h), rd(h), shiftAmount(h))),
  form('010 . ..... ..... 10', 'c.lwsp', 'rd offset(rs1)', (h) =>
    rd(h) === ZERO ? 0 : lw(rd(h), SP, lwspOffset(h)),
  ),
  form('100 0 ..... 00000 10', 'c.jr', 'rs1', (h) => (rd(h) === ZERO ? 0 : jalr(ZERO, rd(h), 0))),
  form('100 0 ..... ..... 10', 'c.mv', 'rd rs2', (h) => add(rd(h), ZERO, rs2(h))),
  form('100 1 ..... 00000 10', 'c.jalr', 'rs1', (h) => (rd(h) === ZERO ? 0 : jalr(RA, rd(h), 0))),
  form('100 1 ..... ..... 10', 'c.add', 'rd rs2', (h) => add(rd(h), rd(h), rs2(h))),
  form('110 ...... ..... 10', 'c.swsp', 'rs2 offset(rs1)', (h) => sw(rs2(h), SP, swspOffset(h))),
];

function form(
  listing: string,
  mnemonic: string,
  operands: string,
  expansion: FieldReader,
): CompressedForm {
  return { mnemonic, ...bitPattern(listing), operands, expand: expansion };
}

type RegisterForm = (rd: number, rs1: number, rs2: number) => number;
type ImmediateForm = (rd: number, rs1: number, immediate: number) => number;
type StoreForm = (rs2: number, rs1: number, offset: number) => number;
type BranchForm = (rs1: number, rs2: number, offset: number) => number;
type JumpForm = (rd: number, offset: number) => number;

function rType(mnemonic: string): RegisterForm {
  const { match } = formOf(mnemonic);
  return (d, s1, s2) => match | (d << 7) | (s1 << 15) | (s2 << 20);
}

function iType(mnemonic: string): ImmediateForm {
  const { match } = formOf(mnemonic);
  return (d, s1, immediate) => match | (d << 7) | (s1 << 15) | (immediate << 20);
}

function sType(mnemonic: string): StoreForm {
  const { match } = formOf(mnemonic);
  const place = scattered('11:5|4:0', '31:25|11:7');
  return (s2, s1, offset) => match | (s1 << 15) | (s2 << 20) | place(offset);
}

function bType(mnemonic: string): BranchForm {
  const { match } = formOf(mnemonic);
  const place = scattered('12|10:5|4:1|11', '31|30:25|11:8|7');
  return (s1, s2, offset) => match | (s1 << 15) | (s2 << 20) | place(offset);
}

function jType(mnemonic: string): JumpForm {
  const { match } = formOf(mnemonic);
  const place = scattered('20|10:1|11|19:12', '31|30:21|20|19:12');
  return (d, offset) => match | (d << 7) | place(offset);
}

/** Quadrant and funct3 of an encoding select its few candidates. */
const KEY_MASK = 0xe003;
const BY_KEY: readonly (readonly CompressedForm[])[] = Array.from({ length: 32 }, (_, key) => {
  const bits = (key >>> 3) | ((key & 7) << 13);
  return COMPRESSED_FORMS.filter(
    (candidate) => ((candidate.match ^ bits) & candidate.mask & KEY_MASK) === 0,
  );
});
