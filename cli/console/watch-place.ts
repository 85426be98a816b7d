import { jobParams } from '../../shared/api/command-route.ts';
import type { LogLine } from '../../shared/api/views.ts';
import { DawnError } from '../../shared/errors.ts';
import type { JobKey } from '../../shared/ids.ts';
import type { Client } from '../client.ts';
import type { Message } from './messages.ts';
import { lineOf, type Place } from './place.ts';

const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 5_000;
const WHY_EVERY_MS = 2_000;
/** Lines are handed over in bunches: a task that writes a lot must not make a frame a line. */
const LOG_BUNCH_MS = 100;
const LOG_BUNCH_MAX = 5_000;
const LOG_TAIL = 500;

type Dispatch = (message: Message) => void;

/** Keeps a place up to date until the signal aborts; a lost connection is tried again, and said. */
export async function watchPlace(
  client: Client,
  place: Place,
  signal: AbortSignal,
  dispatch: Dispatch,
): Promise<void> {
  const from = lineOf(place);
  let attempts = 0;
  while (!signal.aborted) {
    try {
      if (place.kind === 'logs') return await followLogs(client, place, from, signal, dispatch);
      if (place.kind === 'why') await askWhy(client, place.key as JobKey, from, signal, dispatch);
      else
        for await (const message of client.stream('watch', { query: queryOf(place), signal })) {
          attempts = 0;
          dispatch({ kind: 'watched', from, message });
          if (message.type === 'gone') return;
        }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof DawnError && error.code === 'not_found')
        return dispatch({
          kind: 'gone',
          from,
          why: `${error.message}${error.hint === undefined ? '' : `; ${error.hint}`}`,
        });
      attempts += 1;
      const told = error instanceof DawnError ? { error } : {};
      dispatch({ kind: 'lost', problem: (error as Error).message, attempts, ...told });
    }
    await pause(Math.min(RETRY_MS_MIN * 2 ** attempts, RETRY_MS_MAX), signal);
  }
}

function queryOf(place: Place): Record<string, string> {
  if (place.kind === 'job') return { view: 'job', key: place.key };
  if (place.kind === 'update' || place.kind === 'task') return { view: place.kind, id: place.id };
  return { view: place.kind };
}

async function askWhy(
  client: Client,
  key: JobKey,
  from: string,
  signal: AbortSignal,
  dispatch: Dispatch,
): Promise<void> {
  while (!signal.aborted) {
    dispatch({ kind: 'why', from, answer: await client.call('job.why', { params: jobParams(key), signal }) });
    await pause(WHY_EVERY_MS, signal);
  }
}

async function followLogs(
  client: Client,
  place: Extract<Place, { kind: 'logs' }>,
  from: string,
  signal: AbortSignal,
  dispatch: Dispatch,
): Promise<void> {
  let bunch: LogLine[] = [];
  const hand = (): void => {
    if (bunch.length > 0) dispatch({ kind: 'logs', from, lines: bunch });
    bunch = [];
  };
  const timer = setInterval(hand, LOG_BUNCH_MS);
  try {
    const query = { follow: true, tail: LOG_TAIL, instances: place.instances ?? undefined };
    for await (const line of client.stream('job.logs', {
      params: jobParams(place.key as JobKey),
      query,
      signal,
    })) {
      bunch.push(line);
      if (bunch.length >= LOG_BUNCH_MAX) hand();
    }
    hand();
    dispatch({ kind: 'logs-ended', from, why: 'it has ended' });
  } catch (error) {
    hand();
    if (!signal.aborted) dispatch({ kind: 'logs-ended', from, why: (error as Error).message });
  } finally {
    clearInterval(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
