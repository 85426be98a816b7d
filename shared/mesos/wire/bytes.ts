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

export class Writer {
  private readonly out: number[] = [];

  key(number: number, wire: number): void {
    this.varint(BigInt((number << 3) | wire));
  }

  varint(value: bigint): void {
    let rest = value;
    while (rest >= 0x80n) {
      this.out.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.out.push(Number(rest));
  }

  bytes(data: Uint8Array): void {
    this.varint(BigInt(data.length));
    for (const byte of data) this.out.push(byte);
  }

  double(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value, true);
    for (let at = 0; at < 8; at++) this.out.push(view.getUint8(at));
  }

  done(): Uint8Array {
    return Uint8Array.from(this.out);
  }
}
