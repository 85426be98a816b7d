import type { EventView } from '../../../../shared/api/views.ts';
import type { WatchView } from '../../../../shared/api/watch.ts';
import type { ConsoleContext } from '../context.ts';
import type { Call, Handlers } from '../routes.ts';
import { StreamReply } from '../stream-reply.ts';
import { eventViews, type Names } from '../views/event.ts';
import { DawnError } from '../../../../shared/errors.ts';
import { Watches } from '../watches.ts';

const STREAMS_MAX = 1000;
/** Batches shown of the past when no `since` is given. */
const BACKLOG = 200;
const HEARTBEAT_MS = 10_000;

export function streamHandlers(context: ConsoleContext): Pick<Handlers, 'events' | 'watch'> {
  const watches = new Watches(context);
  let open = 0;
  const guarded = (call: Call, run: (reply: StreamReply) => void): void => {
    const reply = new StreamReply(call.reply.raw, 'text/event-stream');
    try {
      if (open >= STREAMS_MAX) throw new DawnError({ code: 'unavailable', message: `${STREAMS_MAX} streams are open already`, hint: 'close some, and try again' });
      run(reply);
      open += 1;
      call.signal.addEventListener('abort', () => (open -= 1));
    } catch (error) {
      reply.fail(error, call.signal.aborted);
    }
  };
  return {
    events: (call) => guarded(call, (reply) => streamEvents(context, call, reply)),
    watch: (call) => guarded(call, (reply) => watches.open(call.query as unknown as WatchView, reply, call.signal)),
  };
}

/** The journal from `since` on (or `Last-Event-ID`), then live, without a gap between the two: both happen in one turn. */
function streamEvents(context: ConsoleContext, call: Call, reply: StreamReply): void {
  const { since, follow, job, limit } = call.query as { since?: number; follow?: boolean; job?: string; limit?: number };
  const resume = Number(call.reply.request.headers['last-event-id'] ?? NaN);
  const from = Number.isInteger(resume) ? resume : (since ?? Math.max(0, context.journal.seq - BACKLOG));
  const names = namesOf(context);
  const send = (events: readonly EventView[]): void => {
    for (const event of events) if (job === undefined || event.job === job) reply.write(`id: ${event.seq}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`);
  };
  reply.open();
  for (const batch of context.journal.readFrom(from, limit)) send(eventViews(batch, names));
  if (follow === false) return reply.end();
  const stop = context.onCommitted((batch) => send(eventViews(batch, names)));
  const heartbeat = setInterval(() => reply.write(': heartbeat\n\n'), HEARTBEAT_MS);
  call.signal.addEventListener('abort', () => {
    stop();
    clearInterval(heartbeat);
  });
}

function namesOf(context: ConsoleContext): Names {
  return {
    task: (id) => context.scheduler().tasks.get(id as never),
    update: (id) => context.scheduler().updates.get(id as never)?.job,
  };
}
