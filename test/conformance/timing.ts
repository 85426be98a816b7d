/**
 * When what was recorded happened. A Date says the second; streams say it to the millisecond, but from their own beginning. Three things tell more: updates carry the time that they were
 * made at; one that answers a call comes shortly after it; and what became free was offered at the ticks of Mesos's allocator, once a second for all.
 */
import { at, jsonOf, type Exchange, type Json, type JsonObject } from './recorded.ts';

/** Mesos begins the next second of its allocator when it is done with the last. */
const TICK_S = 1.0015;
/** An update is on its way. */
const DELIVERY_S = 0.004;
/** What the answers to a call say, by its type. */
const ANSWERS: Readonly<Record<string, (call: JsonObject | undefined) => (event: JsonObject) => boolean>> = {
  ACCEPT: (call) => {
    const tasks = new Set(launchedBy(call));
    return (event) => tasks.has(taskOf(event)) && FIRST_WORDS.has(stateOf(event));
  },
  KILL: (call) => (event) =>
    taskOf(event) === at(call, 'kill', 'task_id', 'value') &&
    !FIRST_WORDS.has(stateOf(event)) &&
    stateOf(event) !== 'TASK_RUNNING',
  RECONCILE: () => (event) => at(event, 'update', 'status', 'reason') === 'REASON_RECONCILIATION',
};
const FIRST_WORDS: ReadonlySet<string> = new Set(['TASK_STARTING', 'TASK_ERROR', 'TASK_DROPPED']);

/** Seconds from a call to such an answer: a task takes a moment to start or to begin to end, and what the master says itself comes at once. */
function delayOf(event: JsonObject): number {
  if (at(event, 'update', 'status', 'uuid') === undefined) return 0.01;
  return stateOf(event) === 'TASK_STARTING' ? 0.2 : 0.03;
}

function taskOf(event: JsonObject): string {
  return String(at(event, 'update', 'status', 'task_id', 'value') ?? '');
}

function stateOf(event: JsonObject): string {
  return String(at(event, 'update', 'status', 'state') ?? '');
}

/** Seconds between requests of which nothing more is known. */
const APART_S = 0.03;

/** @returns the exchanges with better times, and the tick that offers came at: milliseconds of a second */
export function reconstruct(exchanges: readonly Exchange[]): { exchanges: Exchange[]; tickMs: number } {
  const steady = exchanges.map((exchange) =>
    exchange.events
      ? { ...exchange, events: exchange.events.map((each) => ({ ...each, t: each.t / TICK_S })) }
      : exchange,
  );
  const streams = steady.filter(({ events }) => events);
  const tick = tickOf(streams);
  const begins = new Map<string, number>();
  for (const stream of streams) {
    const begin = beginningOf(stream) ?? byTick(stream, tick);
    if (begin !== undefined) begins.set(stream.name, begin);
  }
  let last = -Infinity;
  const timed = steady.map((exchange): Exchange => {
    if (exchange.atMs === 0) return exchange;
    const second = exchange.atMs / 1000;
    const known = begins.get(exchange.name) ?? effectOf(exchange, streams, begins);
    const cause = causeOf(exchange, streams, begins);
    const guess =
      known ?? Math.max(second, ...[last, newestIn(exchange), cause].map((time) => time + APART_S));
    last = Math.min(Math.max(guess, second), second + 0.999);
    return { ...exchange, atMs: Math.round(last * 1000) };
  });
  return { exchanges: timed, tickMs: Math.round(tick * 1000) };
}

/** Seconds since 1970. Undefined: it had no update, or those that it had were older. */
function beginningOf({ events = [], atMs }: Exchange): number | undefined {
  const told = events.flatMap(({ event, t }) => {
    const made =
      at(event, 'update', 'status', 'timestamp') ?? at(event, 'task_updated', 'status', 'timestamp');
    return typeof made === 'number' ? [made + DELIVERY_S - t] : [];
  });
  const begin = Math.max(...told);
  return begin >= atMs / 1000 && begin < atMs / 1000 + 1 ? begin : undefined;
}

function byTick(stream: Exchange, tick: number): number | undefined {
  const phase = phaseOf(stream);
  return phase === undefined ? undefined : stream.atMs / 1000 + fraction(tick - phase);
}

