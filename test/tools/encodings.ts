/**
 * Encodings of RV32I and M, written from the ISA manual's chapter "RV32/64G Instruction Set
 * Listings". Independent of vm/: the tests use it as the oracle. A field outside its range throws.
 */

/** Concatenates the bits of `value` in the manual's notation: `12|10:5` is bit 12, then 10 to 5. */
export function bits(value: number, order: string): number {
  let result = 0;
  for (const part of order.split('|')) {
    const [high = 0, low = high] = part.split(':').map(Number);
    for (let bit = high; bit >= low; bit--) result = (result << 1) | ((value >> bit) & 1);
  }
  return result >>> 0;
}

/** Checks that `value` is a multiple of `step` in [low, high]. */
export function inRange(value: number, low: number, high: number, step = 1): number {
  if (!Number.isInteger(value) || value < low || value > high || value % step !== 0) {
    throw new RangeError(`operand ${value} is not a multiple of ${step} in [${low}, ${high}]`);
  }
  return value;
}

export const register = (number: number): number => inRange(number, 0, 31);
const shiftAmount = (amount: number): number => inRange(amount, 0, 31);

type ThreeRegisters = (rd: number, rs1: number, rs2: number) => number;
type RegisterImmediate = (rd: number, rs1: number, immediate: number) => number;
type Load = (rd: number, offset: number, rs1: number) => number;
type Store = (rs2: number, offset: number, rs1: number) => number;
type Branch = (rs1: number, rs2: number, offset: number) => number;
type Upper = (rd: number, immediate20: number) => number;

function rType(funct7: number, funct3: number): ThreeRegisters {
  return (rd, rs1, rs2) =>
    ((funct7 << 25) |
      (register(rs2) << 20) |
      (register(rs1) << 15) |
      (funct3 << 12) |
      (register(rd) << 7) |
      0b0110011) >>>
    0;
}

/** I-type with any opcode: also the fields of SYSTEM and MISC-MEM. */
export function iType(
  opcode: number,
  funct3: number,
  rd: number,
  rs1: number,
  immediate: number,
): number {
  const field = inRange(immediate, -2048, 2047) & 0xfff;
  return (
    ((field << 20) | (register(rs1) << 15) | (funct3 << 12) | (register(rd) << 7) | opcode) >>> 0
  );
}

const opImmediate =
  (funct3: number): RegisterImmediate =>
  (rd, rs1, immediate) =>
    iType(0b0010011, funct3, rd, rs1, immediate);

const shift =
  (funct7: number, funct3: number): RegisterImmediate =>
  (rd, rs1, amount) =>
    ((funct7 << 25) | iType(0b0010011, funct3, rd, rs1, shiftAmount(amount))) >>> 0;

const load =
  (funct3: number): Load =>
  (rd, offset, rs1) =>
    iType(0b0000011, funct3, rd, rs1, offset);

const store =
  (funct3: number): Store =>
  (rs2, offset, rs1) => {
    inRange(offset, -2048, 2047);
    return (
      ((bits(offset, '11:5') << 25) |
        (register(rs2) << 20) |
        (register(rs1) << 15) |
        (funct3 << 12) |
        (bits(offset, '4:0') << 7) |
        0b0100011) >>>
      0
    );
  };

const branch =
  (funct3: number): Branch =>
  (rs1, rs2, offset) => {
    inRange(offset, -4096, 4094, 2);
    return (
      ((bits(offset, '12|10:5') << 25) |
        (register(rs2) << 20) |
        (register(rs1) << 15) |
        (funct3 << 12) |
        (bits(offset, '4:1|11') << 7) |
        0b1100011) >>>
      0
    );
  };

const upper =
  (opcode: number): Upper =>
  (rd, immediate20) =>
    ((inRange(immediate20, 0, 0xfffff) << 12) | (register(rd) << 7) | opcode) >>> 0;

export const lui: Upper = upper(0b0110111);
export const auipc: Upper = upper(0b0010111);

