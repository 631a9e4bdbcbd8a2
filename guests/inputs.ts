/** How a guest's input is made, as `guests.json` states it. */
export type InputRecipe =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'hex'; readonly hex: string }
  /** 32-bit words, little-endian. */
  | { readonly kind: 'words'; readonly words: readonly number[] }
  | GeneratedRecipe;

/** A pseudo-random problem of a benchmark program. */
export interface GeneratedRecipe extends Sizes {
  readonly kind: 'generated';
  readonly generator: GeneratorName;
}

/** Sizes of a problem, by the letters of the papers and of the programs' constants. */
export interface Sizes {
  readonly M: number;
  readonly D?: number;
  readonly K?: number;
}

/**
 * The bytes that a recipe describes.
 *
 * Generated problems use the sequence X <- 1664525 X + 1013904223 mod 2^32 from X = 1 (Numerical
 * Recipes, "Quick and Dirty Generators"), of which the upper 24 bits are taken.
 */
export function benchmarkInput(recipe: InputRecipe): Uint8Array {
  switch (recipe.kind) {
    case 'text':
      return new TextEncoder().encode(recipe.text);
    case 'hex':
      return new Uint8Array(Buffer.from(recipe.hex, 'hex'));
    case 'words':
      return words(recipe.words);
    case 'generated':
      return GENERATORS[recipe.generator](new Sequence(), recipe);
  }
}

class Sequence {
  #state = 1;

  /** The next value, below 2^24. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state >>> 8;
  }

  /** `count` values, each passed through `map`. */
  take(count: number, map: (value: number) => number): number[] {
    return Array.from({ length: count }, () => map(this.next()));
  }
}

type Generator = (sequence: Sequence, sizes: Sizes) => Uint8Array;

/** Programs of `guests/bench`, and plain bytes and words. */
export type GeneratorName =
  | 'bytes'
  | 'words'
  | 'matmul32'
  | 'matmul64'
  | 'pam'
  | 'floyd_warshall'
  | 'fannkuch'
  | 'lcs'
  | 'bisection'
  | 'pointer_chase'
  | 'boyer_moore'
  | 'kmp'
  | 'rle_decode'
  | 'sparse_matvec'
  | 'polynomial'
  | 'hamming'
  | 'dot_product'
  | 'substring'
  | 'nearest_neighbour'
  | 'covariance'
  | 'face_matching';

/** Length of an edge that does not exist. */
const INFINITE = 0x7fffffff;
const FACE_WORDS = 29;
/** Most different bits at which two faces match. */
const FACE_THRESHOLD = 300;

const below =
  (limit: number): ((value: number) => number) =>
  (value) =>
    value % limit;
const identity = (value: number): number => value;
const nucleotide = (value: number): number => 'ACGT'.charCodeAt(value % 4);

const GENERATORS: Readonly<Record<GeneratorName, Generator>> = {
  bytes: (sequence, { M }) => Uint8Array.from(sequence.take(M, below(256))),
  words: (sequence, { M }) => words(sequence.take(M, identity)),
  matmul32: (sequence, { M }) => words(sequence.take(2 * M * M, below(1000))),
  matmul64: (sequence, { M }) => matrices64(sequence, 2 * M * M),
  pam: (sequence, { M, D = 1 }) => words(sequence.take(M * D, below(1000))),
  floyd_warshall: (sequence, { M }) => words(edges(sequence, M)),
  fannkuch: (sequence, { M }) => Uint8Array.from(permutation(sequence, M)),
  lcs: (sequence, { M }) => Uint8Array.from(sequence.take(2 * M, nucleotide)),
  bisection: bisectionProblem,
  pointer_chase: (sequence, { M }) => words(cycle(sequence, M)),
  boyer_moore: (sequence, { M, K = 1 }) => words(sequence.take(M, below(K))),
  kmp: searchProblem,
  rle_decode: (sequence, { M }) => runs(sequence, M),
  sparse_matvec: (sequence, { M, K = 0 }) => words(sparseProblem(sequence, M, K)),
  polynomial: (sequence, { M }) => words(sequence.take(M + M * M, below(1000))),
  hamming: (sequence, { M }) => words(sequence.take(M + M * M, below(4))),
  dot_product: (sequence, { M }) => words(sequence.take(2 * M, below(1000))),
  substring: (sequence, { M, D = 1 }) => Uint8Array.from(sequence.take(D + M, nucleotide)),
  nearest_neighbour: (sequence, { M, D = 1 }) => words(sequence.take((M + 1) * D, below(1000))),
  covariance: (sequence, { M, D = 1 }) => words(sequence.take(M * D, below(100))),
  face_matching: (sequence, { M }) => words(faces(sequence, M)),
};

