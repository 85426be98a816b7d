import { once } from 'node:events';
import type { FastifyReply } from 'fastify';

/** A reader that lets more than this pile up is cut off; it may come back and go on where it was. */
const BUFFER_BYTES_MAX = 4 * 1024 * 1024;
/** Where what is sent can also be read later, this much is handed over at a time. */
const BUFFER_BYTES_ENOUGH = 256 * 1024;

/** An answer without an end: bounded in what it keeps for a slow reader. */
export class StreamReply {
  private readonly reply: FastifyReply;
  private readonly contentType: string;

  constructor(reply: FastifyReply, contentType: 'text/event-stream' | 'application/x-ndjson') {
    this.reply = reply;
    this.contentType = contentType;
  }

  get closed(): boolean {
    return this.reply.raw.writableEnded || this.reply.raw.destroyed;
  }

  /** Enough is waiting for the reader; `onDrain` tells when it has it all. */
  get congested(): boolean {
    return this.reply.raw.writableNeedDrain && this.reply.raw.writableLength > BUFFER_BYTES_ENOUGH;
  }

  /** From here on errors can no longer be answered. */
  open(): void {
    this.reply.hijack();
    this.reply.raw.writeHead(200, {
      'content-type': this.contentType,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    this.reply.raw.flushHeaders();
  }

  /** Cuts the reader off instead when it left too much unread before. */
  write(text: string): void {
    if (this.closed) return;
    if (this.reply.raw.writableLength > BUFFER_BYTES_MAX) this.cut();
    else this.reply.raw.write(text);
  }

  /** Writes, and waits for the reader where the source can wait too. */
  async writeSlowly(text: string, signal: AbortSignal): Promise<void> {
    if (this.closed || this.reply.raw.write(text)) return;
    await once(this.reply.raw, 'drain', { signal });
  }

  onDrain(listener: () => void): void {
    this.reply.raw.on('drain', listener);
  }

  end(): void {
    if (!this.closed) this.reply.raw.end();
  }

  cut(): void {
    this.reply.raw.destroy();
  }
}
