/** Bars, a stacked bar, and tables of figures. Sizes are set one by one: the page's policy has no inline style. */
import { node } from '../../../verifier/demo/dom.ts';

/** Colours that the style has. */
const COLOURS = 10;

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** The figure for people. */
  readonly text: string;
}

export function colourOf(index: number): string {
  return `k${index % COLOURS}`;
}

/** One row for each bar, the longest as wide as there is room. */
export function barChart(bars: readonly Bar[]): HTMLElement {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return node(
    'div',
    { class: 'bars' },
    bars.map(({ name, value, text }) =>
      node('div', { class: 'bar-row' }, [
        node('span', {}, [name]),
        node('div', { class: 'track', 'aria-hidden': 'true' }, [
          sized(node('div', {}, []), (100 * value) / most),
        ]),
        node('span', { class: 'value' }, [text]),
      ]),
    ),
  );
}

/** Parts of a whole beside each other, and a legend with their figures. */
export function stackedBar(bars: readonly Bar[]): HTMLElement[] {
  const total = bars.reduce((sum, { value }) => sum + value, 0) || 1;
  const parts = bars.map(({ name, value, text }, i) =>
    sized(
      node('div', { class: colourOf(i), title: `${name}: ${text}` }, []),
      (100 * value) / total,
    ),
  );
  const legend = bars.map(({ name, text }, i) =>
    node('li', { class: colourOf(i) }, [`${name} ${text}`]),
  );
  return [
    node('div', { class: 'stack', 'aria-hidden': 'true' }, parts),
    node('ul', { class: 'legend' }, legend),
  ];
}

/** Terms with their values; undefined values are left out. */
export function facts(
  pairs: readonly (
    | readonly [string, string | undefined]
    | readonly [string, string | undefined, 'wide']
  )[],
): HTMLElement {
  const shown = pairs.flatMap(([term, value, width]) =>
    value === undefined
      ? []
      : [
          node('div', width === undefined ? {} : { class: 'wide' }, [
            node('dt', {}, [term]),
            node('dd', width === undefined ? {} : { class: 'mono' }, [value]),
          ]),
        ],
  );
  return node('dl', {}, shown);
}

/** @param width in per cent */
function sized(element: HTMLElement, width: number): HTMLElement {
  element.style.width = `${width}%`;
  return element;
}
