import { KoalaBear } from '@vouch/verifier';
import type { Kernels } from '../kernel.ts';
import { type FieldMemory, reverseBits, shoupQuotient } from './field-memory.ts';

const { add, mul, pow, sub, twoAdicGenerator } = KoalaBear;

export type NttKernels = Pick<Kernels, 'makeTwiddles' | 'extendColumns'>;

/**
 * Twins of kernels/ntt.ts: even and odd coefficients, recursively, then the bit reversal, where the
 * kernel divides by the polynomials X^n - c.
 */
export function nttTwins(memory: FieldMemory): NttKernels {
  return {
    makeTwiddles(table, logSize) {
      const generator = twoAdicGenerator(logSize + 1);
      for (let i = 0; i < 2 ** logSize; i++) {
        const w = pow(generator, reverseBits(i, logSize));
        memory.setWord(table + 4 * i, w);
        memory.setWord(table + 4 * (i + 2 ** logSize), shoupQuotient(w));
      }
    },
    extendColumns(source, sourceStride, target, targetStride, logRows, logBlowup, _, __, from, to) {
      const logSize = logRows + logBlowup;
      for (let c = from; c < to; c++) {
        const coefficients = new Array<number>(2 ** logSize).fill(0);
        for (let i = 0; i < 2 ** logRows; i++) {
          coefficients[i] = memory.word(source + c * sourceStride + 4 * i);
        }
        const values = evaluate(coefficients, logSize);
        for (let i = 0; i < values.length; i++) {
          const value = values[reverseBits(i, logSize)] as number;
          memory.setWord(target + c * targetStride + 4 * i, value);
        }
      }
    },
  };
}

/** Values at w^0, w^1, ... for w of order 2^logSize. Linear, so any form of elements will do. */
function evaluate(coefficients: readonly number[], logSize: number): number[] {
  if (logSize === 0) return [...coefficients];
  const evens = evaluate(
    coefficients.filter((_, i) => i % 2 === 0),
    logSize - 1,
  );
  const odds = evaluate(
    coefficients.filter((_, i) => i % 2 === 1),
    logSize - 1,
  );
  const values = new Array<number>(coefficients.length);
  const generator = twoAdicGenerator(logSize);
  let x = 1;
  for (const [i, even] of evens.entries()) {
    const odd = mul(x, odds[i] as number);
    values[i] = add(even, odd);
    values[i + evens.length] = sub(even, odd);
    x = mul(x, generator);
  }
  return values;
}
