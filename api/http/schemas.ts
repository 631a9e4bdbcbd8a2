/** What goes over the wire as JSON, as JSON Schema 2020-12; the types are those of `service.ts`. */
import { JOB_STATES, SCOPES } from '../service/service.ts';
import { PROBLEM_CODES } from './problem.ts';

export type Schema = Readonly<Record<string, unknown>>;

/** Most cycles of a run, and of one of its segments. */
const MAX_CYCLES = 2 ** 38;
const MAX_SEGMENT_CYCLES = 2 ** 21;
/** The last millisecond that a JavaScript date has. */
const MAX_TIME = 8.64e15;

export const DIGEST: Schema = {
  type: 'string',
  pattern: '^[0-9a-f]{64}$',
  description: '64 hexadecimal digits in lower case.',
};
export const JOB_ID: Schema = {
  type: 'string',
  pattern: '^prf_[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$',
  description: '`prf_` and 26 characters; sorts by time.',
};
export const KEY_ID: Schema = { type: 'string', pattern: '^[0-9A-Za-z_-]{1,64}$' };

const COUNT: Schema = { type: 'integer', minimum: 0 };
const TIME: Schema = {
  type: 'integer',
  minimum: 0,
  maximum: MAX_TIME,
  description: 'Milliseconds since 1970.',
};
const BYTES: Schema = {
  type: 'string',
  format: 'byte',
  contentEncoding: 'base64',
  description: 'Bytes in base 64, with padding.',
};
const EXIT_CODE: Schema = { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1 };
const SECURITY: Schema = { type: 'string', enum: ['S120', 'S100'] };
const PROGRAM_MODE: Schema = { type: 'string', enum: ['id', 'program'] };
const PRIORITY: Schema = { type: 'integer', minimum: 0, maximum: 9 };
const URL: Schema = { type: 'string', pattern: '^https?://[\\x21-\\x7e]+$', maxLength: 2048 };

/** An object whose members are required but for those that end in `?`. */
function object(members: Readonly<Record<string, Schema>>, description?: string): Schema {
  const entries = Object.entries(members);
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties: Object.fromEntries(
      entries.map(([name, schema]) => [name.replace('?', ''), schema]),
    ),
    required: entries.map(([name]) => name).filter((name) => !name.endsWith('?')),
  };
}

/** What a request may have: no other members. */
function request(members: Readonly<Record<string, Schema>>, description?: string): Schema {
  return { ...object(members, description), additionalProperties: false };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}

function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

/** A reference to one of the document's schemas. */
export function ref(name: SchemaName): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

const EXECUTION: Readonly<Record<string, Schema>> = {
  program: described(DIGEST, 'Id of a program that the service has.'),
  'publicInput?': ref('BlobSource'),
  'privateInput?': ref('BlobSource'),
  'maxCycles?': { type: 'integer', minimum: 1, maximum: MAX_CYCLES },
};

export type SchemaName =
  | 'Alive'
  | 'ApiKey'
  | 'Blob'
  | 'BlobSource'
  | 'Document'
  | 'ExecutionReport'
  | 'ExecutionRequest'
  | 'Health'
  | 'Job'
  | 'JobEvent'
  | 'JobPage'
  | 'JobProgress'
  | 'JobRequest'
  | 'JobStatistics'
  | 'KeyList'
  | 'KeyRequest'
  | 'NewKey'
  | 'Problem'
  | 'Program'
  | 'ProofRequest'
  | 'RunOutcome'
  | 'Scope'
  | 'Trap'
  | 'VerificationReport'
  | 'VerificationRequest'
  | 'WebhookSecret';

