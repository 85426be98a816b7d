import type { Call, Event } from '../../shared/mesos/scheduler.ts';
import type { Offer, TaskStatus } from '../../shared/mesos/v1.ts';
import { decodeMessage, encodeMessage } from '../../shared/mesos/wire/codec.ts';
import type { MediaType } from '../../shared/mesos/wire/codec.ts';
import { inDoubles } from '../../shared/mesos/wire/doubles.ts';

export type { MediaType } from '../../shared/mesos/wire/codec.ts';

export function encodeCall(mediaType: MediaType, call: Call): Uint8Array {
  return encodeMessage('mesos.v1.scheduler.Call', mediaType, call);
}

/**
 * Undefined: a message that is nothing to the scheduler, or lacks what its kind must have. @throws when the record is no message at all: what follows it
 * cannot be trusted either
 */
export function decodeEvent(mediaType: MediaType, record: Uint8Array): Event | undefined {
  const decoded = decodeMessage('mesos.v1.scheduler.Event', mediaType, record);
  if (decoded.ok) return readEvent(inDoubles(decoded.message));
  if (decoded.problem.startsWith('Failed to parse')) throw new Error(decoded.problem);
  return undefined;
}

/**
 * An event as the scheduler may have it: of a type it knows, with the parts it reads. Undefined for any other (inverse offers, operations, what a newer
 * Mesos may say): there is nothing that we would do about it.
 */
function readEvent(message: unknown): Event | undefined {
  const event = message as Event;
  switch (event?.type) {
    case 'SUBSCRIBED':
      return isText(event.subscribed?.framework_id?.value) ? event : undefined;
    case 'OFFERS':
      return { type: 'OFFERS', offers: { offers: (event.offers?.offers ?? []).flatMap(readOffer) } };
    case 'RESCIND':
      return isText(event.rescind?.offer_id?.value) ? event : undefined;
    case 'UPDATE':
      return isStatus(event.update?.status) ? event : undefined;
    case 'ERROR':
      return { type: 'ERROR', error: { message: String(event.error?.message ?? 'no reason given') } };
    case 'FAILURE':
    case 'HEARTBEAT':
      return event;
    default:
      return undefined;
  }
}

function readOffer(offer: Offer): Offer[] {
  if (!isText(offer?.id?.value) || !isText(offer.agent_id?.value) || !isText(offer.hostname)) return [];
  // Empty lists are left out on the wire.
  return [{ ...offer, resources: offer.resources ?? [], attributes: offer.attributes ?? [] }];
}

function isStatus(status: TaskStatus | undefined): boolean {
  return isText(status?.task_id?.value) && isText(status?.state);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
