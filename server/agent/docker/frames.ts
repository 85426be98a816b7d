const HEADER_BYTES = 8;
const STDERR = 2;

interface Frame {
  readonly stderr: boolean;
  readonly data: Buffer;
}

/** The engine frames each write with the stream it came from and its length. */
export class FrameReader {
  private pending: Buffer = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<Frame> {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    while (this.pending.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.pending.readUInt32BE(4);
      if (this.pending.length < end) return;
      const frame = { stderr: this.pending[0] === STDERR, data: this.pending.subarray(HEADER_BYTES, end) };
      this.pending = this.pending.subarray(end);
      yield frame;
    }
  }
}
