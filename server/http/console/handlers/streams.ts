import type { WatchView } from '../../../../shared/api/watch.ts';
import type { Call, Handlers } from '../call.ts';
import type { ConsoleContext } from '../context.ts';
import type { EventQuery } from '../event-feed.ts';
import { EventFeed } from '../event-feed.ts';
import type { JobRows } from '../job-rows.ts';
import { StreamReply } from '../stream-reply.ts';
import { Watches } from '../watches.ts';

export function streamHandlers(context: ConsoleContext, rows: JobRows): Pick<Handlers, 'events' | 'watch'> {
  const feed = new EventFeed(context);
  const watches = new Watches(context, rows);
  const sse = ({ reply }: Call): StreamReply => new StreamReply(reply, 'text/event-stream');
  return {
    events: (call) => feed.open({ ...(call.query as EventQuery), ...resumed(call) }, sse(call), call),
    watch: (call) => watches.open(call.query as unknown as WatchView, sse(call), call),
  };
}

/** What a browser's EventSource says when it comes back. */
function resumed({ reply }: Call): EventQuery {
  const id = reply.request.headers['last-event-id'];
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? { since: Number(id) } : {};
}
