/** Run by `npm run machine`: writes the compiled machine where the verifier reads it. */
import { writeFileSync } from 'node:fs';
import { machine } from './machine.ts';
import { machineSource } from './pack-machine.ts';

/** Compiled code lies in `dist/trace-arith`. */
const FILE = new URL('../../verifier/src/machine.gen.ts', import.meta.url);

writeFileSync(FILE, machineSource(machine().constraintProgram));
