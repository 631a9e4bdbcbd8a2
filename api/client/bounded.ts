/** Answers of servers that need not be trusted: never more bytes than wanted. */
import { ClientError } from './errors.ts';

/** @throws ClientError `client/too-large` */
export async function boundedBytes(response: Response, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      await reader.cancel().catch(() => {});
      throw tooLarge('an answer', most);
    }
    parts.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @throws ClientError `client/too-large` */
export async function boundedText(response: Response, most: number): Promise<string> {
  return new TextDecoder().decode(await boundedBytes(response, most));
}

export function tooLarge(what: string, most: number): ClientError {
  return new ClientError(
    'client/too-large',
    `the server sends ${what} of more than ${most} bytes`,
    'ask another server, or raise mostBytes where a receipt may be that large',
  );
}
