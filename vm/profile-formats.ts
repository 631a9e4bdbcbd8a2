/** A profile as text: for speedscope, for flame-graph tools, and as a table for a terminal. */

import type { Profile, ProfileNode } from './profile.ts';
import { textTable } from './text-table.ts';

/** The parts of speedscope's file format that a profile needs. */
export interface SpeedscopeFile {
  readonly $schema: string;
  readonly name: string;
  readonly exporter: string;
  readonly activeProfileIndex: number;
  readonly shared: { readonly frames: readonly { readonly name: string }[] };
  readonly profiles: readonly {
    readonly type: 'evented';
    readonly name: string;
    readonly unit: 'none';
    readonly startValue: number;
    readonly endValue: number;
    readonly events: readonly SpeedscopeEvent[];
  }[];
}

/** A frame opens (O) or closes (C) at a number of cycles. */
export interface SpeedscopeEvent {
  readonly type: 'O' | 'C';
  readonly frame: number;
  readonly at: number;
}

/**
 * The profile in speedscope's format (https://www.speedscope.app/file-format-schema.json): one
 * evented profile whose unit is the cycle. Calls of one node are merged, so the order of time shows
 * the tree, not the order of the calls.
 */
export function speedscope(profile: Profile, name: string): SpeedscopeFile {
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    name,
    exporter: 'vouch',
    activeProfileIndex: 0,
    shared: { frames: profile.functions.map((found) => ({ name: found.name })) },
    profiles: [
      {
        type: 'evented',
        name,
        unit: 'none',
        startValue: 0,
        endValue: profile.cycles,
        events: events(profile),
      },
    ],
  };
}

/** One line for each node with cycles of its own: `main;f;g 123`. */
export function collapsedStacks(profile: Profile): string {
  const lines: string[] = [];
  for (const node of profile.nodes) {
    if (node.self > 0) lines.push(`${path(profile, node)} ${node.self}\n`);
  }
  return lines.join('');
}

/** The functions with the most cycles of their own, at most `top`, as a table with a heading. */
export function profileTable(profile: Profile, top: number): string {
  const busiest = profile.functions
    .filter((found) => found.total > 0)
    .sort((a, b) => b.self - a.self || b.total - a.total)
    .slice(0, top);
  const rows = busiest.map((found) => [
    String(found.self),
    percent(found.self, profile.cycles),
    String(found.total),
    percent(found.total, profile.cycles),
    String(found.calls),
    found.name,
  ]);
  return textTable(['self', '', 'total', '', 'calls', 'function'], rows, 5);
}

function events(profile: Profile): SpeedscopeEvent[] {
  const children = childrenOf(profile.nodes);
  const found: SpeedscopeEvent[] = [];
  let at = 0;
  // `~node` on the work list closes the node.
  const work = [...(children.get(-1) ?? [])].reverse();
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    const index = node < 0 ? ~node : node;
    const { self, total, function: frame } = profile.nodes[index] as ProfileNode;
    if (node < 0) {
      at += self;
      found.push({ type: 'C', frame, at });
    } else if (total > 0) {
      found.push({ type: 'O', frame, at });
      work.push(~node, ...[...(children.get(node) ?? [])].reverse());
    }
  }
  return found;
}

function childrenOf(nodes: readonly ProfileNode[]): Map<number, number[]> {
  const children = new Map<number, number[]>();
  nodes.forEach((node, index) => {
    const siblings = children.get(node.parent);
    if (siblings === undefined) children.set(node.parent, [index]);
    else siblings.push(index);
  });
  return children;
}

function path(profile: Profile, node: ProfileNode): string {
  const names: string[] = [];
  for (let at: ProfileNode | undefined = node; at !== undefined; at = profile.nodes[at.parent]) {
    // The separator of the format must not occur in a name.
    names.push((profile.functions[at.function]?.name ?? '').replace(/[;\s]+/g, '_'));
  }
  return names.reverse().join(';');
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0.0%' : `${((100 * part) / whole).toFixed(1)}%`;
}
