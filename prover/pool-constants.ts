/** Writes the constants that the kernels load: kernel-layout.ts says where they are. */
import { FULL_ROUND_CONSTANTS, KoalaBear, PARTIAL_ROUND_CONSTANTS } from '@vouch/verifier';
import { INITIAL_WORDS } from './blake3.ts';
import {
  POOL_BLAKE3,
  POOL_FULL_ROUNDS,
  POOL_HALF_P,
  POOL_LOW_BITS,
  POOL_P,
  POOL_P_HIGH,
  POOL_P_INVERSE,
  POOL_P_MIDDLE,
  POOL_PARTIAL_ROUNDS,
  POOL_R_SQUARED,
  POOL_ROOTS,
} from './kernel-layout.ts';
import { toMontgomery } from './montgomery.ts';

const { MODULUS, TWO_ADICITY, twoAdicGenerator } = KoalaBear;
const P_INVERSE = 0x81000001;

export function writePool(memory: WebAssembly.Memory): void {
  const words = new Uint32Array(memory.buffer);
  const four = (at: number, value: number): unknown => words.fill(value, at / 4, at / 4 + 4);
  four(POOL_P, MODULUS);
  four(POOL_P_INVERSE, P_INVERSE);
  four(POOL_HALF_P, (MODULUS - 1) / 2);
  four(POOL_R_SQUARED, toMontgomery(toMontgomery(1)));
  words.set([0, MODULUS, 0, MODULUS], POOL_P_HIGH / 4);
  const middle = [2 ** 31, (MODULUS - 1) / 2];
  words.set([...middle, ...middle], POOL_P_MIDDLE / 4);
  for (let k = 0; k <= TWO_ADICITY; k++) words[POOL_ROOTS / 4 + k] = twoAdicGenerator(k);
  for (const [i, k] of [1, 3, 4, 8, 24].entries()) four(POOL_LOW_BITS + 16 * i, 2 ** k - 1);
  for (const [i, word] of INITIAL_WORDS.entries()) four(POOL_BLAKE3 + 16 * i, word);
  words.set(FULL_ROUND_CONSTANTS.map(lessModulus), POOL_FULL_ROUNDS / 4);
  words.set(PARTIAL_ROUND_CONSTANTS.map(lessModulus), POOL_PARTIAL_ROUNDS / 4);
}

/** Montgomery form less p, as a 32-bit word. */
function lessModulus(element: number): number {
  return toMontgomery(element) - MODULUS;
}
