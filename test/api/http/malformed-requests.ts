/** Requests that are almost right: made from the document, then broken in one to three places. */
import { mediaType } from '../../../api/http/openapi.ts';
import type { Operation, Parameter } from '../../../api/http/operations.ts';
import { SCHEMAS, type Schema, type SchemaName } from '../../../api/http/schemas.ts';
import type { Random } from '../../tools/random.ts';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** Texts that somebody's parser has failed on. */
const NASTY_TEXTS = [
  ...['', ' ', '0', '-1', '1e999', 'NaN', 'null', 'true', '[]', '{}', '%00', '../..', '..%2f..'],
  ...['\u0000', '\ud800', '\u202e', '😀', "' OR 1=1 --", '<script>', '{{7*7}}', '__proto__'],
  ...['constructor', 'A'.repeat(64), 'f'.repeat(64), 'g'.repeat(64), 'x'.repeat(5000), '=', 'A==='],
  ...['prf_', `prf_${'0'.repeat(26)}`, `prf_${'I'.repeat(26)}`, '9007199254740993', '0x10', '1_0'],
];
const NASTY_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 0.5, 1e21, -1e308, 2 ** 53, 2 ** 31, [], {}, [[[[]]]]],
  ...[{ sha256: null }, { sha256: 'x' }, { url: 7 }, { length: -1 }, { toString: 1 }, ['a', 'a']],
];
/** Headers that HTTP allows, whatever they mean. */
const NASTY_HEADERS: readonly (readonly [string, string])[] = [
  ...(
    ['application/json', 'text/html', 'application/octet-stream', ';', 'a/b; charset=\xff'] as const
  ).map((type) => ['Content-Type', type] as const),
  ...[
    'wait=',
    'wait=-1',
    'wait=99999999999',
    'wait=0;wait=0',
    ',,,',
    'respond-async',
    'wait=0 x',
  ].map((value) => ['Prefer', value] as const),
  ...['-1', '1.5', '99999999999999999999', 'x', '', '0'].map(
    (value) => ['Last-Event-ID', value] as const,
  ),
  ...['bytes=', 'bytes=-', 'bytes=9-1', 'bytes=-0', 'bytes=0-,0-,0-', 'lines=1-2', 'bytes=a-b'].map(
    (value) => ['Range', value] as const,
  ),
  ...['Bearer', 'Bearer ', 'Basic eDp4', 'Bearer \xe4', 'bearer x y', ''].map(
    (value) => ['Authorization', value] as const,
  ),
  ['If-None-Match', '*, ,"'],
  ['If-Range', 'yesterday'],
  ['Accept', 'image/png'],
  ['Content-Encoding', 'gzip'],
  ['Expect', 'x'],
  ['X-Forwarded-For', "1.2.3.4, '"],
  ['X-Request-Id', '\xff'.repeat(100)],
  ['Cookie', 'a=b; '.repeat(500)],
  ['Transfer-Encoding', 'gzip, chunked'],
];

/** What is put for parameters and members of a format that nobody guesses. */
export type Known = Readonly<Record<'program' | 'job' | 'sha256', readonly string[]>>;

export class MalformedRequests {
  readonly #random: Random;
  readonly #known: Known;

  constructor(random: Random, known: Known) {
    this.#random = random;
    this.#known = known;
  }

