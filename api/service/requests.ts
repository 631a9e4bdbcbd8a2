/** What callers may ask for. */
import { MAX_SEGMENT_CYCLES } from '../proving/run.ts';
import { digestOf } from './blobs.ts';
import type { ServiceConfig } from './config.ts';
import {
  type BlobSource,
  type ExecutionRequest,
  type JobRequest,
  type ProofRequest,
  ServiceError,
} from './service.ts';

const DEFAULT_PRIORITY = 5;
const MOST_URL_CHARACTERS = 2048;

/** The SHA-256 of what was sent, without defaults: these may change before it is sent again. */
export function requestDigest(request: ProofRequest): string {
  const { program, publicInput, privateInput, security, programMode, segmentCycles } = request;
  const { maxCycles, deadline, priority, webhook } = request;
  const sent = [
    ...[program, sourceDigest(publicInput), sourceDigest(privateInput), security, programMode],
    ...[segmentCycles, maxCycles, deadline, priority, webhook?.url],
  ];
  return digestOf(new TextEncoder().encode(JSON.stringify(sent)));
}

function sourceDigest(source: BlobSource | undefined): string | undefined {
  return source instanceof Uint8Array ? digestOf(source) : source?.sha256;
}

/**
 * A request with the defaults, its inputs left out.
 *
 * @throws ServiceError `request/invalid`, `limit/cycles`
 */
export function checkedRequest(
  request: ExecutionRequest & ProofRequest,
  { maxCycles: most }: ServiceConfig,
): Omit<JobRequest, 'publicInput' | 'privateInput'> {
  const { security = 'S120', programMode = 'id', segmentCycles, deadline, webhook } = request;
  const { maxCycles = most, priority = DEFAULT_PRIORITY } = request;
  if (security !== 'S120' && security !== 'S100') throw wrong('security', security, 'S120 or S100');
  if (programMode !== 'id' && programMode !== 'program') {
    throw wrong('programMode', programMode, 'id or program');
  }
  checkInteger('maxCycles', maxCycles, 1, Number.MAX_SAFE_INTEGER);
  if (maxCycles > most) {
    const message = `maxCycles is ${maxCycles}, this service allows ${most}`;
    throw new ServiceError('limit/cycles', message, `ask for at most ${most} cycles`);
  }
  checkInteger('priority', priority, 0, 9);
  if (segmentCycles !== undefined) {
    checkInteger('segmentCycles', segmentCycles, 1, MAX_SEGMENT_CYCLES);
  }
  if (deadline !== undefined) checkInteger('deadline', deadline, Date.now(), 2 ** 52);
  const url = webhook?.url;
  if (url !== undefined) checkUrl(url);
  return {
    ...{ program: request.program, security, programMode },
    ...(segmentCycles !== undefined && { segmentCycles }),
    maxCycles,
    ...(deadline !== undefined && { deadline }),
    priority,
    ...(url !== undefined && { webhook: url }),
  };
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw wrong(name, value, `an integer from ${least} to ${most}`);
}

function checkUrl(text: string): void {
  const expected = 'an http or https URL without user and password';
  const url = text.length <= MOST_URL_CHARACTERS && URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!isWeb || url?.username || url?.password) throw wrong('webhook.url', text, expected);
}

function wrong(name: string, value: unknown, expected: string): ServiceError {
  const message = `${name} is ${JSON.stringify(value)}, expected ${expected}`;
  return new ServiceError('request/invalid', message, `give ${expected}`);
}
