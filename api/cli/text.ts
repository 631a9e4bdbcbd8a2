/** Texts for people, made from what a guest may have chosen. */

/** Shows control characters instead of obeying them: a guest must not steer the terminal. */
export function visible(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** The text that the bytes are in UTF-8, or undefined if they are not printable text. */
export function printable(bytes: Uint8Array): string | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
  return visible(text) === text ? text : undefined;
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** A journal for people: text if it is printable, else hexadecimal; ends in a line feed. */
export function journalText(journal: Uint8Array): string {
  const text = printable(journal) ?? toHex(journal);
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** `12,345,678` */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** `16 KiB`, `2.5 MiB` */
export function byteSize(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${Number.isInteger(amount) ? amount : amount.toFixed(1)} ${units[unit]}`;
}

/** Control and format characters but for tab, line feed and the joiners that emoji need. */
const CONTROL = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** 45 s, 3 min, 2 h 10 min. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
