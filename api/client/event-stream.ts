/** Server-sent events (HTML Standard, section 9.2.6), read from a stream of bytes. */

export interface ServerEvent {
  /** Empty where the event has none. */
  readonly id: string;
  readonly data: string;
}

/** A stream that says nothing for so long is dead: the server's heartbeat is every 15 seconds. */
const SILENCE_MILLISECONDS = 45_000;

/**
 * The events of a stream until it ends. An event that is cut off is none.
 *
 * @throws what the stream throws; an Error after a long silence
 */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await spoken(reader.read());
      if (done) return;
      // A CR at the end may be half of a CRLF.
      const text = rest + decoder.decode(value, { stream: true });
      const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
      const blocks = whole.replaceAll(/\r\n?/g, '\n').split('\n\n');
      rest = (blocks.pop() ?? '') + text.slice(whole.length);
      for (const block of blocks) {
        const event = eventOf(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Undefined for a block without data: comments, `retry`. */
function eventOf(block: string): ServerEvent | undefined {
  const data: string[] = [];
  let id = '';
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^(\w+)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === 'data') data.push(value);
    if (field === 'id') id = value;
  }
  return data.length === 0 ? undefined : { id, data: data.join('\n') };
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
