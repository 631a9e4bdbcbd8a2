/** The form of field elements in the kernels' memory: x stands as x 2^32 mod p. */
import { KoalaBear } from '@vouch/verifier';

const { MODULUS, mul, pow } = KoalaBear;

/** 2^32 mod p and its inverse. */
const FACTOR = 2 ** 32 % MODULUS;
const INVERSE_FACTOR = pow(FACTOR, MODULUS - 2);

/** The Montgomery form of a canonical element. */
export function toMontgomery(element: number): number {
  return mul(element, FACTOR);
}

/** The canonical element of a Montgomery form. */
export function fromMontgomery(word: number): number {
  return mul(word, INVERSE_FACTOR);
}
