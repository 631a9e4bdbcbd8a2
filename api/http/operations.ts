/** Every operation of the API, stated once: the document, the checks and the routes follow from it. */
import { JOB_STATES, type Scope } from '../service/service.ts';
import type { ProblemCode } from './problem.ts';
import { DIGEST, JOB_ID, KEY_ID, type Schema, type SchemaName } from './schemas.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: Schema;
}

/** JSON of a schema, octets, or a stream of events with JSON of a schema. */
export type Content =
  | { readonly json: SchemaName }
  | { readonly octets: 'elf' | 'blob' | 'receipt' }
  | { readonly events: SchemaName }
  | { readonly text: 'text/plain' | 'text/html' };

export interface Answer {
  readonly description: string;
  readonly content?: Content;
  /** Names of headers, with what they say. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Operation {
  readonly id: OperationId;
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly summary: string;
  /** What an API key must allow; undefined where none is needed. */
  readonly scope?: Scope;
  readonly parameters?: readonly Parameter[];
  readonly body?: Content;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Besides those that every operation has. */
  readonly problems?: readonly ProblemCode[];
}

const PROGRAM: Parameter = path('id', 'Program id.', DIGEST);
const JOB: Parameter = path('id', 'Id of the job.', JOB_ID);
const PREFER: Parameter = {
  name: 'Prefer',
  in: 'header',
  description:
    '`wait=30` (RFC 7240): answer when the job has ended, after 30 seconds at the latest.',
  schema: { type: 'string', maxLength: 200 },
};
const LOCATION = { Location: 'Path of what was made.' };
const RETRY_AFTER = { 'Retry-After': 'Seconds after which to ask again.' };
const WAITED = { 'Preference-Applied': 'The seconds of `Prefer` that count.' };

export type OperationId =
  | 'addProgram'
  | 'program'
  | 'addBlob'
  | 'execute'
  | 'submit'
  | 'jobs'
  | 'job'
  | 'cancel'
  | 'events'
  | 'receipt'
  | 'verify'
  | 'createKey'
  | 'keys'
  | 'revokeKey'
  | 'webhookSecret'
  | 'document'
  | 'docs'
  | 'alive'
  | 'ready'
  | 'metrics';

