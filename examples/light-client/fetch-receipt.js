/** Fetches a receipt from a server that nobody trusts: at most so many bytes, in at most so long. */

const MOST_BYTES = 2 ** 26;
const MOST_MILLISECONDS = 30_000;

/**
 * @param {string} server as `https://proofs.example`
 * @param {string} sha256 what the server calls the receipt
 * @returns {Promise<Uint8Array>} bytes that are still to be verified
 */
export async function fetchReceipt(server, sha256) {
  const signal = AbortSignal.timeout(MOST_MILLISECONDS);
  const response = await fetch(`${server}/v1/receipts/${sha256}`, { signal });
  if (!response.ok || response.body === null) throw new Error(`no receipt: ${response.status}`);
  const parts = [];
  let length = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    length += value.length;
    if (length > MOST_BYTES) throw new Error(`no receipt: more than ${MOST_BYTES} bytes`);
    parts.push(value);
  }
}
