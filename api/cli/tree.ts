/** Trees of text. */
export interface Tree {
  readonly text: string;
  readonly children?: readonly Tree[];
}

/** One line for each node, with lines that lead to it; ends in a line feed. */
export function drawTree({ text, children = [] }: Tree): string {
  return `${text}\n${drawChildren(children, '')}`;
}

function drawChildren(children: readonly Tree[], indent: string): string {
  return children
    .map(({ text, children: below = [] }, i) => {
      const isLast = i + 1 === children.length;
      const line = `${indent}${isLast ? '└─' : '├─'} ${text}\n`;
      return line + drawChildren(below, `${indent}${isLast ? '   ' : '│  '}`);
    })
    .join('');
}
