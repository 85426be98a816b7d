import type { EventView } from '../../../shared/api/views.ts';
import { DawnError } from '../../../shared/errors.ts';
import type { JobKey } from '../../../shared/ids.ts';
import type { Committed } from '../../store/journal.ts';
import type { ConsoleAccess } from './access.ts';
import type { Call } from './call.ts';
import type { ConsoleContext } from './context.ts';
import type { StreamReply } from './stream-reply.ts';
import { eventViews, type Names } from './views/event.ts';

/** Batches read from the journal at a time. */
const PAGE = 50;
/** Batches shown of the past when nobody says since when. */
const BACKLOG = 200;
const HEARTBEAT_MS = 10_000;
/** A reader that took nothing for so many heartbeats is cut off. */
const STALLED_BEATS_MAX = 6;

export interface EventQuery {
  /** The last sequence that the reader has. */
  readonly since?: number | undefined;
  /** False: end where the journal ends now. */
  readonly follow?: boolean | undefined;
  readonly job?: string | undefined;
  /** End after so many batches. */
  readonly limit?: number | undefined;
}

interface Reader {
  readonly reply: StreamReply;
  readonly job: string | undefined;
  readonly access: ConsoleAccess;
  /** Everything up to here has been handed over. */
  cursor: number;
  /** Where it ends; infinite when it follows. */
  readonly end: number;
  left: number;
  stalledBeats: number;
}

/**
 * The journal as server-sent events. A reader holds a cursor and no memory: what it cannot take yet is read from the journal when it can. Those that are up
 * to date share one encoding of each batch.
 */
export class EventFeed {
  private readonly context: ConsoleContext;
  private readonly readers = new Set<Reader>();
  private beat: NodeJS.Timeout | undefined;

  constructor(context: ConsoleContext) {
    this.context = context;
    context.onCommitted((batch) => this.publish(batch));
  }

  open(query: EventQuery, reply: StreamReply, { signal, access }: Pick<Call, 'signal' | 'access'>): void {
    const { journal } = this.context;
    const cursor = query.since ?? Math.max(0, journal.seq - BACKLOG);
    if (cursor > journal.seq) {
      throw new DawnError({
        code: 'invalid_parameter',
        message: `there is nothing since ${cursor}: the journal ends at ${journal.seq}`,
        hint: 'was the store replaced? begin again without since',
        path: 'since',
      });
    }
    const end = query.follow === false ? journal.seq : Number.POSITIVE_INFINITY;
    const reader: Reader = {
      reply,
      job: query.job,
      access,
      cursor,
      end,
      left: query.limit ?? Number.POSITIVE_INFINITY,
      stalledBeats: 0,
    };
    reply.open();
    this.readers.add(reader);
    signal.addEventListener('abort', () => this.drop(reader));
    reply.onDrain(() => this.catchUp(reader));
    this.beat ??= setInterval(() => this.heartbeat(), HEARTBEAT_MS);
    this.catchUp(reader);
  }

  private drop(reader: Reader): void {
    this.readers.delete(reader);
    if (this.readers.size > 0) return;
    clearInterval(this.beat);
    this.beat = undefined;
  }

  /** Hands over what the reader lacks until it has enough to read, or all. */
  private catchUp(reader: Reader): void {
    while (
      this.readers.has(reader) &&
      !reader.reply.congested &&
      reader.cursor < this.context.journal.seq &&
      !this.finish(reader)
    ) {
      const [...page] = this.context.journal.readFrom(reader.cursor, PAGE);
      for (const batch of page) {
        if (reader.reply.congested || this.finish(reader)) break;
        if (batch.seq > reader.cursor + 1)
          reader.reply.write(`: ${reader.cursor + 1} to ${batch.seq - 1} are no longer kept\n\n`);
        this.hand(reader, batch, encode(eventsOf(this.context, batch), reader));
      }
    }
    this.finish(reader);
  }

  private hand(reader: Reader, { seq }: Committed, text: string): void {
    if (text !== '') reader.reply.write(text);
    reader.cursor = seq;
    reader.left -= 1;
    reader.stalledBeats = 0;
  }

  /** Whoever is up to date gets it at once; the others come to it by themselves. */
  private publish(batch: Committed): void {
    if (this.readers.size === 0) return;
    const events = eventsOf(this.context, batch);
    const encoded = new Map<string, string>();
    for (const reader of this.readers) {
      if (reader.cursor !== batch.seq - 1 || reader.reply.congested) continue;
      const of = JSON.stringify([reader.job, reader.access.viewer]);
      const text = encoded.get(of) ?? encode(events, reader);
      encoded.set(of, text);
      this.hand(reader, batch, text);
      this.finish(reader);
    }
  }

  private finish(reader: Reader): boolean {
    if (reader.cursor < reader.end && reader.left > 0) return false;
    this.drop(reader);
    reader.reply.end();
    return true;
  }

  private heartbeat(): void {
    for (const reader of this.readers) {
      if (!reader.reply.congested) reader.reply.write(': heartbeat\n\n');
      else if ((reader.stalledBeats += 1) >= STALLED_BEATS_MAX) reader.reply.cut();
    }
  }
}

function eventsOf({ scheduler, fleet }: ConsoleContext, batch: Committed): EventView[] {
  const world = scheduler();
  const names: Names = {
    task: (id) => world.tasks.get(id),
    update: (id) => world.updates.get(id)?.job,
    host: (id) => fleet.hostname(id),
  };
  return eventViews(batch, names);
}

/** Only the last event of a batch carries the id to resume from: a reader cut off in the middle of a batch gets all of it again, never less. */
function encode(events: readonly EventView[], { job, access }: Pick<Reader, 'job' | 'access'>): string {
  const wanted = events.filter((event) => (job === undefined || event.job === job) && isShown(event, access));
  return wanted
    .map(
      (event, at) =>
        `${at === wanted.length - 1 ? `id: ${event.seq}\n` : ''}event: event\ndata: ${JSON.stringify(event)}\n\n`,
    )
    .join('');
}

/** Agents are everybody's. Of what belongs to a job that nobody remembers, only those hear who see everything. */
function isShown({ kind, job }: EventView, access: ConsoleAccess): boolean {
  if (access.viewer === undefined || kind === 'agent') return true;
  return job !== null && access.sees(job as JobKey);
}
