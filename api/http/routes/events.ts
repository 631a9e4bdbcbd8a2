/** A job's events as server-sent events (HTML Standard, section 9.2). */
import { once } from 'node:events';
import type { Response } from 'express';
import { type Exchange, text } from '../exchange.ts';
import { toJson } from '../wire.ts';

/** Proxies close connections on which nothing happens. */
const HEARTBEAT_MILLISECONDS = 15_000;
/** After which a client connects again. */
const RETRY_MILLISECONDS = 2000;

export async function events(exchange: Exchange): Promise<void> {
  const { service, caller, parameters, response, signal } = exchange;
  const id = text(exchange, 'id');
  const after = Number(parameters['Last-Event-ID'] ?? parameters.after ?? 0);
  // A job that is not there is a problem, not a stream.
  await service.job(id, caller);
  response.status(200).set({
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  response.write(`retry: ${RETRY_MILLISECONDS}\n\n`);
  const heartbeat = setInterval(() => response.write(': heartbeat\n\n'), HEARTBEAT_MILLISECONDS);
  try {
    for await (const event of service.events(id, after, caller, signal)) {
      const { number, kind } = event;
      const data = `id: ${number}\nevent: ${kind}\ndata: ${toJson(event)}\n\n`;
      if (!response.write(data)) await drained(response, signal);
    }
  } catch (error) {
    // The status is sent: the client sees that the stream ends early, and asks again from there.
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

/** A client that reads slowly holds its own events up, not the server's memory. */
async function drained(response: Response, signal: AbortSignal): Promise<void> {
  await once(response, 'drain', { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
