import assert from 'node:assert/strict';
import { readEvents, type ServerEvent } from '../../../api/client/event-stream.ts';

/** The events of a stream that comes in parts of so many bytes. */
async function eventsOf(text: string, part: number): Promise<ServerEvent[]> {
  const bytes = new TextEncoder().encode(text);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < bytes.length; i += part) controller.enqueue(bytes.subarray(i, i + part));
      controller.close();
    },
  });
  const events: ServerEvent[] = [];
  for await (const event of readEvents(stream)) events.push(event);
  return events;
}

describe('A stream of server-sent events', () => {
  const text =
    'retry: 2000\n\n: comment\n\nid: 1\nevent: state\ndata: {"a":\ndata: "ä😀"}\n\n' +
    'id:2\r\ndata:x\r\n\r\nid: 3\rdata: y\r\rdata\n\nid: 4\ndata: cut off\n';

  it('is read alike however its bytes are parted', async () => {
    const expected = [
      { id: '1', data: '{"a":\n"ä😀"}' },
      { id: '2', data: 'x' },
      { id: '3', data: 'y' },
      { id: '', data: '' },
    ];
    for (let part = 1; part <= text.length + 10; part++) {
      assert.deepEqual(await eventsOf(text, part), expected, `parts of ${part} bytes`);
    }
  });

  it('may have any characters of a JSON text in a line', async () => {
    const data = JSON.stringify('\u2028\u2029\u0085');
    assert.deepEqual(await eventsOf(`data: ${data}\n\n`, 3), [{ id: '', data }]);
  });

  it('is refused where an event has no end', async () => {
    let parts = 0;
    const part = new TextEncoder().encode('data: '.padEnd(2 ** 16, 'x'));
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        parts++;
        controller.enqueue(part);
      },
    });
    await assert.rejects(readEvents(stream).next(), { code: 'client/too-large' });
    assert.ok(parts < 1100, `${parts} parts were read`);
  });

  it('passes on the error that breaks it', async () => {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('broken')),
    });
    await assert.rejects(readEvents(stream).next(), /broken/);
  });
});
