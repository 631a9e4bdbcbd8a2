/** Elements of a page. Text only ever becomes text nodes. */

export function element<E extends HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

export function node(
  name: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly (Node | string)[],
): HTMLElement {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value);
  created.append(...children);
  return created;
}
