import { encodeMessage, type MediaType } from '../../shared/mesos/wire/codec.ts';

/** Messages of one type as RecordIO records. One that goes to many readers is encoded once for each type they read. */
export class RecordEncoder<Message extends object> {
  private readonly name: string;
  private readonly encoded = new WeakMap<Message, Map<MediaType, Buffer>>();

  /** @param name as in `mesos.v1.scheduler.Event` */
  constructor(name: string) {
    this.name = name;
  }

  encode(message: Message, type: MediaType): Buffer {
    let records = this.encoded.get(message);
    if (!records) this.encoded.set(message, (records = new Map()));
    let record = records.get(type);
    if (!record) {
      const body = encodeMessage(this.name, type, message);
      record = Buffer.concat([Buffer.from(`${body.length}\n`), body]);
      records.set(type, record);
    }
    return record;
  }
}
