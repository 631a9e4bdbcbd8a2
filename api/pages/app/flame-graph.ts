/** Cycles of a run by function and caller: each frame is a button that makes it the widest. */
import { node } from '../../../verifier/demo/dom.ts';
import { colourOf } from './charts.ts';
import { count, percent } from './format.ts';

export interface Frame {
  readonly name: string;
  readonly parent: Frame | undefined;
  /** Cycles in it and all that it called. */
  total: number;
  readonly children: Map<string, Frame>;
}

/** Frames that are narrower are not drawn. */
const LEAST_SHARE = 1 / 1000;
/** Height of a row in rem. */
const ROW = 1.5;

/** @param stacks lines as `main;f;g 123`; @returns the frame that has all others in it */
export function parseStacks(stacks: string): Frame {
  const root: Frame = { name: 'all', parent: undefined, total: 0, children: new Map() };
  for (const line of stacks.split('\n')) {
    const [, path, cycles] = /^(.+) (\d+)$/.exec(line) ?? [];
    if (path === undefined) continue;
    let frame = root;
    frame.total += Number(cycles);
    for (const name of path.split(';')) {
      let child = frame.children.get(name);
      if (child === undefined) {
        child = { name, parent: frame, total: 0, children: new Map() };
        frame.children.set(name, child);
      }
      child.total += Number(cycles);
      frame = child;
    }
  }
  return root;
}

/** Draws into a new element; arrow keys move between frames, Enter widens, Escape goes back. */
export function flameGraph(stacks: string): HTMLElement {
  const root = parseStacks(stacks);
  const graph = node('div', { class: 'flame', role: 'group', 'aria-label': 'Flame graph' }, []);
  const frames = new Map<Element, Frame>();
  const show = (chosen: Frame): void => {
    frames.clear();
    const path = ancestors(chosen);
    const buttons = path.map((frame, depth) => draw(frame, depth, 0, 1));
    place(chosen, path.length, 0, 1);
    graph.replaceChildren(...buttons);
    const rows = 1 + Math.max(...[...frames.values()].map((frame) => ancestors(frame).length));
    graph.style.height = `${ROW * (rows - 1)}rem`;
    buttons[path.length - 1]?.focus({ preventScroll: true });

    function place(parent: Frame, depth: number, left: number, width: number): void {
      let at = left;
      for (const child of [...parent.children.values()].sort((a, b) => b.total - a.total)) {
        const share = (width * child.total) / Math.max(1, parent.total);
        if (share >= LEAST_SHARE) {
          buttons.push(draw(child, depth, at, share));
          place(child, depth + 1, at, share);
        }
        at += share;
      }
    }
  };
  const draw = (frame: Frame, depth: number, left: number, width: number): HTMLElement => {
    const text = `${frame.name}: ${count(frame.total)} cycles, ${percent(frame.total / Math.max(1, root.total))}`;
    const colour = colourOf(hashOf(frame.name));
    const button = node(
      'button',
      { type: 'button', class: colour, title: text, 'aria-label': text },
      [frame.name],
    );
    button.style.left = `${100 * left}%`;
    button.style.width = `${100 * width}%`;
    button.style.top = `${ROW * depth}rem`;
    button.addEventListener('click', () => show(frame));
    frames.set(button, frame);
    return button;
  };
  graph.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') show(root);
    const neighbour = neighbourOf(event.key, document.activeElement, frames);
    if (neighbour === undefined) return;
    event.preventDefault();
    (neighbour as HTMLElement).focus();
  });
  show(root);
  (document.activeElement as HTMLElement | null)?.blur();
  return graph;
}

/** Up to the caller, down to the largest callee, left and right to what is drawn beside. */
function neighbourOf(
  key: string,
  from: Element | null,
  frames: ReadonlyMap<Element, Frame>,
): Element | undefined {
  const frame = from === null ? undefined : frames.get(from);
  if (frame === undefined) return undefined;
  const elements = [...frames];
  if (key === 'ArrowUp') return elements.find(([, other]) => other === frame.parent)?.[0];
  if (key === 'ArrowDown') return elements.find(([, other]) => other.parent === frame)?.[0];
  const beside = elements.filter(([, other]) => other.parent === frame.parent);
  const at = beside.findIndex(([element]) => element === from);
  if (key === 'ArrowLeft') return beside[at - 1]?.[0];
  return key === 'ArrowRight' ? beside[at + 1]?.[0] : undefined;
}

/** From the outermost frame to the frame itself. */
function ancestors(frame: Frame): Frame[] {
  return frame.parent === undefined ? [frame] : [...ancestors(frame.parent), frame];
}

/** The same name has the same colour everywhere. */
function hashOf(name: string): number {
  let hash = 7;
  for (const character of name) hash = (31 * hash + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash;
}
