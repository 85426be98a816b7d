/** Events and live views: without a gap, without memory for slow readers, once encoded for all. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { get as httpGet } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Client } from '../../cli/client.ts';
import { createClient } from '../../cli/client.ts';
import { StreamReply } from '../../server/http/console/stream-reply.ts';
import { httpServer } from '../../server/http/server.ts';
import { serverEvents } from '../../cli/client-streams.ts';
import type { EventView } from '../../shared/api/views.ts';
import type { WatchMessage } from '../../shared/api/watch.ts';
import type { JobKey } from '../../shared/ids.ts';
import type { ConsoleServer } from '../support/console-server.ts';
import { consoleServer, fakeAgent, settled } from '../support/console-server.ts';
import { job } from '../support/jobs.ts';

const KEY = 'www/prod/web' as JobKey;
const MIB = 1024 * 1024;

let server: ConsoleServer;
let client: Client;
let url: string;
let responses: ServerResponse[];

beforeEach(async () => {
  server = consoleServer();
  url = await server.listen();
  client = createClient({ url, user: 'ann', from: 'cli' });
  responses = [];
  server.app.server.on('request', (_request, response: ServerResponse) => responses.push(response));
  fakeAgent(server.core, 'one');
  await client.act({ kind: 'job.submit', job: job(KEY, 2) });
  await settled(server);
});
afterEach(() => server.close());

async function take<Item>(
  items: AsyncIterable<Item>,
  enough: (items: readonly Item[]) => boolean,
): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) {
    found.push(item);
    if (enough(found)) break;
  }
  return found;
}

const everything = (): Promise<EventView[]> =>
  take(client.stream('events', { query: { since: 0, follow: false } }), () => false);
const scale = (instances: number) => client.act({ kind: 'job.scale', key: KEY, instances });

/** Nothing is killed, but the command is in the journal, as long as its message. */
const note = (message: string) =>
  server.core.engine.command(
    { kind: 'job.kill', key: KEY, only: [[9999, 9999]], message },
    { user: 'ann', from: 'test' },
  );

/** A reader that reads only when told to. */
function open(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => httpGet(`${url}${path}`, { headers }, resolve).on('error', reject));
}

describe('events', () => {
  test('begin in the past and go on live, each once and in order', async () => {
    const live = take(client.stream('events', { query: { since: 0, follow: true } }), (events) =>
      events.some(({ what }) => what === 'job.kill'),
    );
    await scale(4);
    await settled(server);
    await note('end');
    expect(await live).toEqual(await everything());
  });

  test('a reader that was cut off goes on where it was, as EventSource does', async () => {
    for (const instances of [3, 4, 5]) await scale(instances);
    await settled(server);
    const all = await everything();
    for (let cut = 1; cut < all.length; cut += 3) {
      const response = await open('/v1/events?since=0');
      let lastId = '0';
      let text = '';
      const seen: EventView[] = [];
      reading: for await (const chunk of response) {
        text += String(chunk);
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const block = text.slice(0, end);
          text = text.slice(end + 2);
          lastId = /^id: (\d+)/.exec(block)?.[1] ?? lastId;
          seen.push(JSON.parse(/data: (.*)/.exec(block)?.[1] ?? '') as EventView);
          if (seen.length === cut) break reading;
        }
      }
      const rest = (await take(
        serverEvents(await open('/v1/events?follow=0', { 'last-event-id': lastId })),
        () => false,
      )) as EventView[];
      // A batch that was cut in the middle comes again from its beginning; nothing is left out.
      const again = seen.filter(({ seq }) => seq <= Number(lastId));
      expect([...again, ...rest]).toEqual(all);
    }
  });

  test('of one job only, and of so many batches only', async () => {
    await client.act({ kind: 'job.submit', job: job('www/prod/other', 1) });
    await settled(server);
    const all = await everything();
    const other = await take(
      client.stream('events', { query: { since: 0, follow: false, job: 'www/prod/other' } }),
      () => false,
    );
    expect(other.length).toBeGreaterThan(2);
    expect(other).toEqual(all.filter((event) => event.job === 'www/prod/other'));
    const two = await take(client.stream('events', { query: { since: 0, limit: 2 } }), () => false);
    expect(two).toEqual(all.filter(({ seq }) => seq <= 2));
  });

  test('a reader that does not read costs no memory, and misses nothing when it reads again', async () => {
    const response = await open(`/v1/events?since=${server.journal.seq}`);
    response.pause();
    const [stream] = responses.slice(-1);
    const before = server.journal.seq;
    for (let i = 0; i < 300; i++) await note(`${i} ${'x'.repeat(MIB / 8)}`);
    expect(stream?.writableLength).toBeLessThan(MIB);
    const seen: number[] = [];
    for await (const event of serverEvents(response)) {
      seen.push((event as EventView).seq);
      if (seen.length === 300) break;
    }
    expect(seen).toEqual(Array.from({ length: 300 }, (_, at) => before + 1 + at));
  });
});

