/** The HTTP application: what every request passes, then the operations of the document. */
import express, { type Express, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { ANONYMOUS, type Service } from '../service/service.ts';
import { callerOf } from './auth.ts';
import { checksOf } from './checks.ts';
import { answerCrossOrigin } from './cross-origin.ts';
import type { Handler } from './exchange.ts';
import { answerFailure } from './failures.ts';
import { startMetrics } from './metrics.ts';
import { localsOf, observe } from './observe.ts';
import { BODY_LIMITS, type BodyLimits, mediaType } from './openapi.ts';
import { type Content, OPERATIONS, type Operation } from './operations.ts';
import { pagesRouter } from './pages.ts';
import { HttpError } from './problem.ts';
import { events } from './routes/events.ts';
import { createKey, keys, revokeKey, webhookSecret } from './routes/keys.ts';
import { addBlob, addProgram, execute, program } from './routes/programs.ts';
import { cancel, job, jobs, submit } from './routes/proofs.ts';
import { receipt, verify } from './routes/receipts.ts';
import { selfHandlers } from './routes/self.ts';

export interface AppOptions {
  /** Whether callers need an API key. */
  readonly keys: boolean;
  /** Version of the API in the document. */
  readonly version: string;
  readonly logger: Logger;
  /** Aborted when the server shuts down: streams and waits end, nothing new begins. */
  readonly closing: AbortSignal;
  /** Host names that the server answers for. Default: any with keys, those of loopback without. */
  readonly hosts?: readonly string[];
  readonly limits?: Partial<BodyLimits>;
  /** Of one address. Default 600. */
  readonly requestsPerMinute?: number;
  /** Proxies in front, whose `X-Forwarded-For` counts. Default 0. */
  readonly proxies?: number;
}

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];
const DEFAULT_REQUESTS_PER_MINUTE = 600;

export function createApp(service: Service, options: AppOptions): Express {
  const metrics = startMetrics(service);
  const handlers: Readonly<Record<Operation['id'], Handler>> = {
    ...{ addProgram, program, addBlob, execute, submit, jobs, job, cancel, events },
    ...{ receipt, verify, createKey, keys, revokeKey, webhookSecret },
    ...selfHandlers(metrics, options),
  };
  const app = express();
  app.disable('x-powered-by');
  app.enable('case sensitive routing').enable('strict routing');
  app.set('query parser', 'simple').set('trust proxy', options.proxies ?? 0);
  app.use(observe(options.logger, metrics));
  app.use(securityHeaders());
  app.use(knownHost(options));
  app.use(limitedRate(options.requestsPerMinute ?? DEFAULT_REQUESTS_PER_MINUTE));
  app.use(answerCrossOrigin(options.keys));
  const paths = new Map<string, Operation[]>();
  for (const operation of OPERATIONS) {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
    paths.set(path, [...(paths.get(path) ?? []), operation]);
    app[operation.method](path, ...steps(operation, handlers[operation.id], service, options));
  }
  for (const [path, operations] of paths) app.all(path, otherMethod(operations));
  const pages = pagesRouter();
  if (pages !== undefined) app.use(pages);
  else options.logger.warn('the pages were not built: npm run build');
  app.use((request) => {
    throw new HttpError('http/not-found', `there is nothing at ${request.path}`, 'see /docs');
  });
  app.use(answerFailure);
  return app;
}

/** What a request of an operation passes. */
function steps(
  operation: Operation,
  handler: Handler,
  service: Service,
  options: AppOptions,
): RequestHandler[] {
  const { scope, body, path } = operation;
  const checks = checksOf(operation);
  const authorise: RequestHandler = async (request, response, next) => {
    const locals = localsOf(response);
    locals.route = path;
    if (scope !== undefined) {
      locals.caller = await callerOf(request, service, options.keys, scope);
    }
    if (options.closing.aborted && request.method === 'POST') {
      throw new HttpError('http/closing', 'the server is shutting down', 'try again in a moment', {
        headers: { 'Retry-After': '5' },
      });
    }
    next();
  };
  const answer: RequestHandler = async (request, response) => {
    const { params, query, headers } = request;
    const parameters = checks.parameters({ path: params, query, header: headers });
    if (body !== undefined) checks.body(request.body);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, options.closing]);
    const { caller = NOBODY } = localsOf(response);
    const exchange = { service, caller, parameters, body: request.body, request, response, signal };
    await handler(exchange);
  };
  return [authorise, ...(body === undefined ? [] : bodySteps(body, options)), answer];
}

/** Who asks where nobody needs to say. */
const NOBODY = { key: ANONYMOUS, scopes: [] };

/** The type is checked before a byte is read, the length while reading. */
function bodySteps(body: Content, options: AppOptions): RequestHandler[] {
  const type = mediaType(body);
  const limits = { ...BODY_LIMITS, ...options.limits };
  const limit = limits['octets' in body && body.octets !== 'receipt' ? body.octets : 'json'];
  const parser = { limit, inflate: false, type: () => true };
  const checkType: RequestHandler = (request, _response, next) => {
    const isEmpty = 'json' in body && request.headers['content-length'] === '0';
    const found = isEmpty ? null : request.is(type);
    if (found === null) throw new HttpError('http/body', 'the request has no body', `send ${type}`);
    if (found === false) {
      const given = String(request.headers['content-type'] ?? 'none').slice(0, 100);
      throw new HttpError('http/content-type', `the content type is ${given}`, `send ${type}`);
    }
    next();
  };
  return [checkType, 'json' in body ? express.json(parser) : express.raw(parser)];
}

function otherMethod(operations: readonly Operation[]): RequestHandler {
  const methods = operations.map(({ method }) => method.toUpperCase());
  if (methods.includes('GET')) methods.push('HEAD');
  const allowed = [...methods, 'OPTIONS'].join(', ');
  return (request, response) => {
    if (request.method === 'OPTIONS') {
      response.set('Allow', allowed).status(204).end();
      return;
    }
    throw new HttpError('http/method', `${request.method} is not possible here`, `use ${allowed}`, {
      headers: { Allow: allowed },
    });
  };
}

/** Pages take scripts, styles and connections from here only. */
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // TLS ends at a proxy, whose business this is.
    strictTransportSecurity: false,
  });
}

/** A page that makes its own name point here must not use a service that asks for no key. */
function knownHost({ keys, hosts }: AppOptions): RequestHandler {
  const names = hosts ?? (keys ? undefined : LOOPBACK_HOSTS);
  return (request, _response, next) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    if (names !== undefined && !names.includes(host)) {
      throw new HttpError(
        'http/host',
        `the server does not answer for ${host.slice(0, 100)}`,
        `use one of ${names.join(', ')}`,
      );
    }
    next();
  };
}

function limitedRate(limit: number): RequestHandler {
  const seconds = 60;
  return rateLimit({
    windowMs: 1000 * seconds,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Without proxies the header is the client's word, and ignored.
    validate: { xForwardedForHeader: false },
    skip: ({ path }) => path === '/healthz' || path === '/readyz',
    handler: () => {
      throw new HttpError(
        'http/rate',
        `more than ${limit} requests in ${seconds} seconds`,
        'wait as long as Retry-After says',
      );
    },
  });
}
