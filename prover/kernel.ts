/** The kernels as seen from TypeScript: their signatures, loading, instances. */
import { readFileSync } from 'node:fs';

/**
 * Every kernel takes byte offsets, strides in bytes, counts and a range [from, to) of the work.
 * kernels/ says what each does; twins/ does the same in plain code.
 */
export interface Kernels {
  addVectors(a: number, b: number, target: number, from: number, to: number): void;
  subtractVectors(a: number, b: number, target: number, from: number, to: number): void;
  multiplyVectors(a: number, b: number, target: number, from: number, to: number): void;
  scaleVector(a: number, c: number, target: number, from: number, to: number): void;
  toMontgomery(a: number, target: number, from: number, to: number): void;
  fromMontgomery(a: number, target: number, from: number, to: number): void;
  invertVector(a: number, target: number, from: number, to: number): void;

  makeTwiddles(table: number, logSize: number): void;
  extendColumns(
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
    logRows: number,
    logBlowup: number,
    table: number,
    logTable: number,
    from: number,
    to: number,
  ): void;

  hashLeaves(
    columns: number,
    columnStride: number,
    width: number,
    key: number,
    flags: number,
    digests: number,
    planeStride: number,
    from: number,
    to: number,
  ): void;
  compressLevels(
    tree: number,
    planeStride: number,
    logLeaves: number,
    fromLevel: number,
    toLevel: number,
    logParts: number,
    from: number,
    to: number,
  ): void;
  permute(state: number): void;
  grind(
    key: number,
    flags: number,
    seed: number,
    nonceHigh: number,
    mask: number,
    found: number,
    from: number,
    to: number,
  ): void;

  addQuintics: QuinticOperation;
  subtractQuintics: QuinticOperation;
  multiplyQuintics: QuinticOperation;
  scaleQuintics(
    a: number,
    aStride: number,
    c: number,
    target: number,
    stride: number,
    from: number,
    to: number,
  ): void;
  multiplyQuinticsByColumn(
    a: number,
    aStride: number,
    column: number,
    target: number,
    stride: number,
    from: number,
    to: number,
  ): void;
  addWeightedColumns(
    columns: number,
    columnStride: number,
    count: number,
    weights: number,
    overwrite: number,
    target: number,
    stride: number,
    from: number,
    to: number,
  ): void;

  bindColumnHigh(
    a: number,
    half: number,
    r: number,
    target: number,
    stride: number,
    from: number,
    to: number,
  ): void;
  bindColumnLow(
    a: number,
    r: number,
    target: number,
    stride: number,
    from: number,
    to: number,
  ): void;
  bindQuinticsHigh(
    a: number,
    aStride: number,
    half: number,
    r: number,
    target: number,
    stride: number,
    from: number,
    to: number,
  ): void;
  bindQuinticsLow(
    a: number,
    aStride: number,
    r: number,
    target: number,
    stride: number,
    from: number,
    to: number,
  ): void;
  eqTable(
    point: number,
    variables: number,
    target: number,
    stride: number,
    logParts: number,
    from: number,
    to: number,
  ): void;
  dotColumns(
    columns: number,
    columnStride: number,
    count: number,
    weights: number,
    weightStride: number,
    results: number,
    from: number,
    to: number,
  ): void;

  addFractions(layer: number, target: number, from: number, to: number): void;
  mixNumerators(layer: number, lambda: number, from: number, to: number): void;
  logupRound(
    layer: number,
    eqLow: number,
    eqHigh: number,
    eqHighStride: number,
    from: number,
    to: number,
    target: number,
  ): void;
  foldLayer(layer: number, target: number, challenge: number, from: number, to: number): void;
  addLeaves(leaves: number, target: number, from: number, to: number): void;
  leafRound(
    leaves: number,
    lambda: number,
    eqLow: number,
    eqHigh: number,
    eqHighStride: number,
    from: number,
    to: number,
    target: number,
  ): void;
  foldLeaves(
    leaves: number,
    lambda: number,
    target: number,
    challenge: number,
    from: number,
    to: number,
  ): void;
  logupLeaves(
    plan: number,
    slots: number,
    betas: number,
    offsets: number,
    leaves: number,
    from: number,
    to: number,
  ): void;
  productRound(
    a: number,
    aStride: number,
    b: number,
    bStride: number,
    halfLength: number,
    from: number,
    to: number,
    target: number,
  ): void;
  dotQuintics(
    a: number,
    aStride: number,
    b: number,
    bStride: number,
    from: number,
    to: number,
    target: number,
  ): void;
  addReversed(
    values: number,
    valuesStride: number,
    logLength: number,
    target: number,
    stride: number,
    from: number,
    to: number,
  ): void;
  weighRows(
    rows: number,
    width: number,
    weights: number,
    target: number,
    stride: number,
    from: number,
    to: number,
  ): void;
  sumRows(
    rows: number,
    width: number,
    weights: number,
    weightStride: number,
    target: number,
    from: number,
    to: number,
  ): void;
  prepareWeights(words: number, count: number, target: number): void;
  zerocheckRound(
    plan: number,
    slots: number,
    overBase: number,
    columnStride: number,
    linear: number,
    linearStride: number,
    weights: number,
    halfRows: number,
    eqLow: number,
    eqHigh: number,
    eqHighStride: number,
    points: number,
    from: number,
    to: number,
    target: number,
  ): void;
}

type QuinticOperation = (
  a: number,
  aStride: number,
  b: number,
  bStride: number,
  target: number,
  stride: number,
  from: number,
  to: number,
) => void;

export type KernelName = keyof Kernels;

/** One call of a kernel. */
export type Job = {
  readonly [K in KernelName]: readonly [kernel: K, ...args: Parameters<Kernels[K]>];
}[KernelName];

let compiled: WebAssembly.Module | undefined;

/** The module of all kernels; read and compiled once per thread. */
export function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(
    readFileSync(new URL('./kernels/kernels.wasm', import.meta.url)),
  );
  return compiled;
}

/**
 * An instance for one thread, with SCRATCH_BYTES of the memory at `scratch` to itself. The memory
 * holds the constants of `writePool`.
 */
export function instantiate(
  memory: WebAssembly.Memory,
  scratch: number,
  module: WebAssembly.Module = kernelModule(),
): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = exports as Kernels & { setScratch(at: number): void };
  kernels.setScratch(scratch);
  return kernels;
}

/** Runs one job; a TypeError if its kernel is not among these. */
export function runJob(kernels: Partial<Kernels>, [name, ...args]: Job): void {
  (kernels[name] as (...args: number[]) => void)(...args);
}
