import type { EventView } from '../../shared/api/views.ts';
import { createClient } from '../client.ts';
import { printable } from '../output/printable.ts';

/** Prints one line per change of the cluster until `signal` aborts. */
export async function followEvents(
  url: string,
  out: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = createClient({ url, from: 'cli' });
  try {
    for await (const event of client.stream('events', { query: { since: 0, follow: true }, signal })) {
      out(eventLine(event));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** `12:31:04 task demo/prod/hello/0 RUNNING on agent-2`. */
export function eventLine(event: EventView): string {
  const words = [event.at.slice(11, 19), event.kind, event.subject, event.what, event.message ?? ''];
  const who = event.user === null ? '' : ` (${event.user}${event.from === null ? '' : ` by ${event.from}`})`;
  return printable(`${words.filter((word) => word !== '').join(' ')}${who}`);
}
