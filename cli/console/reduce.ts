import type { LogLine, PlanView } from '../../shared/api/views.ts';
import type { WatchMessage } from '../../shared/api/watch.ts';
import { actKey, propose } from './acts.ts';
import { handleKey } from './key-actions.ts';
import type { Message, Step } from './messages.ts';
import { lineOf } from './place.ts';
import { promptKey } from './prompt.ts';
import { say } from './say.ts';
import type { State } from './state.ts';
import { currentView } from './state.ts';

/** Lines of logs that are kept. */
const LOG_LINES_MAX = 50_000;

const stay = (state: State): Step<State> => ({ state, effects: [] });

/** The whole behaviour of the console: pure, one message in, the next state and what is to be done out. */
export function reduce(state: State, message: Message): Step<State> {
  switch (message.kind) {
    case 'key':
      if (state.prompt) return promptKey(state, state.prompt, message.key);
      if (state.menu || state.act) return actKey(state, message.key);
      return handleKey(state, message.key);
    case 'resize':
      return stay({ ...state, columns: message.columns, rows: message.rows });
    case 'tick':
      return stay({ ...state, nowMs: message.nowMs });
    case 'watched':
      return stay(watched(state, message.from, message.message));
    case 'lost':
      return stay({
        ...state,
        connection: {
          ...state.connection,
          state: 'lost',
          problem: message.problem,
          attempts: message.attempts,
        },
      });
    case 'propose':
      return propose(state, message.command, message.file);
    case 'planned':
      return stay(
        state.act?.command === message.command
          ? { ...state, act: { ...state.act, plan: message.plan, wantsTyped: weigh(message.plan) } }
          : state,
      );
    case 'acted':
      return stay(say({ ...state, act: null }, `${message.done.key}: ${message.done.message}`, false));
    case 'say':
      return stay(
        say(
          state.act?.busy === true ? { ...state, act: { ...state.act, busy: false } } : state,
          message.text,
          message.bad,
        ),
      );
    default:
      return stay(forPlace(state, message));
  }
}

/** News about the place that is shown. */
function forPlace(state: State, message: Extract<Message, { from: string }>): State {
  if (message.from !== lineOf(currentView(state).place)) return state;
  const { data } = state;
  switch (message.kind) {
    case 'logs': {
      const lines = inOrder([...data.logs.lines, ...message.lines]).slice(-LOG_LINES_MAX);
      // Who reads further up stays where they are.
      const back = data.logs.follow ? 0 : Math.min(data.logs.back + message.lines.length, lines.length);
      return { ...state, data: { ...data, loaded: true, logs: { ...data.logs, lines, back } } };
    }
    case 'logs-ended':
      return { ...state, data: { ...data, loaded: true, logs: { ...data.logs, ended: message.why } } };
    case 'why':
      return { ...state, data: { ...data, loaded: true, why: message.answer } };
    case 'gone':
      return { ...state, data: { ...data, loaded: true, gone: message.why } };
    default:
      return state;
  }
}

function watched(state: State, from: string, message: WatchMessage): State {
  const live: State = {
    ...state,
    connection: { state: 'live', sinceMs: state.nowMs, problem: null, attempts: 0 },
  };
  if (message.type === 'heartbeat') return live;
  const here = from === lineOf(currentView(state).place);
  if (message.type === 'gone')
    return here ? { ...live, data: { ...live.data, gone: message.message } } : live;
  const known = message.cluster === null ? live : { ...live, cluster: message.cluster };
  const { data } = message;
  const fresh = message.type === 'snapshot';
  switch (data.view) {
    case 'jobs':
      return {
        ...known,
        data: {
          ...known.data,
          loaded: here || known.data.loaded,
          jobs: merge(fresh ? new Map() : known.data.jobs, data.put, data.remove, (job) => job.key),
        },
      };
    case 'hosts':
      return here
        ? {
            ...known,
            data: {
              ...known.data,
              loaded: true,
              hosts: merge(fresh ? new Map() : known.data.hosts, data.put, data.remove, (host) => host.agent),
            },
          }
        : known;
    case 'job':
      return here ? { ...known, data: { ...known.data, loaded: true, gone: null, job: data.job } } : known;
    case 'update':
      return here
        ? { ...known, data: { ...known.data, loaded: true, gone: null, update: data.update } }
        : known;
    case 'task':
      return here ? { ...known, data: { ...known.data, loaded: true, gone: null, task: data.task } } : known;
  }
}

function merge<Row>(
  rows: ReadonlyMap<string, Row>,
  put: readonly Row[],
  remove: readonly string[],
  id: (row: Row) => string,
): ReadonlyMap<string, Row> {
  const merged = new Map(rows);
  for (const row of put) merged.set(id(row), row);
  for (const key of remove) merged.delete(key);
  return merged;
}

/** Several streams are merged by time; lines come nearly in order, so sorting is rare. */
function inOrder(lines: LogLine[]): LogLine[] {
  const ordered = lines.every(
    (line, at) => at === 0 || (line.at ?? '') >= (lines[at - 1]?.at ?? '') || line.at === null,
  );
  return ordered || lines.some((line) => line.at === null)
    ? lines
    : lines.sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1));
}

/** Confirmations weigh as much as what they may break: ten instances or a whole job must be typed. */
function weigh(plan: PlanView): string | null {
  const touched = plan.remove.length + plan.change.length;
  const all =
    plan.remove.length > 1 &&
    plan.unchanged.length === 0 &&
    plan.add.length === 0 &&
    plan.change.length === 0;
  if (all || touched > 10) return plan.key.split('/').at(-1) ?? plan.key;
  return null;
}
