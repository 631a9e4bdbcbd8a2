import { node } from '../../../verifier/demo/dom.ts';

/** Time in which the browser has begun to save. */
const SAVING_MILLISECONDS = 10_000;

/** Offers a file that the page has made, as if it had been downloaded. */
export function saveFile(name: string, contents: Uint8Array | string): void {
  const url = URL.createObjectURL(new Blob([contents as Uint8Array<ArrayBuffer> | string]));
  node('a', { href: url, download: name }, []).click();
  setTimeout(() => URL.revokeObjectURL(url), SAVING_MILLISECONDS);
}
