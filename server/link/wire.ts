import type { Call, Event, Offer, TaskStatus } from '../../shared/mesos/v1.ts';

export type MediaType = 'application/json' | 'application/x-protobuf';

export function encodeCall(_mediaType: MediaType, call: Call): Buffer {
  return Buffer.from(JSON.stringify(call));
}

/** @throws when the record is no message at all. */
export function decodeEvent(_mediaType: MediaType, record: Uint8Array): Event | undefined {
  return readEvent(JSON.parse(Buffer.from(record).toString('utf8')));
}

/**
 * An event as the scheduler may have it: of a type it knows, with the parts it reads. Undefined for any other (inverse offers, operations, what a newer
 * Mesos may say): there is nothing that we would do about it.
 */
export function readEvent(message: unknown): Event | undefined {
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
