/** Who asks, and whether they may. */
import type { Request } from 'express';
import {
  ANONYMOUS,
  type Caller,
  SCOPES,
  type Scope,
  type Service,
  ServiceError,
} from '../service/service.ts';
import { HttpError } from './problem.ts';

/** Everybody, where keys are not required. */
const EVERYBODY: Caller = { key: ANONYMOUS, scopes: SCOPES };

const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="vouch"' };

/**
 * The caller of a request.
 *
 * @param required whether callers need an API key; without, one that is sent counts nevertheless
 * @throws HttpError `auth/missing`, `auth/invalid`; ServiceError `scope/missing`
 */
export async function callerOf(
  request: Request,
  service: Service,
  required: boolean,
  scope: Scope,
): Promise<Caller> {
  const header = request.headers.authorization;
  const caller = header === undefined ? anonymous(required) : await keyHolder(header, service);
  if (caller.scopes.includes(scope) || caller.scopes.includes('admin')) return caller;
  throw new ServiceError(
    'scope/missing',
    `the API key ${caller.key} has the scopes ${caller.scopes.join(', ')}, not ${scope}`,
    `use a key with the scope ${scope}`,
  );
}

function anonymous(required: boolean): Caller {
  if (!required) return EVERYBODY;
  throw new HttpError(
    'auth/missing',
    'the request has no header Authorization',
    'send `Authorization: Bearer` and an API key',
    { headers: CHALLENGE },
  );
}

async function keyHolder(header: string, service: Service): Promise<Caller> {
  const secret = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
  const caller = secret === undefined ? undefined : await service.callerOf(secret);
  if (caller !== undefined) return caller;
  throw new HttpError(
    'auth/invalid',
    'the API key is unknown, has expired or was revoked',
    'send `Authorization: Bearer` and a key that is valid',
    { headers: { 'WWW-Authenticate': 'Bearer realm="vouch", error="invalid_token"' } },
  );
}
