/** Bytes as text: what JSON makes of the service's values, and back. */
import type { BlobSource } from '../service/service.ts';

/** JSON text of a value in which bytes are base 64. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, given) {
    // Buffer has a toJSON of its own, which has run already.
    const found = this[key];
    if (!(found instanceof Uint8Array)) return given;
    return Buffer.from(found.buffer, found.byteOffset, found.byteLength).toString('base64');
  });
}

/** A checked `BlobSource` of a request. */
export function blobSource(value: unknown): BlobSource {
  if (typeof value !== 'string') return value as { readonly sha256: string };
  return new Uint8Array(Buffer.from(value, 'base64'));
}
