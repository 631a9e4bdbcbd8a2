import { compress, type Digest, type Multiproof } from '@vouch/verifier';

/** All levels of a tree over 2^depth leaves, the leaves first. */
export function buildTree(leaves: readonly Digest[]): Digest[][] {
  const levels: Digest[][] = [[...leaves]];
  for (let nodes = levels[0] as Digest[]; nodes.length > 1; nodes = levels.at(-1) as Digest[]) {
    const parents: Digest[] = [];
    for (let i = 0; i < nodes.length; i += 2) {
      parents.push(compress(nodes[i] as Digest, nodes[i + 1] as Digest));
    }
    levels.push(parents);
  }
  return levels;
}

/** The multiproof of the leaves at increasing positions: the siblings that nobody can compute. */
export function openTree(
  levels: readonly (readonly Digest[])[],
  indices: readonly number[],
): Multiproof {
  const siblings: Digest[] = [];
  let known = new Set(indices);
  for (const nodes of levels.slice(0, -1)) {
    for (const position of [...known].sort((a, b) => a - b)) {
      if (!known.has(position ^ 1)) siblings.push(nodes[position ^ 1] as Digest);
    }
    known = new Set([...known].map((position) => position >> 1));
  }
  const leaves = indices.map((index) => levels[0]?.[index] as Digest);
  return { depth: levels.length - 1, indices, leaves, siblings };
}
