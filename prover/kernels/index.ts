/** All kernels of the prover, in one module. */
export { logupLeaves, prepareWeights, zerocheckRound } from './constraints';
export { setScratch } from './field';
export { grind } from './grind';
export { hashLeaves } from './leaves';
export { addFractions, foldLayer, logupRound, mixNumerators } from './logup';
export { addLeaves, foldLeaves, leafRound } from './logup-leaves';
export { compressLevels } from './merkle';
export {
  bindColumnHigh,
  bindColumnLow,
  bindQuinticsHigh,
  bindQuinticsLow,
  dotColumns,
  eqTable,
} from './multilinear';
export { extendColumns, makeTwiddles } from './ntt';
export { permute } from './poseidon2';
export {
  addQuintics,
  addWeightedColumns,
  multiplyQuintics,
  multiplyQuinticsByColumn,
  scaleQuintics,
  subtractQuintics,
} from './quintic-vectors';
export {
  addVectors,
  fromMontgomery,
  invertVector,
  multiplyVectors,
  scaleVector,
  subtractVectors,
  toMontgomery,
} from './vectors';
export { addReversed, dotQuintics, productRound, sumRows, weighRows } from './products';
