/** Checks requests against the document. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Operation, Parameter } from './operations.ts';
import { HttpError, type RequestFault } from './problem.ts';
import { ref, SCHEMAS, type SchemaName } from './schemas.ts';

/** Faults that an answer names; a request may have a million. */
const SHOWN_FAULTS = 8;

/** The parameters of a request, with numbers where the document says so. */
export type Parameters = Readonly<Record<string, string | number | undefined>>;

export interface Checks {
  /** @throws HttpError `request/invalid` */
  parameters(
    places: Readonly<Record<Parameter['in'], Readonly<Record<string, unknown>>>>,
  ): Parameters;
  /** @throws HttpError `request/invalid` */
  body(value: unknown): void;
}

/** Checks for one operation, compiled once. */
export function checksOf(operation: Operation): Checks {
  const { parameters = [], body } = operation;
  const [places, values] = [compiler(true), compiler(false)];
  const checkPlaces = places.compile(parametersSchema(parameters));
  const checkBody =
    body !== undefined && 'json' in body ? values.compile(bodySchema(body.json)) : undefined;
  return {
    parameters(found) {
      const copy = {
        path: { ...found.path },
        query: { ...found.query },
        header: pick(found.header, parameters),
      };
      validate(checkPlaces, copy, '');
      return Object.assign({}, copy.header, copy.query, copy.path) as Parameters;
    },
    body(value) {
      if (checkBody !== undefined) validate(checkBody, value, 'body');
    },
  };
}

/** Whether a text is base 64 with padding, in time linear in its length. */
export function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  const end = text.endsWith('==') ? -2 : text.endsWith('=') ? -1 : text.length;
  return !/[^A-Za-z0-9+/]/.test(text.slice(0, end));
}

function compiler(coerceTypes: boolean): Ajv2020 {
  return new Ajv2020({
    coerceTypes,
    strict: false,
    formats: { byte: { type: 'string', validate: isBase64 } },
  });
}

/** Header names do not care about case; other headers than the document's are none of its business. */
function pick(
  headers: Readonly<Record<string, unknown>>,
  parameters: readonly Parameter[],
): Record<string, unknown> {
  const names = parameters.filter(({ in: place }) => place === 'header').map(({ name }) => name);
  return Object.fromEntries(
    names
      .map((name) => [name, headers[name.toLowerCase()]] as const)
      .filter(([, value]) => value !== undefined),
  );
}

function parametersSchema(parameters: readonly Parameter[]): object {
  const place = (name: Parameter['in']): object => {
    const found = parameters.filter((parameter) => parameter.in === name);
    return {
      type: 'object',
      properties: Object.fromEntries(found.map(({ name, schema }) => [name, schema])),
      required: name === 'path' ? found.map(({ name }) => name) : [],
      additionalProperties: false,
    };
  };
  return {
    type: 'object',
    properties: { path: place('path'), query: place('query'), header: place('header') },
  };
}

function bodySchema(name: SchemaName): object {
  return { ...ref(name), components: { schemas: SCHEMAS } };
}

function validate(check: ValidateFunction, value: unknown, at: string): void {
  if (check(value)) return;
  const faults = (check.errors ?? []).slice(0, SHOWN_FAULTS).map((fault) => faultOf(fault, at));
  const first = faults[0] ?? { at, message: 'is not as the document says' };
  throw new HttpError(
    'request/invalid',
    `${first.at} ${first.message}`,
    'compare the request with /docs',
    { faults },
  );
}

function faultOf(
  { instancePath, message, params, keyword }: ErrorObject,
  at: string,
): RequestFault {
  const extra = keyword === 'additionalProperties' ? ` (${params.additionalProperty})` : '';
  const allowed = keyword === 'enum' ? `: ${params.allowedValues.join(', ')}` : '';
  const place = `${at}${instancePath}`.replace(/^\//, '');
  return {
    at: place.slice(0, 200),
    message: `${message ?? 'is wrong'}${extra.slice(0, 100)}${allowed}`,
  };
}