export const OPERATIONS: readonly Operation[] = [
  {
    id: 'addProgram',
    method: 'post',
    path: '/v1/programs',
    summary: 'Upload a program: an ELF file. Its id is computed, never taken from the caller.',
    scope: 'prove',
    body: { octets: 'elf' },
    answers: {
      200: { description: 'It was there.', content: { json: 'Program' }, headers: LOCATION },
      201: { description: 'It is new.', content: { json: 'Program' }, headers: LOCATION },
    },
    problems: ['program/invalid', 'storage/full', 'service/closing'],
  },
  {
    id: 'program',
    method: 'get',
    path: '/v1/programs/{id}',
    summary: 'A program; HEAD tells whether the service has it.',
    scope: 'read',
    parameters: [PROGRAM],
    answers: { 200: { description: 'The program.', content: { json: 'Program' } } },
    problems: ['program/unknown'],
  },
  {
    id: 'addBlob',
    method: 'post',
    path: '/v1/blobs',
    summary: 'Upload bytes, to name them by their SHA-256 in later requests.',
    scope: 'prove',
    body: { octets: 'blob' },
    answers: { 201: { description: 'The bytes are there.', content: { json: 'Blob' } } },
    problems: ['storage/full', 'service/closing'],
  },
  {
    id: 'execute',
    method: 'post',
    path: '/v1/executions',
    summary: 'Run a program without a proof: journal, cycles, and what a proof would take.',
    scope: 'prove',
    body: { json: 'ExecutionRequest' },
    answers: { 200: { description: 'How it ran.', content: { json: 'ExecutionReport' } } },
    problems: ['program/unknown', 'blob/unknown', 'limit/cycles', 'service/closing'],
  },
  {
    id: 'submit',
    method: 'post',
    path: '/v1/proofs',
    summary: 'Submit a job: run a program and prove that it ran.',
    scope: 'prove',
    parameters: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        description: 'The same key with the same request is the same job.',
        schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
      },
      PREFER,
    ],
    body: { json: 'ProofRequest' },
    answers: {
      200: {
        description: 'The job has ended.',
        content: { json: 'Job' },
        headers: { ...LOCATION, ...WAITED },
      },
      202: {
        description: 'The job will be worked on, whatever happens to the server.',
        content: { json: 'Job' },
        headers: { ...LOCATION, ...RETRY_AFTER, ...WAITED },
      },
    },
    problems: [
      'program/unknown',
      'blob/unknown',
      'limit/cycles',
      'idempotency/other-request',
      'queue/full',
      'quota/exceeded',
      'storage/full',
      'service/closing',
    ],
  },
  {
    id: 'jobs',
    method: 'get',
    path: '/v1/proofs',
    summary: 'Jobs, newest first.',
    scope: 'read',
    parameters: [
      query('state', 'Only jobs in this state.', { type: 'string', enum: JOB_STATES }),
      query('cursor', 'What the page before gave as `next`.', {
        type: 'string',
        pattern: '^[\\x21-\\x7e]{1,200}$',
      }),
      query('limit', 'Most jobs; 20 by default.', { type: 'integer', minimum: 1, maximum: 100 }),
    ],
    answers: {
      200: {
        description: 'A page of jobs.',
        content: { json: 'JobPage' },
        headers: { Link: '`rel="next"` is the next page, where there is one.' },
      },
    },
  },
  {
    id: 'job',
    method: 'get',
    path: '/v1/proofs/{id}',
    summary: 'A job: state, progress, outcome of the run, receipt.',
    scope: 'read',
    parameters: [JOB, PREFER],
    answers: {
      200: {
        description: 'The job.',
        content: { json: 'Job' },
        headers: { ...RETRY_AFTER, ...WAITED },
      },
    },
    problems: ['job/unknown'],
  },
  {
    id: 'cancel',
    method: 'delete',
    path: '/v1/proofs/{id}',
    summary: 'Cancel a job; does nothing to one that has ended.',
    scope: 'prove',
    parameters: [JOB],
    answers: { 200: { description: 'The job.', content: { json: 'Job' } } },
    problems: ['job/unknown'],
  },
  {
    id: 'events',
    method: 'get',
    path: '/v1/proofs/{id}/events',
    summary: 'The changes of a job as server-sent events, until it has ended.',
    scope: 'read',
    parameters: [
      JOB,
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'Number of the last event that was seen.',
        schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      },
      query('after', 'The same, for clients that cannot set headers.', {
        type: 'integer',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
      }),
    ],
    answers: { 200: { description: 'Events.', content: { events: 'JobEvent' } } },
    problems: ['job/unknown'],
  },
  {
    id: 'receipt',
    method: 'get',
    path: '/v1/receipts/{sha256}',
    summary: 'The bytes of a receipt, which never change.',
    scope: 'read',
    parameters: [
      path('sha256', 'SHA-256 of the receipt.', DIGEST),
      {
        name: 'Range',
        in: 'header',
        description: 'One range of bytes (RFC 9110).',
        schema: { type: 'string', maxLength: 200 },
      },
    ],
    answers: {
      200: {
        description: 'The receipt.',
        content: { octets: 'receipt' },
        headers: { ETag: 'Its SHA-256.', 'Cache-Control': '`immutable`' },
      },
      206: { description: 'Part of it.', content: { octets: 'receipt' } },
      304: { description: 'The client has it.' },
    },
    problems: ['receipt/unknown', 'http/range'],
  },
  {
    id: 'verify',
    method: 'post',
    path: '/v1/verifications',
    summary: 'Verify a receipt here. Whoever does not trust this server verifies it themselves.',
    scope: 'read',
    body: { json: 'VerificationRequest' },
    answers: {
      200: {
        description: 'Valid, or the check that failed.',
        content: { json: 'VerificationReport' },
      },
    },
    problems: ['blob/unknown'],
  },
  {
    id: 'createKey',
    method: 'post',
    path: '/v1/keys',
    summary: 'Make an API key.',
    scope: 'admin',
    body: { json: 'KeyRequest' },
    answers: { 201: { description: 'The key, shown once.', content: { json: 'NewKey' } } },
  },
  {
    id: 'keys',
    method: 'get',
    path: '/v1/keys',
    summary: 'All API keys, without their secrets.',
    scope: 'admin',
    answers: { 200: { description: 'The keys.', content: { json: 'KeyList' } } },
  },
  {
    id: 'revokeKey',
    method: 'delete',
    path: '/v1/keys/{id}',
    summary: 'Revoke an API key.',
    scope: 'admin',
    parameters: [path('id', 'Id of the key.', KEY_ID)],
    problems: ['key/unknown'],
    answers: { 200: { description: 'The key.', content: { json: 'ApiKey' } } },
  },
  {
    id: 'webhookSecret',
    method: 'get',
    path: '/v1/webhook-secret',
    summary: "What the webhooks of the caller's jobs are signed with.",
    scope: 'prove',
    answers: { 200: { description: 'The secret.', content: { json: 'WebhookSecret' } } },
  },
  {
    id: 'document',
    method: 'get',
    path: '/v1/openapi.json',
    summary: 'This document.',
    answers: { 200: { description: 'OpenAPI 3.1.', content: { json: 'Document' } } },
  },
  {
    id: 'docs',
    method: 'get',
    path: '/docs',
    summary: 'This document for people.',
    answers: { 200: { description: 'A page.', content: { text: 'text/html' } } },
  },
  {
    id: 'alive',
    method: 'get',
    path: '/healthz',
    summary: 'Whether the process answers.',
    answers: { 200: { description: 'It does.', content: { json: 'Alive' } } },
  },
  {
    id: 'ready',
    method: 'get',
    path: '/readyz',
    summary: 'Whether the service takes requests: database, queue and disk answer.',
    answers: {
      200: { description: 'It does.', content: { json: 'Health' } },
      503: { description: 'It does not.', content: { json: 'Health' } },
    },
  },
  {
    id: 'metrics',
    method: 'get',
    path: '/metrics',
    summary: 'Figures for Prometheus.',
    scope: 'read',
    answers: { 200: { description: 'Figures.', content: { text: 'text/plain' } } },
  },
];

function path(name: string, description: string, schema: Schema): Parameter {
  return { name, in: 'path', description, schema };
}

function query(name: string, description: string, schema: Schema): Parameter {
  return { name, in: 'query', description, schema };
}
