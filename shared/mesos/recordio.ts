/** RecordIO, Mesos's framing of streams: `<length in bytes, decimal>\n<record>`, nothing in between. */

const LENGTH_DIGITS_MAX = 20;
export const RECORD_BYTES_MAX = 4 * 1024 * 1024;
const NEWLINE = 10;

export function encodeRecord(text: string): Buffer {
  const record = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${record.length}\n`), record]);
}

interface Failed {
  readonly ok: false;
  readonly message: string;
}
export type Decoded = { readonly ok: true; readonly records: readonly string[] } | Failed;
export type DecodedBytes = { readonly ok: true; readonly records: readonly Buffer[] } | Failed;

/** Takes chunks cut anywhere and gives whole records. After an error it stays failed; nothing can be trusted behind a broken length. */
export class RecordDecoder {
  private pending: Buffer = Buffer.alloc(0);
  private failure: string | undefined;
  private readonly bytesMax: number;

  constructor(bytesMax = RECORD_BYTES_MAX) {
    this.bytesMax = bytesMax;
  }

  /** Records as text. */
  push(chunk: Uint8Array): Decoded {
    const decoded = this.pushBytes(chunk);
    return decoded.ok
      ? { ok: true, records: decoded.records.map((record) => record.toString('utf8')) }
      : decoded;
  }

  /** Records as they are, for encodings that are no text. */
  pushBytes(chunk: Uint8Array): DecodedBytes {
    if (this.failure !== undefined) return { ok: false, message: this.failure };
    this.pending = this.pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.pending, chunk]);
    const records: Buffer[] = [];
    for (;;) {
      const end = this.pending.indexOf(NEWLINE);
      if (end < 0 && this.pending.length <= LENGTH_DIGITS_MAX) break;
      const digits = this.pending.subarray(0, end < 0 ? LENGTH_DIGITS_MAX : end).toString('latin1');
      if (end < 0 || end > LENGTH_DIGITS_MAX || !/^\d+$/.test(digits))
        return this.fail(`Failed to decode length '${digits}'`);
      const length = Number(digits);
      if (length > this.bytesMax)
        return this.fail(`a record of ${digits} bytes is larger than ${this.bytesMax}`);
      if (this.pending.length < end + 1 + length) break;
      records.push(this.pending.subarray(end + 1, end + 1 + length));
      this.pending = this.pending.subarray(end + 1 + length);
    }
    return { ok: true, records };
  }

  private fail(message: string): Failed {
    this.failure = message;
    this.pending = Buffer.alloc(0);
    return { ok: false, message };
  }
}