  next(operation: Operation): WireRequest {
    const random = this.#random;
    const { parameters = [], body } = operation;
    const values = new Map(parameters.map((parameter) => [parameter, this.#parameter(parameter)]));
    const query: [string, string][] = [];
    const headers: Record<string, string> = {};
    let json = body !== undefined && 'json' in body ? this.#sample(body.json) : undefined;
    let bytes = body !== undefined && 'octets' in body ? this.#bytes() : undefined;
    let { method } = operation as { method: string };
    if (body !== undefined) headers['Content-Type'] = mediaType(body);
    let cut = false;
    for (let faults = random.between(1, 3); faults > 0; faults--) {
      const fault = random.below(10);
      if (fault < 4 && json !== undefined) json = this.#broken(json);
      else if (fault < 6 && parameters.length > 0) {
        values.set(random.pick(parameters), this.#text());
      } else if (fault === 6) query.push([this.#text(), this.#text()]);
      else if (fault === 7) headers[random.pick(NASTY_HEADERS)[0]] = random.pick(NASTY_HEADERS)[1];
      else if (fault === 8) cut = true;
      else if (random.chance(0.2))
        method = random.pick(['PUT', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE']);
      else {
        const [name, value] = random.pick(NASTY_HEADERS);
        headers[name] = value;
      }
    }
    for (const [{ name, in: place }, value] of values) {
      if (place === 'query') query.push([name, value]);
      else if (place === 'header') headers[name] = headerText(value);
    }
    if (json !== undefined) bytes = new TextEncoder().encode(JSON.stringify(json) ?? '');
    if (cut && bytes !== undefined) bytes = this.#cut(bytes);
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const parameter = parameters.find((found) => found.name === name && found.in === 'path');
      return this.#escaped(parameter === undefined ? '' : (values.get(parameter) ?? ''));
    });
    const search = query.map(([name, value]) => `${this.#escaped(name)}=${this.#escaped(value)}`);
    return {
      method: method.toUpperCase(),
      path: search.length === 0 ? path : `${path}?${search.join('&')}`,
      headers,
      body: bytes,
    };
  }

  #parameter({ name, schema }: Parameter): string {
    if (name === 'Prefer') return 'wait=0';
    if (name === 'Range') return 'bytes=0-9';
    if (name === 'Idempotency-Key') return this.#random.pick(['a', 'b', 'c']);
    return String(this.#value(schema, name));
  }

  #sample(name: SchemaName): unknown {
    return this.#value(SCHEMAS[name], name);
  }

  /** A value that the schema allows; `name` is that of the member. */
  #value(schema: Schema, name: string): unknown {
    const random = this.#random;
    const { $ref, oneOf, type, pattern, format, minimum, maximum, properties, items } = schema as {
      readonly $ref?: string;
      readonly oneOf?: readonly Schema[];
      readonly type?: string;
      readonly pattern?: string;
      readonly format?: string;
      readonly minimum?: number;
      readonly maximum?: number;
      readonly properties?: Readonly<Record<string, Schema>>;
      readonly items?: Schema;
    };
    const { enum: choices, required = [] } = schema as {
      readonly enum?: readonly unknown[];
      readonly required?: readonly string[];
    };
    if ($ref !== undefined) return this.#sample($ref.split('/').at(-1) as SchemaName);
    if (oneOf !== undefined) return this.#value(random.pick(oneOf), name);
    if (choices !== undefined) return random.pick(choices);
    if (type === 'integer' || type === 'number') {
      return random.between(minimum ?? 0, Math.min(maximum ?? 1000, (minimum ?? 0) + 1000));
    }
    if (type === 'array') return [this.#value(items ?? {}, name)];
    if (properties !== undefined) {
      const members = Object.entries(properties).filter(
        ([member]) => required.includes(member) || random.chance(0.3),
      );
      return Object.fromEntries(
        members.map(([member, found]) => [member, this.#value(found, member)]),
      );
    }
    if (format === 'byte') return Buffer.from(this.#bytes()).toString('base64');
    if (pattern?.includes('prf_')) return random.pick(this.#known.job);
    if (pattern?.includes('64')) {
      return random.pick(name === 'sha256' ? this.#known.sha256 : this.#known.program);
    }
    return pattern?.includes('http') ? 'https://127.0.0.1/hook' : 'name';
  }

  /** The same with one value in it replaced, added or taken away. */
  #broken(value: unknown): unknown {
    const random = this.#random;
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    if (Array.isArray(value) || entries.length === 0 || random.chance(0.1)) {
      return random.chance(0.5) ? random.pick(NASTY_VALUES) : this.#text();
    }
    const index = random.below(entries.length);
    const choice = random.below(4);
    if (choice === 0) entries.splice(index, 1);
    else if (choice === 1) entries.push([this.#text(), random.pick(NASTY_VALUES)]);
    else {
      const [name, found] = entries[index] as [string, unknown];
      entries[index] = [name, this.#broken(found)];
    }
    return Object.fromEntries(entries);
  }

  #text(): string {
    const text = this.#random.pick(NASTY_TEXTS);
    return this.#random.chance(0.2) ? text + this.#random.pick(NASTY_TEXTS) : text;
  }

  #bytes(): Uint8Array {
    return Uint8Array.from({ length: this.#random.below(200) }, () => this.#random.below(256));
  }

  /** Without its end, or with one byte changed. */
  #cut(bytes: Uint8Array): Uint8Array {
    if (this.#random.chance(0.5)) return bytes.subarray(0, this.#random.below(bytes.length + 1));
    const copy = bytes.slice();
    const at = this.#random.below(bytes.length);
    if (bytes.length > 0) copy[at] = this.#random.below(256);
    return copy;
  }

  /** Percent-encoded, or only as far as Node's client demands. */
  #escaped(text: string): string {
    const whole = Buffer.from(text).toString();
    if (this.#random.chance(0.5)) return encodeURIComponent(whole);
    return whole.replaceAll(/[^\x21-\x7e]|[?#]/gu, (found) => encodeURIComponent(found));
  }
}

/** What Node's client accepts as a header. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