export const jal = (rd: number, offset: number): number => {
  inRange(offset, -0x100000, 0xffffe, 2);
  return ((bits(offset, '20|10:1|11|19:12') << 12) | (register(rd) << 7) | 0b1101111) >>> 0;
};
export const jalr: Load = (rd, offset, rs1) => iType(0b1100111, 0b000, rd, rs1, offset);

export const beq: Branch = branch(0b000);
export const bne: Branch = branch(0b001);
export const blt: Branch = branch(0b100);
export const bge: Branch = branch(0b101);
export const bltu: Branch = branch(0b110);
export const bgeu: Branch = branch(0b111);

export const lb: Load = load(0b000);
export const lh: Load = load(0b001);
export const lw: Load = load(0b010);
export const lbu: Load = load(0b100);
export const lhu: Load = load(0b101);

export const sb: Store = store(0b000);
export const sh: Store = store(0b001);
export const sw: Store = store(0b010);

export const addi: RegisterImmediate = opImmediate(0b000);
export const slti: RegisterImmediate = opImmediate(0b010);
export const sltiu: RegisterImmediate = opImmediate(0b011);
export const xori: RegisterImmediate = opImmediate(0b100);
export const ori: RegisterImmediate = opImmediate(0b110);
export const andi: RegisterImmediate = opImmediate(0b111);
export const slli: RegisterImmediate = shift(0b0000000, 0b001);
export const srli: RegisterImmediate = shift(0b0000000, 0b101);
export const srai: RegisterImmediate = shift(0b0100000, 0b101);

export const add: ThreeRegisters = rType(0b0000000, 0b000);
export const sub: ThreeRegisters = rType(0b0100000, 0b000);
export const sll: ThreeRegisters = rType(0b0000000, 0b001);
export const slt: ThreeRegisters = rType(0b0000000, 0b010);
export const sltu: ThreeRegisters = rType(0b0000000, 0b011);
export const xor: ThreeRegisters = rType(0b0000000, 0b100);
export const srl: ThreeRegisters = rType(0b0000000, 0b101);
export const sra: ThreeRegisters = rType(0b0100000, 0b101);
export const or: ThreeRegisters = rType(0b0000000, 0b110);
export const and: ThreeRegisters = rType(0b0000000, 0b111);

export const mul: ThreeRegisters = rType(0b0000001, 0b000);
export const mulh: ThreeRegisters = rType(0b0000001, 0b001);
export const mulhsu: ThreeRegisters = rType(0b0000001, 0b010);
export const mulhu: ThreeRegisters = rType(0b0000001, 0b011);
export const div: ThreeRegisters = rType(0b0000001, 0b100);
export const divu: ThreeRegisters = rType(0b0000001, 0b101);
export const rem: ThreeRegisters = rType(0b0000001, 0b110);
export const remu: ThreeRegisters = rType(0b0000001, 0b111);

/** FENCE with all fields: `fm`, predecessor and successor sets of 4 bits each, rs1, rd. */
export const fence = (
  fm: number,
  predecessor: number,
  successor: number,
  rd = 0,
  rs1 = 0,
): number =>
  ((inRange(fm, 0, 15) << 28) |
    (inRange(predecessor, 0, 15) << 24) |
    (inRange(successor, 0, 15) << 20) |
    (register(rs1) << 15) |
    (register(rd) << 7) |
    0b0001111) >>>
  0;

export const ecall = 0x0000_0073;
export const ebreak = 0x0010_0073;
/** FENCE.I of Zifencei, which the machine does not have. */
export const fenceI: number = iType(0b0001111, 0b001, 0, 0, 0);

/** CSRRW 1, CSRRS 2, CSRRC 3, CSRRWI 5, CSRRSI 6, CSRRCI 7 by their funct3. */
export const csr = (funct3: number, rd: number, number: number, rs1: number): number =>
  ((inRange(number, 0, 0xfff) << 20) | iType(0b1110011, funct3, rd, rs1, 0)) >>> 0;
