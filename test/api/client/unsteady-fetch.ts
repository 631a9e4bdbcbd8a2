/** A network that fails as networks do. */

export interface Faults {
  /** The request does not reach the server, for the first so many attempts at each address. */
  readonly lostRequests?: number;
  /** The server works, but its answer does not come back; the same count. */
  readonly lostAnswers?: number;
  /** Every stream of events breaks off behind so many bytes, the tenth time no more. */
  readonly cutStreams?: number;
  /** What becomes of an answer's bytes. */
  readonly change?: (path: string, bytes: Uint8Array) => Uint8Array;
}

/** @param log receives method and path of each attempt */
export function unsteadyFetch(faults: Faults, log: string[] = []): typeof fetch {
  const attempts = new Map<string, number>();
  return async (input, init) => {
    const { pathname } = new URL(String(input));
    const name = `${init?.method} ${pathname}`;
    const attempt = attempts.get(name) ?? 0;
    attempts.set(name, attempt + 1);
    log.push(name);
    if (attempt < (faults.lostRequests ?? 0)) throw new TypeError('fetch failed');
    const response = await fetch(input, init);
    if (attempt < (faults.lostAnswers ?? 0)) {
      await response.arrayBuffer();
      throw new TypeError('fetch failed');
    }
    const { status, headers } = response;
    if (faults.cutStreams !== undefined && attempt < 10 && /\/events$/.test(pathname)) {
      return new Response(cut(response.body, faults.cutStreams), { status, headers });
    }
    if (faults.change === undefined) return response;
    const bytes = faults.change(pathname, new Uint8Array(await response.arrayBuffer()));
    return new Response(bytes as Uint8Array<ArrayBuffer>, { status, headers });
  };
}

/** The first bytes of a stream, then an error. */
function cut(
  stream: ReadableStream<Uint8Array> | null,
  length: number,
): ReadableStream<Uint8Array> | null {
  let left = length;
  const end = new TransformStream<Uint8Array, Uint8Array>({
    transform(part, controller) {
      controller.enqueue(part.subarray(0, left));
      left -= part.length;
      if (left <= 0) controller.error(new TypeError('terminated'));
    },
  });
  return stream?.pipeThrough(end) ?? null;
}
