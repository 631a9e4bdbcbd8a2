/**
 * What the computational instructions of RV32I and M give, written over integers from the ISA
 * manual's sentences. Operands and results are 32-bit patterns, as numbers.
 */
const unsigned = (value: number): bigint => BigInt(value >>> 0);
const signed = (value: number): bigint => BigInt(value | 0);
const pattern = (value: bigint): number => Number(BigInt.asUintN(32, value));
const amount = (value: number): bigint => unsigned(value) % 32n;
const truth = (value: boolean): number => (value ? 1 : 0);

export type Operation = (a: number, b: number) => number;

/** RV32I, chapter "RV32I Base Integer Instruction Set", "Integer Computational Instructions". */
export const BASE_MODEL: Readonly<Record<string, Operation>> = {
  add: (a, b) => pattern(unsigned(a) + unsigned(b)),
  sub: (a, b) => pattern(unsigned(a) - unsigned(b)),
  xor: (a, b) => pattern(unsigned(a) ^ unsigned(b)),
  or: (a, b) => pattern(unsigned(a) | unsigned(b)),
  and: (a, b) => pattern(unsigned(a) & unsigned(b)),
  sll: (a, b) => pattern(unsigned(a) * 2n ** amount(b)),
  srl: (a, b) => pattern(unsigned(a) / 2n ** amount(b)),
  sra: (a, b) => pattern(signed(a) >> amount(b)),
  slt: (a, b) => truth(signed(a) < signed(b)),
  sltu: (a, b) => truth(unsigned(a) < unsigned(b)),
};

/** Chapter "M Extension", with its table of the results of division by zero and of overflow. */
export const MULTIPLY_MODEL: Readonly<Record<string, Operation>> = {
  mul: (a, b) => pattern(unsigned(a) * unsigned(b)),
  mulh: (a, b) => pattern((signed(a) * signed(b)) >> 32n),
  mulhsu: (a, b) => pattern((signed(a) * unsigned(b)) >> 32n),
  mulhu: (a, b) => pattern((unsigned(a) * unsigned(b)) >> 32n),
  div: (a, b) => (b === 0 ? 0xffff_ffff : pattern(signed(a) / signed(b))),
  divu: (a, b) => (b === 0 ? 0xffff_ffff : pattern(unsigned(a) / unsigned(b))),
  rem: (a, b) => (b === 0 ? a >>> 0 : pattern(signed(a) % signed(b))),
  remu: (a, b) => (b === 0 ? a >>> 0 : pattern(unsigned(a) % unsigned(b))),
};

/** Conditions of the branches, "Conditional Branches". */
export const BRANCH_MODEL: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  beq: (a, b) => unsigned(a) === unsigned(b),
  bne: (a, b) => unsigned(a) !== unsigned(b),
  blt: (a, b) => signed(a) < signed(b),
  bge: (a, b) => signed(a) >= signed(b),
  bltu: (a, b) => unsigned(a) < unsigned(b),
  bgeu: (a, b) => unsigned(a) >= unsigned(b),
};
