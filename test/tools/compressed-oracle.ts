/**
 * What each RV32C half-word means, written from the ISA manual's instruction formats one after the
 * other, as an oracle for the decoder. Independent of vm/: immediates are listed here from their
 * highest bit down, by the encoding's bit that holds it.
 */

/** Expansion: mnemonic, rd, rs1, rs2, immediate. */
export type Expansion = readonly [string, number, number, number, number];

/** The legal expansion of `half`; undefined for reserved and custom encodings, F, D and C.EBREAK. */
export function expandCompressed(half: number): Expansion | undefined {
  const bit = (i: number): number => (half >> i) & 1;
  /** `_` is a zero bit. */
  const unsigned = (places: string): number =>
    places.split(' ').reduce((sum, place) => 2 * sum + (place === '_' ? 0 : bit(Number(place))), 0);
  const signed = (places: string): number => {
    const width = places.split(' ').length;
    const value = unsigned(places);
    return value >= 2 ** (width - 1) ? value - 2 ** width : value;
  };
  const full = unsigned('11 10 9 8 7');
  const low = unsigned('6 5 4 3 2');
  const high3 = 8 + unsigned('9 8 7');
  const low3 = 8 + unsigned('4 3 2');
  const funct3 = half >> 13;
  const six = signed('12 6 5 4 3 2');
  const wordOffset = unsigned('5 12 11 10 6 _ _');
  const jump = signed('12 8 10 9 6 7 2 11 5 4 3 _');
  const branch = signed('12 6 5 2 11 10 4 3 _');

  switch (`${half & 3} ${funct3}`) {
    case '0 0': {
      const immediate = unsigned('10 9 8 7 12 11 5 6 _ _');
      return immediate === 0 ? undefined : ['addi', low3, 2, 0, immediate];
    }
    case '0 2':
      return ['lw', low3, high3, 0, wordOffset];
    case '0 6':
      return ['sw', 0, high3, low3, wordOffset];
    case '1 0':
      return ['addi', full, full, 0, six];
    case '1 1':
      return ['jal', 1, 0, 0, jump];
    case '1 2':
      return ['addi', full, 0, 0, six];
    case '1 3': {
      if (six === 0) return undefined;
      if (full === 2) return ['addi', 2, 2, 0, signed('12 4 3 5 2 6 _ _ _ _')];
      return ['lui', full, 0, 0, six * 4096];
    }
    case '1 4':
      return arithmetic(bit(12), unsigned('11 10'), unsigned('6 5'), high3, low3, low, six);
    case '1 5':
      return ['jal', 0, 0, 0, jump];
    case '1 6':
      return ['beq', 0, high3, 0, branch];
    case '1 7':
      return ['bne', 0, high3, 0, branch];
    case '2 0':
      return bit(12) === 1 ? undefined : ['slli', full, full, 0, low];
    case '2 2':
      return full === 0 ? undefined : ['lw', full, 2, 0, unsigned('3 2 12 6 5 4 _ _')];
    case '2 4':
      return registerForms(bit(12), full, low);
    case '2 6':
      return ['sw', 0, 2, low, unsigned('8 7 12 11 10 9 _ _')];
    default:
      return undefined;
  }
}

function arithmetic(
  bit12: number,
  kind: number,
  operation: number,
  register: number,
  second: number,
  amount: number,
  immediate: number,
): Expansion | undefined {
  if (kind === 2) return ['andi', register, register, 0, immediate];
  if (bit12 === 1) return undefined;
  if (kind === 0) return ['srli', register, register, 0, amount];
  if (kind === 1) return ['srai', register, register, 0, amount];
  const names = ['sub', 'xor', 'or', 'and'];
  return [names[operation] ?? '', register, register, second, 0];
}

function registerForms(bit12: number, first: number, second: number): Expansion | undefined {
  if (second === 0) return first === 0 ? undefined : ['jalr', bit12, first, 0, 0];
  return ['add', first, bit12 === 0 ? 0 : first, second, 0];
}
