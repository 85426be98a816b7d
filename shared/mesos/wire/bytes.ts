/** The bytes of protobuf's wire format. */
import { DEPTH_MAX, WireProblem } from './from-json.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
const GROUP = 3;
const GROUP_END = 4;
const FIXED32 = 5;
const VARINT_BYTES_MAX = 10;

export class Reader {
  private at = 0;
  private readonly data: Uint8Array;
  private readonly view: DataView;

  constructor(data: Uint8Array) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  get atEnd(): boolean {
    return this.at >= this.data.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let count = 0; count < VARINT_BYTES_MAX; count++) {
      const byte = this.data[this.at++];
      if (byte === undefined) throw new WireProblem('it ends in the middle');
      value |= BigInt(byte & 0x7f) << BigInt(7 * count);
      if (byte < 0x80) return value;
    }
    throw new WireProblem('a number is longer than ten bytes');
  }

  bytes(): Uint8Array {
    const length = this.varint();
    if (length > BigInt(this.data.length - this.at)) throw new WireProblem('a length goes beyond the end');
    const from = this.at;
    this.at += Number(length);
    return this.data.subarray(from, this.at);
  }

  double(): number {
    this.need(8);
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  skip(wire: number, depth: number): void {
    if (depth > DEPTH_MAX) throw new WireProblem('nested too deeply');
    if (wire === VARINT) this.varint();
    else if (wire === BYTES) this.bytes();
    else if (wire === FIXED64 || wire === FIXED32) {
      const size = wire === FIXED64 ? 8 : 4;
      this.need(size);
      this.at += size;
    } else if (wire === GROUP) {
      for (let key = Number(this.varint() & 7n); key !== GROUP_END; key = Number(this.varint() & 7n))
        this.skip(key, depth + 1);
    } else throw new WireProblem(`there is no wire type ${wire}`);
  }

  private need(size: number): void {
    if (this.at + size > this.data.length) throw new WireProblem('it ends in the middle');
  }
}

const utf8 = new TextEncoder();
const BYTES_AT_FIRST = 256;
/** Up to here a text is ASCII or is not by looking at each character, which is faster than the encoder. */
const SHORT = 64;

/** Writes into one growing piece of memory, messages within messages too. */
export class Writer {
  private out = new Uint8Array(BYTES_AT_FIRST);
  private view = new DataView(this.out.buffer);
  private length = 0;

  key(number: number, wire: number): void {
    this.small((number << 3) | wire);
  }

  /** @param value that is not negative and exact */
  small(value: number): void {
    this.need(VARINT_BYTES_MAX);
    let rest = value;
    while (rest >= 0x80) {
      this.out[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.out[this.length++] = rest;
  }

  varint(value: bigint): void {
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return this.small(Number(value));
    this.need(VARINT_BYTES_MAX);
    let rest = value;
    while (rest >= 0x80n) {
      this.out[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.out[this.length++] = Number(rest);
  }

  bytes(data: Uint8Array): void {
    this.small(data.length);
    this.need(data.length);
    this.out.set(data, this.length);
    this.length += data.length;
  }

  text(text: string): void {
    this.within(() => {
      // Three bytes for a character at most.
      this.need(text.length * 3);
      if (text.length > SHORT || !this.ascii(text))
        this.length += utf8.encodeInto(text, this.out.subarray(this.length)).written;
    });
  }

  double(value: number): void {
    this.need(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** What `write` writes, with its length before it. */
  within(write: () => void): void {
    this.need(VARINT_BYTES_MAX);
    // One byte is enough for most lengths; for others there is room to be made.
    const start = (this.length += 1);
    write();
    const length = this.length - start;
    if (length < 0x80) {
      this.out[start - 1] = length;
      return;
    }
    const extra = Math.ceil(Math.log2(length + 1) / 7) - 1;
    this.need(extra);
    this.out.copyWithin(start + extra, start, this.length);
    this.length = start - 1;
    this.small(length);
    this.length += length;
  }

  done(): Uint8Array {
    return this.out.slice(0, this.length);
  }

  /** Whether it was, and is written. */
  private ascii(text: string): boolean {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x80) return false;
      this.out[this.length + at] = code;
    }
    this.length += text.length;
    return true;
  }

  private need(bytes: number): void {
    if (this.length + bytes <= this.out.length) return;
    const larger = new Uint8Array(Math.max(this.out.length * 2, this.length + bytes));
    larger.set(this.out);
    this.out = larger;
    this.view = new DataView(larger.buffer);
  }
}
