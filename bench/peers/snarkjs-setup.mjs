/** Makes a key for a compiled circuit with snarkjs: a process of its own, as is its memory. */
import { join } from 'node:path';
import { plonk, r1cs, zKey } from 'snarkjs';
import { harness, timed } from './harness.mjs';

await harness(async ({ protocol, workload, size, folder }) => {
  const path = (suffix) => join(folder, `${workload}-${size}${suffix}`);
  const files = [path('.r1cs'), path(`.${protocol}.ptau`), path(`.${protocol}.zkey`)];
  const [, setup_ms] = await timed(() =>
    protocol === 'groth16' ? zKey.newZKey(...files) : plonk.setup(...files),
  );
  const { nConstraints } = await r1cs.info(path('.r1cs'));
  return { setup_ms, constraints: nConstraints };
});
