import type { Event } from '../../../shared/mesos/v1.ts';
import { encodeMessage, type MediaType } from '../../../shared/mesos/wire/codec.ts';

/** Events as RecordIO records. One that goes to many frameworks is encoded once for each type they read. */
export class EventEncoder {
  private readonly encoded = new WeakMap<Event, Map<MediaType, Buffer>>();

  encode(event: Event, type: MediaType): Buffer {
    let records = this.encoded.get(event);
    if (!records) this.encoded.set(event, (records = new Map()));
    let record = records.get(type);
    if (!record) {
      const body = encodeMessage('mesos.v1.scheduler.Event', type, event);
      record = Buffer.concat([Buffer.from(`${body.length}\n`), body]);
      records.set(type, record);
    }
    return record;
  }
}
