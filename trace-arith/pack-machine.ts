/** The source of verifier/src/machine.gen.ts: the compiled machine as the verifier has it. */
import {
  type Chip,
  type ConstraintProgram,
  NODE_ADD,
  NODE_WORDS,
  PACKED_BASE,
  PACKED_DIGITS,
  type PackedChip,
  type PackedMachine,
} from '@vouch/verifier';

/** The inverse of the verifier's `unpackMachine`. */
export function packMachine(program: ConstraintProgram): PackedMachine {
  const { name, version, messageWidth, constraintDegree, buses, chips } = program;
  return { name, version, messageWidth, constraintDegree, buses, chips: chips.map(packChip) };
}

/** A TypeScript file that exports the packed machine as `MACHINE`. */
export function machineSource(program: ConstraintProgram): string {
  const { buses, chips, ...rest } = packMachine(program);
  const lines = (items: readonly unknown[]): string =>
    items.map((item) => `    ${JSON.stringify(item)},\n`).join('');
  const fields = Object.entries(rest).map(
    ([key, value]) => `  ${key}: ${JSON.stringify(value)},\n`,
  );
  return `// Written by \`npm run machine\` from the chips of trace-arith/.
import type { PackedMachine } from './packed-machine.ts';

export const MACHINE: PackedMachine = {
${fields.join('')}  buses: [
${lines(buses)}  ],
  chips: [
${lines(chips)}  ],
};
`;
}

function packChip(chip: Chip): PackedChip {
  const { name, minLogHeight, maxLogHeight, maxInstances, presence } = chip;
  return {
    ...{ name, minLogHeight, maxLogHeight, maxInstances, presence },
    mainColumns: chip.mainColumns.join(' '),
    preprocessedColumns: chip.preprocessedColumns.join(' '),
    code: codeOf(chip).map(digitsOf).join(''),
  };
}

function codeOf({ expressions: { nodes }, constraints, interactions }: Chip): number[] {
  const count = nodes.length / NODE_WORDS;
  const code = [count];
  for (let index = 0; index < count; index++) {
    const [operation, a, b] = nodes.slice(NODE_WORDS * index) as [number, number, number];
    if (operation < NODE_ADD) code.push(operation, a);
    else code.push(operation, index - a, index - b);
  }
  code.push(constraints.length, ...constraints, interactions.length);
  for (const { bus, sign, multiplicity, message } of interactions) {
    code.push(bus, sign === 1 ? 1 : 0, multiplicity, message.length, ...message);
  }
  return code;
}

function digitsOf(value: number): string {
  let digits = '';
  let rest = value;
  for (; rest >= PACKED_BASE; rest = Math.floor(rest / PACKED_BASE)) {
    digits += PACKED_DIGITS.charAt((rest % PACKED_BASE) + PACKED_BASE);
  }
  return digits + PACKED_DIGITS.charAt(rest);
}