describe('watching', () => {
  const watch = (query: Record<string, string>, enough: (messages: readonly WatchMessage[]) => boolean) =>
    take(client.stream('watch', { query }), enough);
  const last = (messages: readonly WatchMessage[]): WatchMessage | undefined => messages.at(-1);

  test('jobs: all of them, then those that change and those that go', async () => {
    const messages = watch({ view: 'jobs' }, (seen) => {
      const message = last(seen);
      if (message?.type === 'snapshot') void scale(4);
      return message?.type === 'delta' && message.data.view === 'jobs' && message.data.put[0]?.running === 4;
    });
    const [first, ...deltas] = await messages;
    expect(first).toMatchObject({
      type: 'snapshot',
      cluster: { agents: { up: 1 } },
      data: { view: 'jobs', put: [{ key: KEY, running: 2 }], remove: [] },
    });
    // Scaling, placing and running are many commits; a reader is told a few times.
    expect(deltas.length).toBeLessThanOrEqual(4);
  });

  test('many things in a moment are one message', async () => {
    const messages = await watch({ view: 'jobs' }, (seen) => {
      if (seen.length === 1)
        for (let at = 0; at < 20; at++)
          void client.act({ kind: 'job.submit', job: job(`www/prod/j${at}`, 1) });
      const keys = seen.flatMap((message) =>
        message.type === 'delta' && message.data.view === 'jobs'
          ? message.data.put.map(({ key }) => key)
          : [],
      );
      return new Set(keys).size === 20;
    });
    expect(messages.length).toBeLessThan(8);
  });

  test('one job, with its tasks', async () => {
    const messages = await watch({ view: 'job', key: KEY }, (seen) => {
      const message = last(seen);
      if (message?.type === 'snapshot') void scale(3);
      return message?.type === 'delta' && message.data.view === 'job' && message.data.job.active.length === 3;
    });
    expect(messages[0]).toMatchObject({
      type: 'snapshot',
      data: { view: 'job', job: { row: { key: KEY }, active: [{ instance: 0 }, { instance: 1 }] } },
    });
  });

  test('an update: seconds pass in it even when nothing happens', async () => {
    const { update } = await client.act({
      kind: 'job.submit',
      job: job(KEY, 2, { ramMb: 256 }, { watchSecs: 60 }),
    });
    const steps = new Set<string>();
    await watch({ view: 'update', id: update ?? '' }, (seen) => {
      const message = last(seen);
      const data = message?.type === 'snapshot' || message?.type === 'delta' ? message.data : undefined;
      const step = data?.view === 'update' ? data.update.instances[0]?.step : undefined;
      if (step !== undefined && /watching/.test(step)) steps.add(step);
      return steps.size === 2;
    });
    expect(steps.size).toBe(2);
  });

  test('hosts: one that comes is told, and the others are not told again', async () => {
    const messages = await watch({ view: 'hosts' }, (seen) => {
      if (seen.length === 1) fakeAgent(server.core, 'two');
      return seen.some(
        (message) =>
          message.type === 'delta' &&
          message.data.view === 'hosts' &&
          message.data.put.some(({ host }) => host === 'two'),
      );
    });
    const deltas = messages.flatMap((message) =>
      message.type === 'delta' && message.data.view === 'hosts' ? message.data.put : [],
    );
    expect(new Set(deltas.map(({ host }) => host))).toEqual(new Set(['two']));
  });

  test('a job screen hears that the thing is gone, and that is the end', async () => {
    const id = [...(server.core.engine.world.activeByJob.get(KEY)?.values() ?? [])][0] ?? '';
    const messages = await watch({ view: 'task', id }, (seen) => {
      if (seen.length === 1) {
        server.core.engine.world.tasks.delete(id as never);
        server.core.engine.world.touchedJobs.add(KEY);
        void note('look');
      }
      return false;
    });
    expect(last(messages)).toEqual({ type: 'gone', message: 'it no longer exists' });
  });

  test('what changed is encoded once for everybody who watches the same', async () => {
    const readers = await Promise.all([1, 2, 3].map(() => open('/v1/watch?view=jobs')));
    const bytes = readers.map(async (reader) => {
      let text = '';
      for await (const chunk of reader) {
        text += String(chunk);
        if (text.includes('event: delta') && text.endsWith('\n\n'))
          return text.slice(text.indexOf('event: delta'));
      }
      return '';
    });
    const stringify = vi.spyOn(JSON, 'stringify');
    await scale(3);
    const [first, ...others] = await Promise.all(bytes);
    const deltas = stringify.mock.calls.filter(
      ([value]) => (value as { type?: string } | undefined)?.type === 'delta',
    );
    stringify.mockRestore();
    expect(others).toEqual([first, first]);
    expect(deltas).toHaveLength(1);
  });
});

test('a reader that lets 4 MiB pile up is cut off', async () => {
  const app = httpServer({ hosts: [], log: () => undefined });
  const chunk = 'x'.repeat(MIB / 16);
  let most = 0;
  const cut = new Promise<void>((resolve) => {
    app.get('/flood', async (_request, reply) => {
      const stream = new StreamReply(reply, 'text/event-stream');
      stream.open();
      const flood = setInterval(() => {
        for (let i = 0; i < 16; i++) stream.write(chunk);
        most = Math.max(most, reply.raw.writableLength);
      }, 1);
      reply.raw.on('close', () => {
        clearInterval(flood);
        resolve();
      });
      return reply;
    });
  });
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  httpGet(`${base}/flood`, (response) => response.pause().on('error', () => undefined)).on(
    'error',
    () => undefined,
  );
  await cut;
  expect(most).toBeGreaterThan(4 * MIB);
  expect(most).toBeLessThan(4 * MIB + 3 * chunk.length);
  await app.close();
});

test('a thousand streams, and not one more; one that goes makes room', async () => {
  responses.length = 0;
  const readers = await Promise.all(Array.from({ length: 1000 }, () => open('/v1/events?follow=1')));
  const refused = await open('/v1/events');
  expect(refused.statusCode).toBe(503);
  refused.resume();
  const freed = new Promise<void>((resolve) =>
    responses.slice(0, 1000).forEach((response) => response.on('close', resolve)),
  );
  readers[0]?.destroy();
  await freed;
  const again = await open('/v1/events');
  expect(again.statusCode).toBe(200);
  for (const reader of [...readers, again]) reader.destroy();
});
