import type { ServerResponse } from 'node:http';
import type { ErrorBody } from '../../../shared/api/results.ts';
import { DawnError, ERRORS } from '../../../shared/errors.ts';

/** A reader that lets more than this pile up is cut off; it may come back and go on where it was. */
const BUFFER_BYTES_MAX = 4 * 1024 * 1024;

/** An answer without an end: bounded in what it keeps for a slow reader. */
export class StreamReply {
  private readonly response: ServerResponse;
  private readonly contentType: string;

  constructor(response: ServerResponse, contentType: string) {
    this.response = response;
    this.contentType = contentType;
  }

  get closed(): boolean {
    return this.response.writableEnded || this.response.destroyed;
  }

  open(): void {
    this.response.writeHead(200, { 'content-type': this.contentType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    this.response.flushHeaders();
  }

  write(text: string): void {
    if (this.closed) return;
    this.response.write(text);
    if (this.response.writableLength > BUFFER_BYTES_MAX) this.response.destroy();
  }

  end(): void {
    if (!this.closed) this.response.end();
  }

  /** As an error answer if nothing was sent yet. */
  fail(error: unknown, callerGone: boolean): void {
    if (callerGone || this.closed || this.response.headersSent) {
      this.response.destroy();
      return;
    }
    const known = error instanceof DawnError ? error : new DawnError({ code: 'internal', message: 'the stream could not be opened' });
    this.response.writeHead(ERRORS[known.code].http, { 'content-type': 'application/json' });
    this.response.end(JSON.stringify({ error: known.refusal } satisfies ErrorBody));
  }
}
