/** The machine's chips as a table for people. */
import {
  type Chip,
  type ConstraintProgram,
  NODE_ADD,
  NODE_CLOSED_FORM,
  NODE_MAIN,
  NODE_MULTIPLY,
  NODE_PREPROCESSED,
  NODE_WORDS,
} from '@vouch/verifier';

/** One chip of the table. */
export interface ChipSummary {
  readonly name: string;
  readonly mainColumns: number;
  readonly preprocessedColumns: number;
  readonly constraints: number;
  readonly interactions: number;
  /** Greatest degrees of a constraint and of an element of a message. */
  readonly constraintDegree: number;
  readonly messageDegree: number;
  /** Names of the buses with their interactions: `EXEC 2, PROG 1`. */
  readonly buses: string;
}

export function chipSummaries(program: ConstraintProgram): ChipSummary[] {
  return program.chips.map((chip) => {
    const degrees = nodeDegrees(chip);
    const degree = (nodes: readonly number[]): number =>
      Math.max(0, ...nodes.map((node) => degrees[node] as number));
    return {
      name: chip.name,
      mainColumns: chip.mainColumns.length,
      preprocessedColumns: chip.preprocessedColumns.length,
      constraints: chip.constraints.length,
      interactions: chip.interactions.length,
      constraintDegree: degree(chip.constraints),
      messageDegree: degree(chip.interactions.flatMap(({ message }) => message)),
      buses: busUse(program, chip),
    };
  });
}

/** The table in Markdown. */
export function chipTable(program: ConstraintProgram): string {
  const head = '| chip | cells | constraints | degree | interactions | buses |';
  const rows = chipSummaries(program).map((chip) => {
    const { name, mainColumns, preprocessedColumns, constraints, interactions } = chip;
    const cells =
      preprocessedColumns === 0 ? mainColumns : `${mainColumns} + ${preprocessedColumns}`;
    const degree = `${chip.constraintDegree}, ${chip.messageDegree}`;
    return `| ${name} | ${cells} | ${constraints} | ${degree} | ${interactions} | ${chip.buses} |`;
  });
  return [head, '|---|---|---|---|---|---|', ...rows].join('\n');
}

function busUse({ buses }: ConstraintProgram, { interactions }: Chip): string {
  const counts = buses.map((_, bus) => interactions.filter((one) => one.bus === bus).length);
  return buses
    .flatMap(({ name }, bus) => (counts[bus] === 0 ? [] : [`${name} ${counts[bus]}`]))
    .join(', ');
}

function nodeDegrees({ expressions: { nodes } }: Chip): number[] {
  const degrees: number[] = [];
  for (let at = 0; at < nodes.length; at += NODE_WORDS) {
    const [operation = 0, a = 0, b = 0] = nodes.slice(at, at + NODE_WORDS);
    const [left = 0, right = 0] = [degrees[a], degrees[b]];
    const isCell = [NODE_MAIN, NODE_PREPROCESSED, NODE_CLOSED_FORM].includes(operation);
    if (operation === NODE_MULTIPLY) degrees.push(left + right);
    else if (operation >= NODE_ADD) degrees.push(Math.max(left, right));
    else degrees.push(isCell ? 1 : 0);
  }
  return degrees;
}
