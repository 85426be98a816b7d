/** Streams of the server as values: server-sent events and lines of JSON. Both bounded. */

const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/** The data of each server-sent event; comments (heartbeats) are passed over. */
export async function* serverEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  for await (const block of split(chunks, '\n\n')) {
    const data = block
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => line.slice('data: '.length));
    if (data.length > 0) yield JSON.parse(data.join('\n'));
  }
}

export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  for await (const line of split(chunks, '\n')) if (line !== '') yield JSON.parse(line);
}

async function* split(chunks: AsyncIterable<Uint8Array>, separator: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    size += text.length;
    if (size > MESSAGE_BYTES_MAX) throw new Error('the server sent a message that is too large');
    parts.push(text);
    // A separator may straddle two chunks; joining only when one can be complete keeps a large message linear.
    if (!text.includes('\n')) continue;
    const pieces = parts.join('').split(separator);
    const rest = pieces.pop() ?? '';
    parts = [rest];
    size = rest.length;
    yield* pieces;
  }
}
