// npx esbuild service-worker.js --bundle --define:PROGRAM_ID='"87249ddb..."' --outfile=service-worker.bundle.js
import { verify } from '@vouch/verifier';
import { fetchReceipt } from './fetch-receipt.js';

// Answers /proved/<server>/<sha256> with a journal that is proved, or with an error: the pages of the
// site need to know nothing of receipts.
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const [, server, sha256] = /\/proved\/([^/]+)\/([^/]+)$/.exec(event.request.url) ?? [];
  if (sha256 === undefined) return;
  event.respondWith(proved(decodeURIComponent(server), sha256));
});

async function proved(server, sha256) {
  try {
    const receipt = await fetchReceipt(server, sha256);
    const publicInput = new TextEncoder().encode('Hi, ');
    const { journal } = verify(receipt, { program: PROGRAM_ID, publicInput });
    return new Response(journal, { headers: { 'Content-Type': 'application/octet-stream' } });
  } catch (error) {
    return new Response(error.message, { status: 502 });
  }
}
