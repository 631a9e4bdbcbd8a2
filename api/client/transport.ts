/** Requests that are made again when the network or the server says so. */
import { boundedBytes, boundedText } from './bounded.ts';
import { ApiError, ClientError } from './errors.ts';

export interface ClientOptions {
  /** Where the server is, as `http://127.0.0.1:8080`. Default: where the page is from. */
  readonly url?: string;
  /** An API key. */
  readonly key?: string;
  /** How often a request is made again. Default 5. */
  readonly retries?: number;
  /** Default: that of the platform. */
  readonly fetch?: typeof fetch;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Begins with `/`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes go as octets, anything else as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

const FIRST_DELAY_MILLISECONDS = 250;
const LONGEST_DELAY_MILLISECONDS = 15_000;
/** Whoever is to wait longer decides that itself. */
const MOST_RETRY_SECONDS = 60;
/** A journal of 16 MiB in base 64, and more. */
const MOST_JSON_BYTES = 2 ** 26;
const MOST_PROBLEM_BYTES = 2 ** 16;
/** Statuses of a server, or a proxy before it, that may answer another time. */
const PASSING = new Set([429, 502, 503, 504]);

/**
 * Every call of this API can be made again: uploads are named by their contents, a submission has an
 * idempotency key, the others change nothing or the same.
 */
export class Transport {
  readonly #url: string;
  readonly #key: string | undefined;
  readonly #retries: number;
  readonly #fetch: typeof fetch;

  constructor({ url = '', key, retries = 5, fetch: ownFetch }: ClientOptions) {
    this.#url = url.replace(/\/+$/, '');
    this.#key = key;
    this.#retries = retries;
    this.#fetch = ownFetch ?? ((input, init) => fetch(input, init));
  }

  get retries(): number {
    return this.#retries;
  }

  /** The answer's JSON. @throws as `send` */
  async json(call: Call): Promise<unknown> {
    return this.#whole(call, async (response) => {
      const text = await boundedText(response, MOST_JSON_BYTES);
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        throw protocolError(call, 'is not JSON', cause);
      }
    });
  }

  /** The answer's bytes. @throws as `send`; ClientError `client/too-large` */
  async bytes(call: Call, most: number): Promise<Uint8Array> {
    return this.#whole(call, (response) => boundedBytes(response, most));
  }

  /**
   * An answer whose body is still to be read.
   *
   * @throws ApiError, ClientError, the signal's reason when it is aborted
   */
  send(call: Call): Promise<Response> {
    return this.#whole(call, async (response) => response);
  }

  /** Reading is part of the attempt: a connection may break in the middle of an answer. */
  async #whole<Value>(call: Call, read: (response: Response) => Promise<Value>): Promise<Value> {
    for (let attempt = 0; ; attempt++) {
      call.signal?.throwIfAborted();
      let retryAfter: number | undefined;
      try {
        const response = await this.#fetch(`${this.#url}${call.path}`, this.#request(call));
        if (response.ok) return await read(response);
        const error = await problemOf(response, call);
        retryAfter = error.retryAfter;
        const isPassing = PASSING.has(response.status) && (retryAfter ?? 0) <= MOST_RETRY_SECONDS;
        if (!isPassing || attempt >= this.#retries) throw error;
      } catch (error) {
        call.signal?.throwIfAborted();
        if (error instanceof ApiError || error instanceof ClientError) throw error;
        if (attempt >= this.#retries) throw unreachable(call, attempt + 1, error);
      }
      await pause(attempt, call.signal, retryAfter);
    }
  }

  #request({ method, headers, body, signal }: Call): RequestInit {
    const isBytes = body instanceof Uint8Array;
    return {
      method,
      headers: {
        ...(this.#key !== undefined && { Authorization: `Bearer ${this.#key}` }),
        ...(body !== undefined && {
          'Content-Type': isBytes ? 'application/octet-stream' : 'application/json',
        }),
        ...headers,
      },
      ...(body !== undefined && {
        body: isBytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
      }),
      ...(signal && { signal }),
    };
  }
}

/**
 * Waits longer after each attempt, not as long as all the others, and as long as the server says.
 *
 * @param attempt from 0
 * @param seconds what the server says
 */
export async function pause(
  attempt: number,
  signal: AbortSignal | undefined,
  seconds = 0,
): Promise<void> {
  const most = Math.min(LONGEST_DELAY_MILLISECONDS, FIRST_DELAY_MILLISECONDS * 2 ** attempt);
  const milliseconds = Math.max(1000 * seconds, most * (0.5 + Math.random() / 2));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    }
    signal?.addEventListener('abort', done);
    if (signal?.aborted) done();
  });
}

export function unreachable({ method, path }: Call, attempts: number, cause: unknown): ClientError {
  const reason = cause instanceof Error ? (cause.cause ?? cause) : cause;
  return new ClientError(
    'client/unreachable',
    `${method} ${path} was not answered, ${attempts} times: ${reason instanceof Error ? reason.message : reason}`,
    'look whether the server runs and the address is right',
    { cause },
  );
}

export function protocolError({ method, path }: Call, what: string, cause?: unknown): ClientError {
  return new ClientError(
    'client/protocol',
    `the answer to ${method} ${path} ${what}`,
    'look whether the address is that of a server of Vouch, of this version',
    { cause },
  );
}

async function problemOf(response: Response, call: Call): Promise<ApiError> {
  const text = await boundedText(response, MOST_PROBLEM_BYTES);
  const title = `${call.method} ${call.path} was answered with status ${response.status}`;
  const retryAfter = secondsOf(response.headers.get('Retry-After'));
  return new ApiError(response.status, { title, ...parsedProblem(text) }, retryAfter);
}

/** Undefined where a proxy has answered, in its own words. */
function parsedProblem(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const problem: unknown = JSON.parse(text);
    return typeof problem === 'object' && problem !== null ? { ...problem } : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where the server says nothing, or a date. */
function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}
