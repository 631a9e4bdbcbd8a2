/** Whether a server could listen at its address, or does so already. */
import { once } from 'node:events';
import { createServer } from 'node:net';

const ANSWER_MILLISECONDS = 3000;

/**
 * What was found at the address.
 *
 * @throws Error where no server can listen there, and none of Vouch does
 */
export async function tryAddress(host: string, port: number): Promise<string> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    return `${host}, port ${port}: free`;
  } catch (error) {
    if (await isService(host, port)) return `${host}, port ${port}: a service runs there`;
    throw error;
  } finally {
    server.close();
  }
}

async function isService(host: string, port: number): Promise<boolean> {
  const name = host.includes(':') ? `[${host}]` : host;
  try {
    const signal = AbortSignal.timeout(ANSWER_MILLISECONDS);
    const response = await fetch(`http://${name}:${port}/healthz`, { signal });
    return ((await response.json()) as { readonly status?: unknown }).status === 'ok';
  } catch {
    return false;
  }
}
