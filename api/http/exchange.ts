import type { Request, Response } from 'express';
import type { Caller, Service } from '../service/service.ts';
import type { Parameters } from './checks.ts';
import { toJson } from './wire.ts';

/** A checked request, and what answers it. */
export interface Exchange {
  readonly service: Service;
  readonly caller: Caller;
  readonly parameters: Parameters;
  /** JSON of the operation's schema, or bytes. */
  readonly body: unknown;
  readonly request: Request;
  readonly response: Response;
  /** Aborted when the client has gone or the server shuts down. */
  readonly signal: AbortSignal;
}

export type Handler = (exchange: Exchange) => Promise<void> | void;

/** Answers JSON, bytes in it as base 64. */
export function answer(response: Response, status: number, value: unknown): void {
  response.status(status).type('application/json').send(toJson(value));
}

/** A parameter that the document requires to be text. */
export function text({ parameters }: Exchange, name: string): string {
  return String(parameters[name]);
}