/** Little-endian 32-bit words, modulo 2^32. */
function words(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setUint32(4 * index, value >>> 0, true);
  });
  return bytes;
}

/** 48-bit numbers in 64 bits, each from two values, high half first. */
function matrices64(sequence: Sequence, count: number): Uint8Array {
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    const high = sequence.next();
    const low = sequence.next();
    values.push(((high & 0xff) << 24) | low, high >>> 8);
  }
  return words(values);
}

/** About one edge in three exists. */
function edges(sequence: Sequence, nodes: number): number[] {
  const lengths: number[] = [];
  for (let i = 0; i < nodes; i++) {
    for (let j = 0; j < nodes; j++) {
      const exists = sequence.next() % 3 === 0;
      if (i === j) lengths.push(0);
      else lengths.push(exists ? (sequence.next() % 100) + 1 : INFINITE);
    }
  }
  return lengths;
}

function swap(values: number[], i: number, j: number): void {
  const value = values[i] as number;
  values[i] = values[j] as number;
  values[j] = value;
}

/** 1..size in random order (Fisher and Yates). */
function permutation(sequence: Sequence, size: number): number[] {
  const values = Array.from({ length: size }, (_, index) => index + 1);
  for (let i = size - 1; i > 0; i--) swap(values, i, sequence.next() % (i + 1));
  return values;
}

/** 0..size-1 as one random cycle (Sattolo). */
function cycle(sequence: Sequence, size: number): number[] {
  const values = Array.from({ length: size }, (_, index) => index);
  for (let i = size - 1; i > 0; i--) swap(values, i, sequence.next() % i);
  return values;
}

function bisectionProblem(sequence: Sequence, { M }: Sizes): Uint8Array {
  const coefficients = sequence.take(M + M * M, below(31));
  const low = sequence.take(M, (value) => -(value % 1024));
  const high = sequence.take(M, below(1024));
  return new Uint8Array([...coefficients, ...words([...low, ...high])]);
}

/** The needle a...ab in a text of a's with few b's: the search falls back as often as it can. */
function searchProblem(_sequence: Sequence, { M, K = 0 }: Sizes): Uint8Array {
  const period = Math.floor(M * 0.78125);
  const text = (length: number, isB: (index: number) => boolean): string =>
    Array.from({ length }, (_, index) => (isB(index) ? 'b' : 'a')).join('');
  const needle = text(M, (index) => index === M - 1);
  const haystack = text(K, (index) => index % period === period - 1);
  return new TextEncoder().encode(needle + haystack);
}

function runs(sequence: Sequence, count: number): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < count; i++) bytes.push(sequence.next() & 255, sequence.next() % 8);
  return Uint8Array.from(bytes);
}

function sparseProblem(sequence: Sequence, size: number, elements: number): number[] {
  const vector = sequence.take(size, below(1000));
  const element = sequence.take(elements, below(1000));
  const column = sequence.take(elements, below(size));
  const rowStart = Array.from({ length: size + 1 }, (_, i) => Math.floor((i * elements) / size));
  return [...vector, ...element, ...column, ...rowStart];
}

function faces(sequence: Sequence, count: number): number[] {
  const face = (): number[] =>
    sequence.take(FACE_WORDS, (value) => Math.imul(value, 2654435761) >>> 0);
  const target = face();
  const others = Array.from({ length: count }, () => [...face(), FACE_THRESHOLD]);
  return [...target, ...others.flat()];
}
