import type { ExecutionRequest } from '../../service/service.ts';
import { answer, type Exchange, text } from '../exchange.ts';
import { blobSource } from '../wire.ts';

export async function addProgram({ service, caller, body, response }: Exchange): Promise<void> {
  const { program, isNew } = await service.addProgram(body as Uint8Array, caller);
  response.location(`/v1/programs/${program.id}`);
  answer(response, isNew ? 201 : 200, program);
}

export async function program(exchange: Exchange): Promise<void> {
  answer(exchange.response, 200, await exchange.service.program(text(exchange, 'id')));
}

export async function addBlob({ service, caller, body, response }: Exchange): Promise<void> {
  answer(response, 201, await service.addBlob(body as Uint8Array, caller));
}

export async function execute({
  service,
  caller,
  body,
  response,
  signal,
}: Exchange): Promise<void> {
  answer(response, 200, await service.execute(executionRequest(body), caller, signal));
}

/** A checked request, with bytes for base 64. */
export function executionRequest<Request extends ExecutionRequest>(body: unknown): Request {
  const { publicInput, privateInput, ...rest } = body as Request;
  return {
    ...rest,
    ...(publicInput !== undefined && { publicInput: blobSource(publicInput) }),
    ...(privateInput !== undefined && { privateInput: blobSource(privateInput) }),
  } as Request;
}
