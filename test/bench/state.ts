/**
 * What a master answers who is asked for everything while it changes: `/state` and GET_STATE in both encodings, 20,000 tasks, one poller and twenty, beside writing the same state
 * anew for each of them in the same run. The processor time is the server's own (user and system, its garbage collector's too); pollers are another process. How soon it answers
 * anybody else is `/health`, asked every 10 ms by a third process; the delay of the event loop tells what of that is the server's. `node --import tsx test/bench/state.ts`
 */
import { fork } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { decodeMessage, encodeMessage, type MediaType } from '../../shared/mesos/wire/codec.ts';
import { mesosDoor } from '../../server/libprocess/door.ts';
import { mesosRoutes } from '../../server/http/mesos/routes.ts';
import { systemClock } from '../../server/engine/clock.ts';
import { AGENTS, change, CHURN_TASKS, cluster, TASKS } from './churning-cluster.ts';
import type { Polled, Polling } from './state-pollers.ts';
import { count, ms, printTable, ratio } from './table.ts';

const SECONDS = Number(process.env['SECONDS'] ?? 5);
const CHURN_MS = 20;
const JSON_TYPE = 'application/json';
const PROTOBUF = 'application/x-protobuf';
const RESPONSE = 'mesos.v1.master.Response';

type Question = Pick<Polling, 'method' | 'path' | 'headers' | 'body'>;

const get = (path: string): Question => ({ method: 'GET', path, headers: {}, body: '' });

function getState(type: MediaType): Question {
  const headers = { 'content-type': JSON_TYPE, accept: type };
  return { method: 'POST', path: '/api/v1', headers, body: JSON.stringify({ type: 'GET_STATE' }) };
}

/** Somebody in another process, until it has been asking for as long as it was told to. */
function somebody(polling: Polling): Promise<Polled> {
  const child = fork(fileURLToPath(new URL('state-pollers.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  return new Promise((resolve, reject) => {
    child.once('message', (polled) => {
      resolve(polled as Polled);
      child.kill();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the pollers' process ended with ${code}`)));
    child.send(polling);
  });
}

interface Measured {
  readonly bytes: number;
  readonly answers: number;
  /** Of the server, for one answer. */
  readonly cpuMs: number;
  readonly p50: number;
  readonly health: number;
  readonly loopMs: number;
}

async function measure(port: number, question: Question, pollers: number): Promise<Measured> {
  const common = { port, seconds: SECONDS, ...question };
  const asking =
    pollers === 0
      ? new Promise<Polled>((resolve) =>
          setTimeout(() => resolve({ latencies: [], bytes: 0 }), SECONDS * 1000),
        )
      : somebody({ ...common, pollers, pauseMs: 0, yields: true });
  const healthy = somebody({ ...common, ...get('/health'), pollers: 1, pauseMs: 10, yields: false });
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const before = process.cpuUsage();
  const { latencies, bytes } = await asking;
  const { user, system } = process.cpuUsage(before);
  loop.disable();
  const { latencies: health } = await healthy;
  return {
    bytes,
    answers: latencies.length,
    cpuMs: (user + system) / 1000 / latencies.length,
    p50: at(latencies, 0.5),
    health: at(health, 0.99),
    // The monitor's own millisecond is no delay.
    loopMs: loop.percentile(99) / 1e6 - 1,
  };
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Whoever asks gets everything written anew, from a state that stands ready as objects. */
function naively(write: (state: object) => Uint8Array, state: object) {
  return (_request: unknown, response: ServerResponse): void => {
    const body = write(state);
    response.writeHead(200, { 'Content-Length': body.length }).end(body);
  };
}

async function answer(url: string, { method, path, headers, body }: Question): Promise<Buffer> {
  const response = await fetch(url + path, { method, headers, ...(body === '' ? {} : { body }) });
  return Buffer.from(await response.arrayBuffer());
}

const world = cluster();
const routes = new Map(
  mesosRoutes({
    hub: { open: () => undefined, call: () => Promise.resolve({ status: 200 }), closed: () => undefined },
    operators: { perform: () => Promise.resolve({ status: 200 }), watch: () => () => undefined },
    master: world,
    masterId: world.id,
    clock: systemClock(),
    startedAtMs: 0,
    electedAtMs: 0,
    flags: {},
  }),
);
const door = mesosDoor({ process: 'master', routes, hosts: [], log: console.error });
// Naive answers keep the others waiting for longer than Node lets a connection be.
const patient = { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 };
const server = createServer(patient, (request, response) => void door(request, response));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const url = `http://127.0.0.1:${port}`;

const stringify = (state: object): Uint8Array => Buffer.from(JSON.stringify(state));
const parse = (text: Buffer): object => JSON.parse(text.toString()) as object;
const decoded = decodeMessage(RESPONSE, PROTOBUF, await answer(url, getState(PROTOBUF)));
if (!decoded.ok) throw new Error(decoded.problem);
const [legacy, v1] = [parse(await answer(url, get('/state'))), parse(await answer(url, getState(JSON_TYPE)))];
routes.set('naive-state', naively(stringify, legacy));
routes.set('naive-json', naively(stringify, v1));
routes.set(
  'naive-protobuf',
  naively((state) => encodeMessage(RESPONSE, PROTOBUF, state), decoded.message),
);

const churn = setInterval(change(world), CHURN_MS);
const rows = [
  ['', 'size', 'pollers', 'answers/s', 'CPU an answer', 'naive', 'ratio', 'p50', '/health p99', 'loop p99'],
];
const idle = await measure(port, get('/health'), 0);
rows.push(['nobody', '', '0', '', '', '', '', '', ms(idle.health), ms(idle.loopMs)]);
for (const [name, ours, naive] of [
  ['/state', get('/state'), get('/naive-state')],
  ['GET_STATE, JSON', getState(JSON_TYPE), get('/naive-json')],
  ['GET_STATE, protobuf', getState(PROTOBUF), get('/naive-protobuf')],
] as const)
  for (const pollers of [1, 20]) {
    const plain = await measure(port, naive, pollers);
    const { bytes, answers, cpuMs, p50, health, loopMs } = await measure(port, ours, pollers);
    rows.push([
      name,
      `${(bytes / 1e6).toFixed(1)} MB`,
      String(pollers),
      (answers / SECONDS).toFixed(1),
      ms(cpuMs),
      ms(plain.cpuMs),
      ratio(plain.cpuMs / cpuMs),
      ms(p50),
      ms(health),
      ms(loopMs),
    ]);
    console.error(rows.at(-1)?.join('  '));
  }
clearInterval(churn);
server.close();
server.closeAllConnections();
const rate = count((CHURN_TASKS * 1000) / CHURN_MS);
printTable(`${count(TASKS)} tasks on ${AGENTS} agents, ${rate} tasks changing a second`, rows);
