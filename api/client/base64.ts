/** Bytes of which `String.fromCharCode` takes no more at a time. */
const PART = 8192;

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += PART) {
    binary += String.fromCharCode(...bytes.subarray(i, i + PART));
  }
  return btoa(binary);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
