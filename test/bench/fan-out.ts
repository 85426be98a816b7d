/**
 * Operators who watch: every change of a task to 100 subscribers of `POST /api/v1`, beside writing it anew for each of them,
 * in the same run; with one more who does not read at all. Readers are a process of their own; the processor time is the master's.
 * `node --import tsx test/bench/fan-out.ts`
 */
import { fork } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { encodeMessage, type MediaType } from '../../shared/mesos/wire/codec.ts';
import { eventOf, OperatorStream } from '../../server/http/mesos/operator/stream.ts';
import { systemClock } from '../../server/engine/clock.ts';
import type { OperatorNews } from '../../server/master/facts.ts';
import { emptyMaster } from '../../server/master/world.ts';
import type { Reading } from './fan-out-readers.ts';
import { count, ms, printTable, ratio } from './table.ts';

const us = (milliseconds: number): string => `${Math.round(milliseconds * 1000)} µs`;

const EVENTS = 3_000;
/** Enough to be more than may wait for a reader. */
const EVENTS_FOR_SLOW = 30_000;
const JSON_TYPE = 'application/json' satisfies MediaType;

type Tell = (news: OperatorNews) => void;

/** Something that tells many. */
interface Fanning {
  open(response: ServerResponse, type: MediaType): void;
  tell: Tell;
}

interface Measured {
  readonly tookMs: number;
  readonly busyMs: number;
  /** Those who were cut off. */
  readonly cut: number;
  /** Bytes that waited for readers, at most. */
  readonly backlog: number;
  /** From a change to when one of the readers has it: 99 of 100 took no longer. */
  readonly lagMs: number;
}

interface Shape {
  readonly subscribers: number;
  readonly type: MediaType;
  /** Changes of one turn of the master. */
  readonly perTurn: number;
  readonly events: number;
  /** Between two turns. */
  readonly pauseMs: number;
  /** Beside the others, one who does not read. */
  readonly withSlow: boolean;
}

/** Every request is taken by `open` as a subscriber; then changes are told until everybody has read the last. */
async function measure(
  { subscribers, type, perTurn, pauseMs, events, withSlow }: Shape,
  { open, tell }: Fanning,
): Promise<Measured> {
  const responses = new Set<ServerResponse>();
  let cut = 0;
  const server = createServer((_request, response) => {
    responses.add(response);
    response.on('close', () => {
      responses.delete(response);
      cut += 1;
    });
    open(response, type);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const readers = fork(fileURLToPath(new URL('fan-out-readers.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const heard = new Promise<number[]>((resolve) =>
    readers.once('message', (lags) => resolve(lags as number[])),
  );
  readers.send({ port, subscribers, last: `task-${events - 1}.`, withSlow } satisfies Reading);
  while (responses.size < subscribers + (withSlow ? 1 : 0))
    await new Promise((resolve) => setTimeout(resolve, 5));
  const before = process.cpuUsage();
  const begun = performance.now();
  let backlog = 0;
  for (let at = 0; at < events; at++) {
    tell(newsOf(at));
    if (at % perTurn < perTurn - 1) continue;
    let waiting = 0;
    for (const { writableLength } of responses) waiting += writableLength;
    backlog = Math.max(backlog, waiting);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  const lags = await heard;
  const tookMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(before);
  const busyMs = (user + system) / 1000;
  const lagMs = lags[Math.floor(lags.length * 0.99)] ?? NaN;
  const measured = { tookMs, busyMs, cut, backlog, lagMs };
  readers.kill();
  server.closeAllConnections();
  server.close();
  return measured;
}

const labels = Array.from({ length: 10 }, (_, at) => ({ key: `label-${at}`, value: `value-${at}` }));

/** A status as agents report it, of a few hundred bytes. */
function newsOf(at: number): OperatorNews {
  const status = {
    task_id: { value: `task-${at}.` },
    state: 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    message: 'health check passed',
    timestamp: (performance.timeOrigin + performance.now()) / 1000,
    agent_id: { value: '11111111-2222-3333-4444-555555555555-S1' },
    uuid: 'AAAAAAAAAAAAAAAAAAAAAA==',
    healthy: true,
    labels: { labels },
  } as const;
  return { type: 'TASK_UPDATED', framework_id: { value: 'framework' }, status, state: 'TASK_RUNNING' };
}

const world = emptyMaster('11111111-2222-3333-4444-555555555555');

function ours(): Fanning {
  let tell: Tell = () => undefined;
  const hub = {
    perform: () => Promise.resolve({ status: 200 } as const),
    watch: (listener: Tell) => {
      tell = listener;
      return () => undefined;
    },
  };
  const stream = new OperatorStream(world, hub, systemClock());
  return { open: (response, type) => stream.open(response, type, []), tell: (news) => tell(news) };
}

/** For each subscriber the event is put into words and written, as the obvious way has it. */
function naive(): Fanning {
  const subscribers = new Map<ServerResponse, MediaType>();
  return {
    open: (response, type) => {
      response.writeHead(200, { 'Content-Type': type }).flushHeaders();
      subscribers.set(response, type);
      response.on('close', () => subscribers.delete(response));
    },
    tell: (news) => {
      for (const [response, type] of subscribers) {
        const body = encodeMessage('mesos.v1.master.Event', type, eventOf(world, news));
        response.write(Buffer.concat([Buffer.from(`${body.length}\n`), body]));
      }
    },
  };
}

const rows = [
  [
    'subscribers',
    'encoding',
    'changes a turn',
    'events/s',
    'CPU per event',
    'naive',
    'ratio',
    'p99 lag',
    'naive',
  ],
];
for (const [subscribers, type, perTurn] of [
  [10, JSON_TYPE, 100],
  [100, JSON_TYPE, 100],
  [300, JSON_TYPE, 100],
  [100, 'application/x-protobuf', 100],
  [100, JSON_TYPE, 10],
  [100, JSON_TYPE, 1],
] as const) {
  const shape: Shape = { subscribers, type, perTurn, pauseMs: 0, events: EVENTS, withSlow: false };
  await measure(shape, ours());
  const fast = await measure(shape, ours());
  const plain = await measure(shape, naive());
  rows.push([
    count(subscribers),
    type.slice('application/'.length),
    count(perTurn),
    count((EVENTS / fast.tookMs) * 1000),
    us(fast.busyMs / EVENTS),
    us(plain.busyMs / EVENTS),
    ratio(plain.busyMs / fast.busyMs),
    // What is read of protobuf is not looked into.
    type === JSON_TYPE ? ms(fast.lagMs) : '',
    type === JSON_TYPE ? ms(plain.lagMs) : '',
  ]);
}
printTable(`${count(EVENTS)} changes of tasks to operators who watch`, rows);

const slowRows = [['one of them', 'took', 'CPU', 'cut off', 'bytes waiting at most']];
for (const withSlow of [false, true]) {
  const shape = {
    subscribers: 100,
    type: JSON_TYPE,
    perTurn: 50,
    pauseMs: 10,
    events: EVENTS_FOR_SLOW,
    withSlow,
  } as const;
  const { tookMs, busyMs, cut, backlog } = await measure(shape, ours());
  slowRows.push([
    withSlow ? 'does not read' : 'is like the others',
    ms(tookMs),
    ms(busyMs),
    count(cut),
    `${(backlog / 1e6).toFixed(1)} MB`,
  ]);
}
printTable(`${count(EVENTS_FOR_SLOW)} changes to 100 operators, 50 every 10 ms`, slowRows);
