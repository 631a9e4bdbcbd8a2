/** What the server says about itself. */
import { docsPage } from '../docs-page.ts';
import { answer, type Exchange, type Handler } from '../exchange.ts';
import type { Metrics } from '../metrics.ts';
import { openApiDocument } from '../openapi.ts';

/** Handlers of the document, the page about it, health and figures. */
export function selfHandlers(
  metrics: Metrics,
  { version, closing }: { readonly version: string; readonly closing: AbortSignal },
): Readonly<Record<'document' | 'docs' | 'alive' | 'ready' | 'metrics', Handler>> {
  const document = openApiDocument(version);
  const page = docsPage(version);
  return {
    document: ({ response }) => answer(response, 200, document),
    docs: ({ response }) => {
      response.type('text/html').send(page);
    },
    alive: ({ response }) => answer(response, 200, { status: 'ok' }),
    ready: ({ service, response }) => ready({ service, response, closing }),
    metrics: async ({ response }) => {
      response.set('Content-Type', metrics.contentType).send(await metrics.text());
    },
  };
}

async function ready({
  service,
  response,
  closing,
}: Pick<Exchange, 'service' | 'response'> & { readonly closing: AbortSignal }): Promise<void> {
  const health = await service.health();
  const problems = closing.aborted
    ? [...health.problems, 'the server is shutting down']
    : health.problems;
  const isReady = health.ready && !closing.aborted;
  response.set('Cache-Control', 'no-store');
  answer(response, isReady ? 200 : 503, { ...health, ready: isReady, problems });
}
