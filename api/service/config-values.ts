/** Kinds of values of the configuration: from a flag's text, or a value in a JSON file. */

export interface ValueKind<T> {
  /** Placeholder in help texts; undefined for a flag without a value. */
  readonly placeholder: string | undefined;
  /** What is right, to follow `give`. */
  readonly expected: string;
  /** Undefined if the value is wrong. */
  parse(value: unknown): T | undefined;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

export function text(
  placeholder: string,
  pattern: RegExp = /./,
  expected: string = `a ${placeholder}`,
): ValueKind<string> {
  const parse = (value: unknown): string | undefined =>
    typeof value === 'string' && pattern.test(value) ? value : undefined;
  return { placeholder, expected, parse };
}

export function count(least: number, most: number): ValueKind<number> {
  return {
    placeholder: 'count',
    expected: `an integer from ${least} to ${most}`,
    parse: (value) => {
      const found = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
      const fits = Number.isSafeInteger(found) && (found as number) >= least;
      return fits && (found as number) <= most ? (found as number) : undefined;
    },
  };
}

/** `512M`, `3G`, `4096`: in powers of 1024. */
export function bytes(least: number): ValueKind<number> {
  return {
    placeholder: 'bytes',
    expected: `bytes such as 64M or 3G, at least ${least}`,
    parse: (value) => {
      const [, digits = '', unit = ''] = /^(\d+)([kmgt]?)(?:i?b)?$/i.exec(String(value)) ?? [];
      const found = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
      return digits !== '' && found >= least && Number.isSafeInteger(found) ? found : undefined;
    },
  };
}

export function choice<const T extends string>(...choices: readonly T[]): ValueKind<T> {
  return {
    placeholder: choices.join('|'),
    expected: `one of ${choices.join(', ')}`,
    parse: (value) => choices.find((known) => known === value),
  };
}

export function yesNo(): ValueKind<boolean> {
  const known: Readonly<Record<string, boolean>> = { true: true, 1: true, false: false, 0: false };
  return {
    placeholder: undefined,
    expected: 'true or false',
    parse: (value) => known[String(value)],
  };
}