/** The tick that most streams were offered at whose beginning is known. */
function tickOf(streams: readonly Exchange[]): number {
  const ticks = streams.flatMap((stream) => {
    const [begin, phase] = [beginningOf(stream), phaseOf(stream)];
    return begin === undefined || phase === undefined ? [] : [fraction(begin + phase)];
  });
  return mostCommon(ticks) ?? 0;
}

/** In which part of a second, from its beginning, a stream was offered what became free; undefined: it never was. A REVIVE is answered at once. */
function phaseOf({ events = [] }: Exchange): number | undefined {
  const later = events.filter(({ event, t }) => event['type'] === 'OFFERS' && t > 0.15);
  return mostCommon(later.map(({ t }) => fraction(t)));
}

/** When a call was made, by what it brought about: within its second. */
function effectOf(
  call: Exchange,
  streams: readonly Exchange[],
  begins: ReadonlyMap<string, number>,
): number | undefined {
  const body = jsonOf(call.body);
  const type = String(at(body, 'type') ?? '');
  const isAnswer = ANSWERS[type]?.(body);
  if (!isAnswer) return undefined;
  for (const { name, events = [] } of streams) {
    const begin = begins.get(name);
    if (begin === undefined) continue;
    for (const { t, event } of events) {
      const after = isAnswer(event) ? delayOf(event) : undefined;
      const made = begin + t - (after ?? 0);
      if (after !== undefined && made >= call.atMs / 1000 - 0.05 && made < call.atMs / 1000 + 1) return made;
    }
  }
  return undefined;
}

/** When the offer or the update was heard that a call answers. */
function causeOf(call: Exchange, streams: readonly Exchange[], begins: ReadonlyMap<string, number>): number {
  const body = call.body.toString();
  if (!ANSWERING.test(body)) return 0;
  for (const { name, events = [] } of streams)
    for (const { t, event } of events)
      if (idsOf(event).some((id) => body.includes(`"${id}"`))) return (begins.get(name) ?? 0) + t;
  return 0;
}

const ANSWERING = /"type": ?"(?:ACKNOWLEDGE|ACCEPT|DECLINE|ACCEPT_INVERSE_OFFERS|DECLINE_INVERSE_OFFERS)"/;

/** What an event can be answered by. */
function idsOf(event: JsonObject): string[] {
  const offers = (at(event, 'offers', 'offers') ??
    at(event, 'inverse_offers', 'inverse_offers') ??
    []) as readonly Json[];
  const ids = offers.map((offer) => at(offer, 'id', 'value'));
  return [...ids, at(event, 'update', 'status', 'uuid')].flatMap((id) =>
    typeof id === 'string' ? [id] : [],
  );
}

/** The newest time that an answer speaks of. */
function newestIn({ response }: Exchange): number {
  const text = Buffer.concat([...(response?.chunks ?? [])]).toString();
  return Math.max(0, ...[...text.matchAll(/"timestamp":([\d.]+)/g)].map(([, time]) => Number(time)));
}

/** Ids of the tasks that a call launches. */
export function launchedIn(body: Buffer): string[] {
  return launchedBy(jsonOf(body));
}

function launchedBy(call: JsonObject | undefined): string[] {
  const operations = (at(call, 'accept', 'operations') ?? []) as readonly Json[];
  if (!Array.isArray(operations)) return [];
  return operations.flatMap((operation) => {
    const tasks =
      at(operation, 'launch', 'task_infos') ?? at(operation, 'launch_group', 'task_group', 'tasks');
    return (Array.isArray(tasks) ? tasks : []).map((task) => String(at(task, 'task_id', 'value')));
  });
}

/** Of parts of a second, that which most are near to. */
function mostCommon(phases: readonly number[]): number | undefined {
  const near = (phase: number): number => phases.filter((each) => distance(each, phase) < 0.06).length;
  return phases.reduce<number | undefined>(
    (best, phase) => (best === undefined || near(phase) > near(best) ? phase : best),
    undefined,
  );
}

function fraction(value: number): number {
  return value - Math.floor(value);
}

function distance(a: number, b: number): number {
  const apart = fraction(a - b);
  return Math.min(apart, 1 - apart);
}
