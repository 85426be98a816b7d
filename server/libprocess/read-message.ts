import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeMessage, type MediaType } from '../../shared/mesos/wire/codec.ts';
import { CONTENT_TYPE_PROBLEM, mediaTypeOf } from './media-type.ts';
import { readBody, refusedMethod, sendText } from './respond.ts';

/** What the codec makes of a body: numbers of 64 bits are bigints. */
export type Decoded = Record<string, unknown>;

/** The message that a call is POSTed as. In Mesos's order: method, type of the body, its text. @returns undefined: refused, and answered */
export async function readMessage(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
): Promise<{ readonly message: Decoded; readonly type: MediaType } | undefined> {
  if (refusedMethod(request, response, ['POST'])) return undefined;
  const contentType = request.headers['content-type'];
  const type = mediaTypeOf(contentType ?? '');
  if (contentType === undefined) sendText(response, 400, "Expecting 'Content-Type' to be present");
  else if (!type) sendText(response, 415, CONTENT_TYPE_PROBLEM);
  if (!type) return undefined;
  const body = await readBody(request, response);
  if (!body) return undefined;
  const decoded = decodeMessage(name, type, body);
  if (decoded.ok) return { message: decoded.message, type };
  sendText(response, 400, decoded.problem);
  return undefined;
}
