/** RecordIO, Mesos's framing of streams: `<length in bytes, decimal>\n<record>`, nothing in between. */

const LENGTH_DIGITS_MAX = 20;
export const RECORD_BYTES_MAX = 4 * 1024 * 1024;
const NEWLINE = 10;

export function encodeRecord(text: string): Buffer {
  const record = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${record.length}\n`), record]);
}

export type Decoded =
  | { readonly ok: true; readonly records: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** Takes chunks cut anywhere and gives whole records. After an error it stays failed; nothing can be trusted behind a broken length. */
export class RecordDecoder {
  private pending: Buffer = Buffer.alloc(0);
  private failure: string | undefined;

  push(chunk: Uint8Array): Decoded {
    if (this.failure !== undefined) return { ok: false, message: this.failure };
    this.pending = this.pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.pending, chunk]);
    const records: string[] = [];
    for (;;) {
      const end = this.pending.indexOf(NEWLINE);
      if (end < 0 && this.pending.length <= LENGTH_DIGITS_MAX) break;
      const digits = this.pending.subarray(0, end < 0 ? LENGTH_DIGITS_MAX : end).toString('latin1');
      if (end < 0 || end > LENGTH_DIGITS_MAX || !/^\d+$/.test(digits))
        return this.fail(`Failed to decode length '${digits}'`);
      const length = Number(digits);
      if (length > RECORD_BYTES_MAX)
        return this.fail(`a record of ${digits} bytes is larger than ${RECORD_BYTES_MAX}`);
      if (this.pending.length < end + 1 + length) break;
      records.push(this.pending.toString('utf8', end + 1, end + 1 + length));
      this.pending = this.pending.subarray(end + 1 + length);
    }
    return { ok: true, records };
  }

  private fail(message: string): Decoded {
    this.failure = message;
    this.pending = Buffer.alloc(0);
    return { ok: false, message };
  }
}
