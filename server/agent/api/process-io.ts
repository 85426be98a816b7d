import type { IncomingHttpHeaders } from 'node:http';
import type { MediaType } from '../../../shared/mesos/wire/codec.ts';
import { acceptedType } from '../../libprocess/media-type.ts';

export const RECORDIO = 'application/recordio';

/** mesos.v1.agent.ProcessIO: data is base64. */
export interface ProcessIo {
  readonly type?: 'DATA' | 'CONTROL';
  readonly data?: { readonly type?: 'STDIN' | 'STDOUT' | 'STDERR'; readonly data?: string };
  readonly control?: {
    readonly type?: 'TTY_INFO' | 'HEARTBEAT';
    readonly tty_info?: { readonly window_size?: { readonly rows: number; readonly columns: number } };
    readonly heartbeat?: { readonly interval?: { readonly nanoseconds: number } };
  };
}

/** How a stream is written: in which type its records are, and the headers that say so. */
export interface StreamType {
  readonly type: MediaType;
  readonly headers: Readonly<Record<string, string>>;
}

/** What `Accept` and `Message-Accept` allow; without them, and of several, JSON. Undefined: nothing that is spoken here. */
export function streamTypeOf(headers: IncomingHttpHeaders): StreamType | undefined {
  const plain = acceptedType(headers.accept);
  if (plain) return { type: plain, headers: { 'Content-Type': plain } };
  const named = headers.accept?.split(',').some((range) => range.split(';')[0]?.trim() === RECORDIO);
  if (!named) return undefined;
  const type = acceptedType(headers['message-accept'] as string | undefined);
  return type && { type, headers: { 'Content-Type': RECORDIO, 'Message-Content-Type': type } };
}
