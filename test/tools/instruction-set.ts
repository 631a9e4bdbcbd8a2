/**
 * Every instruction of RV32IMC as data: name, operands and encoder. Random programs are drawn from
 * it and printed with it.
 */
import * as asm from './assembler.ts';

/**
 * What an operand may be. `x`: any register; `x+`: not x0; `x'`: x8 to x15; others: an immediate,
 * by range.
 */
export type Operand =
  | 'x'
  | 'x+'
  | 'x-lui'
  | "x'"
  | { readonly low: number; readonly high: number; readonly step: number; readonly zero: boolean };

const immediate = (low: number, high: number, step = 1, zero = true): Operand => ({
  low,
  high,
  step,
  zero,
});

export type Kind = 'compute' | 'load' | 'store' | 'branch' | 'jump' | 'jump-register';

export interface InstructionForm {
  /** `c.addi4spn` */
  readonly name: string;
  readonly kind: Kind;
  /** In the order of the encoder's parameters, which is that of assembly text. */
  readonly operands: readonly Operand[];
  readonly encode: (...operands: number[]) => number;
  /** Index of the operand that is the destination; -1 if there is none. */
  readonly destination: number;
}

type Encoder = (...operands: number[]) => number;

function form(
  name: string,
  kind: Kind,
  operands: readonly Operand[],
  destination: number,
): InstructionForm {
  const key = name.replace('.', '_');
  const encode = (asm as unknown as Record<string, Encoder>)[key];
  if (encode === undefined) throw new Error(`no encoder ${key}`);
  return { name, kind, operands, encode, destination };
}

const forms = (
  names: string,
  kind: Kind,
  operands: readonly Operand[],
  destination: number,
): InstructionForm[] => names.split(' ').map((name) => form(name, kind, operands, destination));

const SIGNED12 = immediate(-2048, 2047);
const SHIFT = immediate(0, 31);
const SIGNED6 = immediate(-32, 31);
const UPPER = immediate(0, 0xfffff);

/** Names of the three-register instructions of RV32I. */
export const REGISTER_NAMES = 'add sub sll slt sltu xor srl sra or and';
/** Names of the M extension. */
export const MULTIPLY_NAMES = 'mul mulh mulhsu mulhu div divu rem remu';
export const IMMEDIATE_NAMES = 'addi slti sltiu xori ori andi';

export const INSTRUCTION_SET: readonly InstructionForm[] = [
  ...forms(`${REGISTER_NAMES} ${MULTIPLY_NAMES}`, 'compute', ['x', 'x', 'x'], 0),
  ...forms(IMMEDIATE_NAMES, 'compute', ['x', 'x', SIGNED12], 0),
  ...forms('slli srli srai', 'compute', ['x', 'x', SHIFT], 0),
  ...forms('lui auipc', 'compute', ['x', UPPER], 0),
  ...forms('lb lh lw lbu lhu', 'load', ['x', SIGNED12, 'x'], 0),
  ...forms('sb sh sw', 'store', ['x', SIGNED12, 'x'], -1),
  ...forms('beq bne blt bge bltu bgeu', 'branch', ['x', 'x', immediate(-4096, 4094, 2)], -1),
  ...forms('jal', 'jump', ['x', immediate(-0x100000, 0xffffe, 2)], 0),
  ...forms('jalr', 'jump-register', ['x', SIGNED12, 'x'], 0),
  ...forms('c.addi4spn', 'compute', ["x'", immediate(0, 1020, 4, false)], 0),
  ...forms('c.addi c.li', 'compute', ['x', SIGNED6], 0),
  ...forms('c.addi16sp', 'compute', [immediate(-512, 496, 16, false)], -1),
  ...forms('c.lui', 'compute', ['x-lui', immediate(-32, 31, 1, false)], 0),
  ...forms('c.slli', 'compute', ['x', SHIFT], 0),
  ...forms('c.srli c.srai', 'compute', ["x'", SHIFT], 0),
  ...forms('c.andi', 'compute', ["x'", SIGNED6], 0),
  ...forms('c.sub c.xor c.or c.and', 'compute', ["x'", "x'"], 0),
  ...forms('c.mv c.add', 'compute', ['x', 'x+'], 0),
  ...forms('c.lw', 'load', ["x'", immediate(0, 124, 4), "x'"], 0),
  ...forms('c.lwsp', 'load', ['x+', immediate(0, 252, 4)], 0),
  ...forms('c.sw', 'store', ["x'", immediate(0, 124, 4), "x'"], -1),
  ...forms('c.swsp', 'store', ['x', immediate(0, 252, 4)], -1),
  ...forms('c.beqz c.bnez', 'branch', ["x'", immediate(-256, 254, 2)], -1),
  ...forms('c.j c.jal', 'jump', [immediate(-2048, 2046, 2)], -1),
  ...forms('c.jr c.jalr', 'jump-register', ['x+'], -1),
];

const REGISTERS: ReadonlySet<Operand> = new Set<Operand>(['x', 'x+', 'x-lui', "x'"]);

/** The instruction as GNU as reads it. */
export function assemblyText(form: InstructionForm, operands: readonly number[]): string {
  const shown = operands.map((value, i) => {
    const isRegister = REGISTERS.has(form.operands[i] ?? 'x');
    if (isRegister) return `x${value}`;
    const isOffset = form.kind === 'branch' || form.kind === 'jump';
    if (isOffset) return value < 0 ? `.${value}` : `.+${value}`;
    return form.name === 'c.lui' && value < 0 ? `${value + 0x100000}` : `${value}`;
  });
  if (form.name === 'c.addi16sp') shown.unshift('sp');
  if (form.name === 'c.addi4spn') shown.splice(1, 0, 'sp');
  if (form.name === 'c.lwsp' || form.name === 'c.swsp') shown.push('sp');
  const isMemory = form.kind === 'load' || form.kind === 'store' || form.name === 'jalr';
  const list = isMemory ? `${shown[0]}, ${shown[1]}(${shown[2]})` : shown.join(', ');
  return `${form.name} ${list}`;
}
