import type { Scope } from '../../service/service.ts';
import { answer, type Exchange, text } from '../exchange.ts';

export async function createKey({ service, body, response }: Exchange): Promise<void> {
  const { name, scopes, expiresAt } = body as {
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly expiresAt?: number;
  };
  response.set('Cache-Control', 'no-store');
  answer(response, 201, await service.createKey(name, scopes, expiresAt));
}

export async function keys({ service, response }: Exchange): Promise<void> {
  answer(response, 200, { keys: await service.keys() });
}

export async function webhookSecret({ service, caller, response }: Exchange): Promise<void> {
  response.set('Cache-Control', 'no-store');
  answer(response, 200, { secret: await service.webhookSecret(caller) });
}

export async function revokeKey(exchange: Exchange): Promise<void> {
  answer(exchange.response, 200, await exchange.service.revokeKey(text(exchange, 'id')));
}
