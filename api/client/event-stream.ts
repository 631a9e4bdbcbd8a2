/** Server-sent events (HTML Standard, section 9.2.6), read from a stream of bytes. */
import { tooLarge } from './bounded.ts';

export interface ServerEvent {
  /** Empty where the event has none. */
  readonly id: string;
  readonly data: string;
}

/** A stream that says nothing for so long is dead: the server's heartbeat is every 15 seconds. */
const SILENCE_MILLISECONDS = 45_000;
/** Of an event: a journal of 16 MiB in base 64, and more. */
const MOST_CHARACTERS = 2 ** 26;

/**
 * The events of a stream until it ends. An event that is cut off is none.
 *
 * @throws ClientError `client/too-large`; what the stream throws; an Error after a long silence
 */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await spoken(reader.read());
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

class EventParser {
  /** Parts of the line that has not ended. */
  #line: string[] = [];
  #data: string[] = [];
  #id = '';
  /** Of the event so far. */
  #characters = 0;
  #isAfterReturn = false;

  /** The events that end in the text. */
  *push(text: string): Generator<ServerEvent> {
    if (text === '') return;
    // The other half of a CRLF.
    const rest = this.#isAfterReturn && text.startsWith('\n') ? text.slice(1) : text;
    this.#isAfterReturn = text.endsWith('\r');
    const [first = '', ...lines] = rest.split(/\r\n|\n|\r/);
    this.#add(first);
    for (const next of lines) {
      const event = this.#endLine();
      if (event !== undefined) yield event;
      this.#add(next);
    }
  }

  #add(part: string): void {
    this.#characters += part.length;
    if (this.#characters > MOST_CHARACTERS) throw tooLarge('an event', MOST_CHARACTERS);
    this.#line.push(part);
  }

  /** An event without data is none: comments, `retry`. */
  #endLine(): ServerEvent | undefined {
    const line = this.#line.join('');
    this.#line = [];
    if (line !== '') {
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') this.#data.push(value);
      if (field === 'id') this.#id = value;
      return undefined;
    }
    const event = { id: this.#id, data: this.#data.join('\n') };
    const isEmpty = this.#data.length === 0;
    this.#data = [];
    this.#id = '';
    this.#characters = 0;
    return isEmpty ? undefined : event;
  }
}

async function spoken<Value>(reading: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    const error = new Error(`no word from the server in ${SILENCE_MILLISECONDS / 1000} seconds`);
    timer = setTimeout(() => reject(error), SILENCE_MILLISECONDS);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}
