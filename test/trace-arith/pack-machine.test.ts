import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { machineDigest, riscvMachine, unpackMachine } from '@vouch/verifier';
import { machine } from '../../trace-arith/index.ts';
import { machineSource, packMachine } from '../../trace-arith/pack-machine.ts';
import { repositoryPath } from '../tools/paths.ts';

describe("The verifier's machine", () => {
  const { constraintProgram } = machine();

  it('is the compiled chips (if not: npm run machine)', () => {
    assert.deepEqual(riscvMachine().digest, machineDigest(constraintProgram));
    assert.deepEqual(riscvMachine().constraints, constraintProgram);
    const file = readFileSync(repositoryPath('verifier', 'src', 'machine.gen.ts'), 'utf8');
    assert.equal(file, machineSource(constraintProgram));
  });

  it('survives packing with numbers of any length', () => {
    const [chip, ...others] = constraintProgram.chips;
    assert.ok(chip);
    const nodes = [0, 2 ** 31 - 2 ** 24, 0, 0, 31, 0, 0, 32, 0, 0, 1024, 0, 7, 0, 3];
    const changed = { ...chip, expressions: { nodes }, constraints: [4], interactions: [] };
    const program = { ...constraintProgram, chips: [changed, ...others] };
    assert.deepEqual(unpackMachine(packMachine(program)), program);
  });
});
