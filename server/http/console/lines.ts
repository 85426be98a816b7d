/** Splits a stream of bytes into lines of text, UTF-8 safe, each at most this long. */
const LINE_BYTES_MAX = 1024 * 1024;
const NEWLINE = 10;

export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (let end = pending.indexOf(NEWLINE); end >= 0; end = pending.indexOf(NEWLINE)) {
      if (end > 0) yield pending.toString('utf8', 0, end);
      pending = pending.subarray(end + 1);
    }
    if (pending.length > LINE_BYTES_MAX) throw new Error('a line is longer than 1 MiB');
  }
  if (pending.length > 0) yield pending.toString('utf8');
}
