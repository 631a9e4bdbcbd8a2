/** The OpenAPI 3.1 document, made from the operations and schemas. */
import { type Answer, type Content, OPERATIONS, type Operation } from './operations.ts';
import { type ProblemCode, statusOf, TITLES } from './problem.ts';
import { ref, SCHEMAS, type Schema } from './schemas.ts';

/** Most bytes of each kind of body; text in JSON counts as it is sent. */
export interface BodyLimits {
  readonly json: number;
  readonly elf: number;
  readonly blob: number;
}

export const BODY_LIMITS: BodyLimits = { json: 2 ** 23, elf: 2 ** 25, blob: 2 ** 24 };

const OCTETS = 'application/octet-stream';
const PROBLEM = 'application/problem+json';

/** @param version of the API */
export function openApiDocument(version: string): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] ??= {};
    (paths[operation.path] as Record<string, Schema>)[operation.method] =
      operationObject(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vouch',
      version,
      description:
        'Runs RISC-V programs and proves that they ran. Whoever uses a journal verifies the ' +
        'receipt with the package @vouch/verifier; nothing else that the server says is proved.',
      license: { name: 'MIT OR Apache-2.0', identifier: 'MIT OR Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key.' } },
    },
  };
}

/** The codes of problems that an operation answers. */
export function problemsOf({ problems = [], scope, body, parameters }: Operation): ProblemCode[] {
  const codes: ProblemCode[] = [...problems, ...EVERYWHERE];
  if (scope !== undefined) codes.push('auth/missing', 'auth/invalid', 'scope/missing');
  if (body !== undefined) codes.push('http/body', 'http/too-large', 'http/content-type');
  if (parameters?.some(({ in: place }) => place === 'path')) codes.push('http/path');
  return codes;
}

const EVERYWHERE: readonly ProblemCode[] = [
  'request/invalid',
  'http/host',
  'http/rate',
  'http/internal',
];

/** The media type of a body or an answer. */
export function mediaType(content: Content): string {
  if ('json' in content) return 'application/json';
  if ('events' in content) return 'text/event-stream';
  return 'text' in content ? content.text : OCTETS;
}

function operationObject(operation: Operation): Schema {
  const { id, summary, scope, parameters, body, answers } = operation;
  return {
    operationId: id,
    summary,
    ...(scope !== undefined && {
      security: [{ key: [] }],
      'x-scope': scope,
      description: `Where keys are required, one with the scope \`${scope}\` or \`admin\`.`,
    }),
    ...(parameters && {
      parameters: parameters.map((parameter) => ({
        ...parameter,
        required: parameter.in === 'path',
      })),
    }),
    ...(body && { requestBody: { required: true, content: contentObject(body) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, answerObject(answer)]),
      ),
      ...problemAnswers(operation),
    },
  };
}

function answerObject({ description, content, headers = {} }: Answer): Schema {
  const names = Object.entries(headers);
  return {
    description,
    ...(names.length > 0 && {
      headers: Object.fromEntries(
        names.map(([name, text]) => [name, { description: text, schema: { type: 'string' } }]),
      ),
    }),
    ...(content && { content: contentObject(content) }),
  };
}

function contentObject(content: Content): Schema {
  const type = mediaType(content);
  if ('json' in content) return { [type]: { schema: ref(content.json) } };
  if ('events' in content) {
    const description = `The data of each event is a ${content.events}; its id is the number.`;
    return { [type]: { schema: { type: 'string', description } } };
  }
  if ('text' in content) return { [type]: { schema: { type: 'string' } } };
  return { [type]: { schema: { contentMediaType: OCTETS } } };
}

function problemAnswers(operation: Operation): Schema {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(operation)) {
    const status = statusOf(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .filter(([status]) => operation.answers[status] === undefined)
      .map(([status, codes]) => [
        status,
        {
          description: codes.map((code) => `\`${code}\`: ${TITLES[code]}.`).join(' '),
          content: { [PROBLEM]: { schema: ref('Problem') } },
        },
      ]),
  );
}