export const SCHEMAS: Readonly<Record<SchemaName, Schema>> = {
  Document: { type: 'object', description: 'OpenAPI 3.1.' },
  BlobSource: {
    description: 'Bytes, or the SHA-256 of bytes that were uploaded before.',
    oneOf: [BYTES, request({ sha256: DIGEST })],
  },
  Program: object({
    id: described(DIGEST, 'What a light client pins.'),
    sha256: described(DIGEST, 'Of the ELF file.'),
    bytes: COUNT,
    createdAt: TIME,
  }),
  Blob: object({ sha256: DIGEST, bytes: COUNT }),
  ExecutionRequest: request({
    ...EXECUTION,
    'profile?': { type: 'boolean', description: 'Whether the report has a profile.' },
  }),
  RunOutcome: {
    oneOf: [
      object({ kind: { const: 'exit' }, code: EXIT_CODE }),
      object({ kind: { const: 'trap' }, trap: ref('Trap') }),
    ],
  },
  Trap: object({
    cause: { type: 'string' },
    pc: COUNT,
    'address?': COUNT,
    message: { type: 'string' },
  }),
  ExecutionReport: object({
    outcome: ref('RunOutcome'),
    journal: BYTES,
    cycles: COUNT,
    statistics: object({
      ...{ cycles: COUNT, segments: COUNT },
      classes: { type: 'object', additionalProperties: COUNT },
      operations: list(
        object({ name: { type: 'string' }, class: { type: 'string' }, cycles: COUNT }),
      ),
      ...{ loads: COUNT, stores: COUNT, misalignedAccesses: COUNT, touchedPages: COUNT },
    }),
    'profile?': described({ type: 'string' }, 'One line for each call stack: `main;f 123`.'),
    'estimate?': object(
      {
        segments: COUNT,
        milliseconds: { type: 'number' },
        memoryBytes: { type: 'number' },
        receiptBytes: COUNT,
      },
      'What a proof will take; absent where the run trapped.',
    ),
  }),
  ProofRequest: request({
    ...EXECUTION,
    'security?': SECURITY,
    'programMode?': PROGRAM_MODE,
    'segmentCycles?': { type: 'integer', minimum: 1, maximum: MAX_SEGMENT_CYCLES },
    'deadline?': described(TIME, 'The job fails when it is not done by then.'),
    'priority?': described(
      PRIORITY,
      'Among the jobs of the key: the smallest goes first; 5 by default.',
    ),
    'webhook?': request({ url: URL }, 'Called when the job has ended.'),
  }),
  JobRequest: object(
    {
      program: DIGEST,
      publicInput: DIGEST,
      privateInput: DIGEST,
      security: SECURITY,
      programMode: PROGRAM_MODE,
      'segmentCycles?': COUNT,
      maxCycles: COUNT,
      'deadline?': TIME,
      priority: PRIORITY,
      'webhook?': URL,
    },
    'What was asked for, with digests for bytes and all defaults.',
  ),
  JobProgress: object({
    'stage?': { type: 'string' },
    segment: described(COUNT, 'What the stage is of, from 1; 0 for the whole run.'),
    segments: described(COUNT, 'Of the run; 0 as long as it is not planned.'),
    proved: described(COUNT, 'Segments whose proof is made.'),
    done: { type: 'number', minimum: 0, maximum: 1, description: 'Never falls.' },
    'left?': { type: 'number', description: 'Milliseconds.' },
  }),
  JobStatistics: object({
    ...{ segments: COUNT, cells: COUNT, interactions: COUNT },
    securityBits: { type: 'number' },
    stages: list(object({ stage: { type: 'string' }, milliseconds: { type: 'number' } })),
    tasks: list(
      object({
        kind: { type: 'string', enum: ['execute', 'commit', 'challenge', 'prove', 'finish'] },
        segment: COUNT,
        worker: { type: 'string' },
        startedAt: TIME,
        endedAt: TIME,
        attempt: COUNT,
        'fromStart?': { type: 'boolean' },
      }),
    ),
  }),
  Job: object({
    id: JOB_ID,
    key: described({ type: 'string' }, 'Id of the API key that submitted it.'),
    state: { type: 'string', enum: JOB_STATES },
    request: ref('JobRequest'),
    createdAt: TIME,
    'startedAt?': TIME,
    'endedAt?': TIME,
    progress: ref('JobProgress'),
    'outcome?': ref('RunOutcome'),
    'journal?': BYTES,
    'cycles?': COUNT,
    'receipt?': object({ sha256: DIGEST, bytes: COUNT }),
    'statistics?': ref('JobStatistics'),
    'failure?': object({
      code: { type: 'string' },
      message: { type: 'string' },
      remedy: { type: 'string' },
    }),
  }),
  JobPage: object({ jobs: list(ref('Job')), 'next?': { type: 'string' } }),
  JobEvent: object({
    number: { type: 'integer', minimum: 1 },
    at: TIME,
    kind: { type: 'string', enum: ['state', 'progress', 'task'] },
    job: ref('Job'),
  }),
  VerificationRequest: request({
    receipt: ref('BlobSource'),
    program: described(DIGEST, 'The program id that is pinned.'),
    'publicInput?': ref('BlobSource'),
    'exitCode?': EXIT_CODE,
    'minSecurityBits?': { type: 'number', minimum: 1, maximum: 128 },
  }),
  VerificationReport: {
    oneOf: [
      object({
        valid: { const: true },
        journal: BYTES,
        exitCode: EXIT_CODE,
        cycles: COUNT,
        securityBits: { type: 'number' },
      }),
      object({
        valid: { const: false },
        check: { type: 'string' },
        reason: { type: 'string' },
      }),
    ],
  },
  KeyRequest: request({
    name: { type: 'string', pattern: '^[^\\x00-\\x1f\\x7f]+$', maxLength: 100 },
    scopes: { ...list(ref('Scope')), minItems: 1, uniqueItems: true },
    'expiresAt?': TIME,
  }),
  Scope: { type: 'string', enum: SCOPES },
  ApiKey: object({
    id: KEY_ID,
    name: { type: 'string' },
    scopes: list(ref('Scope')),
    createdAt: TIME,
    'expiresAt?': TIME,
    'revokedAt?': TIME,
  }),
  NewKey: object({
    secret: described({ type: 'string' }, 'Shown once: the service keeps its hash only.'),
    key: ref('ApiKey'),
  }),
  KeyList: object({ keys: list(ref('ApiKey')) }),
  WebhookSecret: object({
    secret: described({ type: 'string' }, 'As Standard Webhooks has it: `whsec_` and base 64.'),
  }),
  Alive: object({ status: { const: 'ok' } }),
  Health: object({
    ready: { type: 'boolean' },
    problems: list({ type: 'string' }),
    jobs: object(Object.fromEntries(JOB_STATES.map((state) => [state, COUNT]))),
    ...{ waiting: COUNT, mostWaiting: COUNT, workers: COUNT, blobBytes: COUNT },
  }),
  Problem: object(
    {
      type: { type: 'string', description: 'Where the code is explained.' },
      title: { type: 'string' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: { type: 'string' },
      code: { type: 'string', enum: PROBLEM_CODES },
      remedy: { type: 'string' },
      requestId: { type: 'string' },
      'errors?': list(object({ at: { type: 'string' }, message: { type: 'string' } })),
    },
    'RFC 9457',
  ),
};
