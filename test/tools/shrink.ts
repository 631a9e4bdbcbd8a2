/**
 * A smallest part of `items` that still fails, in the sense that no single item can be left out:
 * delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
 * 2002). `fails(items)` must hold.
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let current = items;
  let size = Math.ceil(current.length / 2);
  while (size > 0 && current.length > 0) {
    let shrunk = false;
    for (let at = 0; at < current.length; ) {
      const candidate = [...current.slice(0, at), ...current.slice(at + size)];
      if (await fails(candidate)) {
        current = candidate;
        shrunk = true;
      } else {
        at += size;
      }
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (!shrunk) break;
  }
  return current;
}
