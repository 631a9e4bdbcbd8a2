/** A client that holds a server to its document: every answer must be one that it names. */
import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { isBase64 } from '../../../api/http/checks.ts';
import { mediaType, problemsOf } from '../../../api/http/openapi.ts';
import { OPERATIONS, type Operation, type OperationId } from '../../../api/http/operations.ts';
import { statusOf } from '../../../api/http/problem.ts';
import { SCHEMAS, type Schema, type SchemaName } from '../../../api/http/schemas.ts';

export interface Call {
  /** For the braces in the path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes go as octets, text as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly method?: string;
  readonly signal?: AbortSignal;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** Parsed, where the answer is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: the schema has been checked, the type is the test's.
  readonly json: any;
}

export class Contract {
  readonly url: string;
  /** Sent with every request. */
  readonly key: string | undefined;
  /** Operations and statuses that were seen, as `job 200`. */
  readonly seen: Set<string>;
  readonly #checks = new Map<SchemaName, ValidateFunction>();

  constructor(url: string, key?: string, seen: Set<string> = new Set()) {
    this.url = url;
    this.key = key;
    this.seen = seen;
  }

  /** The same server with another key. */
  as(key: string | undefined): Contract {
    return new Contract(this.url, key, this.seen);
  }

  async call(id: OperationId, call: Call = {}): Promise<Answered> {
    const operation = operationOf(id);
    const response = await fetch(this.#address(operation, call), this.#request(operation, call));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const { status, headers } = response;
    const json = /json$/.test(typeOf(headers) ?? '') ? parsed(bytes) : undefined;
    const answered = { status, headers, bytes, json };
    this.hold(operation, answered, call.method === 'HEAD');
    return answered;
  }

  #address(operation: Operation, { path = {}, query = {} }: Call): string {
    const filled = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(path[name] ?? ''),
    );
    const search = new URLSearchParams(query).toString();
    return `${this.url}${filled}${search && `?${search}`}`;
  }

  #request(operation: Operation, { headers, body, method, signal }: Call): RequestInit {
    const isBytes = body instanceof Uint8Array;
    return {
      method: method ?? operation.method.toUpperCase(),
      headers: {
        ...(this.key !== undefined && { Authorization: `Bearer ${this.key}` }),
        ...(body !== undefined && {
          'Content-Type': isBytes ? 'application/octet-stream' : 'application/json',
        }),
        ...headers,
      },
      ...(body !== undefined && {
        body: isBytes || typeof body === 'string' ? body : JSON.stringify(body),
      }),
      ...(signal && { signal }),
    };
  }

  /** Fails where the document does not name such an answer. */
  hold(operation: Operation, answered: Answered, isHead: boolean): void {
    const { status, headers, bytes, json } = answered;
    const type = typeOf(headers);
    this.seen.add(`${operation.id} ${status}`);
    const what = `${operation.id} ${status}: ${new TextDecoder().decode(bytes.subarray(0, 500))}`;
    const documented = operation.answers[status];
    if (documented === undefined) {
      const codes = [...problemsOf(operation), ...UNROUTED];
      assert.ok(
        codes.some((code) => statusOf(code) === status),
        `not documented: ${what}`,
      );
      assert.equal(type, 'application/problem+json', what);
      if (isHead) return;
      this.#validate('Problem', json, what);
      assert.ok(codes.includes(json.code), `not documented: ${what}`);
      assert.equal(statusOf(json.code), status, what);
      return;
    }
    const { content } = documented;
    if (content === undefined) assert.equal(bytes.length, 0, what);
    else assert.equal(type, mediaType(content), what);
    if (content !== undefined && 'json' in content && !isHead) {
      this.#validate(content.json, json, what);
    }
  }

  #validate(name: SchemaName, value: unknown, what: string): void {
    let check = this.#checks.get(name);
    if (check === undefined) {
      check = strictCheck(name);
      this.#checks.set(name, check);
    }
    assert.ok(check(value), `${what}\n${JSON.stringify(check.errors)}`);
  }
}

/** Problems of requests that belong to no operation. */
const UNROUTED = ['http/method', 'http/not-found'] as const;

export function operationOf(id: OperationId): Operation {
  const found = OPERATIONS.find((operation) => operation.id === id);
  assert.ok(found);
  return found;
}

/** A check that accepts no member that the document does not name. */
function strictCheck(name: SchemaName): ValidateFunction {
  const ajv = new Ajv2020({
    strict: false,
    formats: { byte: { type: 'string', validate: isBase64 } },
  });
  return ajv.compile({
    $ref: `#/components/schemas/${name}`,
    components: { schemas: closed(SCHEMAS) },
  });
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)]);
  const copy = Object.fromEntries(entries) as Schema;
  const isOpen = 'properties' in copy && !('additionalProperties' in copy);
  return isOpen ? { ...copy, additionalProperties: false } : copy;
}

function typeOf(headers: Headers): string | undefined {
  return headers.get('Content-Type')?.split(';')[0];
}

export function parsed(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(bytes));
}
