import { selectedJob, selectedTask, rowsOf, markedInstances } from './selection.ts';
import { formatRanges, toRanges } from '../../shared/ids.ts';
import type { Key } from './key-reader.ts';
import type { ActionId } from './keys.ts';
import { actionFor } from './keys.ts';
import type { Step } from './messages.ts';
import { goBack, goTo } from './navigate.ts';
import { openPrompt } from './open-prompt.ts';
import { say } from './say.ts';
import { bodyRows } from './screens/frame.ts';
import { keptLines } from './screens/logs.ts';
import type { State } from './state.ts';
import { currentView, withView } from './state.ts';
import { scrollFor } from './table.ts';

type Handler = (state: State) => Step<State>;

const still = (state: State): Step<State> => ({ state, effects: [] });

/** A key where nothing else has the keyboard. */
export function handleKey(state: State, key: Key): Step<State> {
  const action = actionFor(key.name, currentView(state).place.kind);
  return action === undefined ? still(state) : HANDLERS[action](state);
}

const HANDLERS: Readonly<Record<ActionId, Handler>> = {
  down: (state) => move(state, 1),
  up: (state) => move(state, -1),
  'page-down': (state) => move(state, Math.max(1, Math.floor(bodyRows(state) / 2))),
  'page-up': (state) => move(state, -Math.max(1, Math.floor(bodyRows(state) / 2))),
  top: (state) => move(state, -Infinity),
  bottom: (state) => move(state, Infinity),
  enter,
  back,
  quit: (state) => ({ state, effects: [{ kind: 'quit' }] }),
  prompt: (state) => still(openPrompt(state, 'command')),
  filter: (state) => still(openPrompt(state, 'filter', currentView(state).filter)),
  find: (state) => still(openPrompt(state, 'find', currentView(state).filter)),
  help: (state) => goTo(state, { kind: 'help' }),
  messages: (state) => goTo(state, { kind: 'messages' }),
  mark,
  'clear-marks': (state) => still(withView(state, { marks: new Set() })),
  'next-problem': nextProblem,
  'sort-name': (state) => sortBy(state, 'name'),
  'sort-state': (state) => sortBy(state, 'state'),
  'sort-cpu': (state) => sortBy(state, 'cpu'),
  'sort-age': (state) => sortBy(state, 'age'),
  'sort-restarts': (state) => sortBy(state, 'restarts'),
  logs: openLogs,
  why: (state) => withJob(state, (key) => goTo(state, { kind: 'why', key })),
  updates: openUpdate,
  task: (state) => {
    const task = selectedTask(state);
    return task ? goTo(state, { kind: 'task', id: task.id }) : still(state);
  },
  hosts: (state) => goTo(state, { kind: 'hosts' }),
  jobs: (state) => goTo(state, { kind: 'jobs' }),
  edit: (state) =>
    withJob(state, (key) =>
      state.readOnly
        ? still(say(state, 'this console is read-only', true))
        : { state, effects: [{ kind: 'edit', key }] },
    ),
  act: (state) =>
    state.readOnly
      ? still(say(state, 'this console is read-only', true))
      : withJob(state, () => still({ ...state, menu: true })),
  copy: copyName,
  redraw: (state) => ({ state, effects: [{ kind: 'redraw' }] }),
  suspend: (state) => ({ state, effects: [{ kind: 'suspend' }] }),
  follow: (state) =>
    still({
      ...state,
      data: { ...state.data, logs: { ...state.data.logs, follow: !state.data.logs.follow, back: 0 } },
    }),
  wrap: (state) =>
    still({ ...state, data: { ...state.data, logs: { ...state.data.logs, wrap: !state.data.logs.wrap } } }),
  // These belong to the plan, which has the keyboard while it is open.
  confirm: still,
  'copy-command': still,
};

/** Moves the cursor of a table, or scrolls. */
function move(state: State, by: number): Step<State> {
  const rows = rowsOf(state);
  if (rows)
    return still(moveTo(state, rows.ids, Math.min(Math.max(rows.cursor + by, 0), rows.ids.length - 1)));
  const { logs } = state.data;
  if (currentView(state).place.kind !== 'logs') return still(state);
  const most = Math.max(0, keptLines(state).length - bodyRows(state));
  const back = Math.min(Math.max(logs.back - by, 0), most);
  return still({ ...state, data: { ...state.data, logs: { ...logs, back, follow: back === 0 } } });
}

function moveTo(state: State, ids: readonly string[], index: number): State {
  const id = ids[index];
  if (id === undefined) return state;
  const view = currentView(state);
  return withView(state, {
    cursor: id,
    scroll: scrollFor(index, view.scroll, bodyRows(state) - 1, ids.length),
  });
}

function enter(state: State): Step<State> {
  const { place } = currentView(state);
  const rows = rowsOf(state);
  const id = rows?.ids[rows.cursor];
  if (id === undefined) return still(state);
  if (place.kind === 'jobs') return goTo(state, { kind: 'job', key: id });
  const task = selectedTask(state);
  return task ? goTo(state, { kind: 'task', id: task.id }) : still(state);
}

/** First what is in the way (a filter, marks), then the screen itself. */
function back(state: State): Step<State> {
  const view = currentView(state);
  if (view.filter !== '') return still(withView(state, { filter: '' }));
  if (view.marks.size > 0) return still(withView(state, { marks: new Set() }));
  return state.stack.length > 1
    ? goBack(state)
    : still(say(state, 'this is the first screen; :q or Ctrl-C quits', false));
}

function mark(state: State): Step<State> {
  const rows = rowsOf(state);
  const id = rows?.ids[rows.cursor];
  if (!rows || id === undefined) return still(state);
  const marks = new Set(currentView(state).marks);
  if (!marks.delete(id)) marks.add(id);
  return still(moveTo(withView(state, { marks }), rows.ids, Math.min(rows.cursor + 1, rows.ids.length - 1)));
}

function nextProblem(state: State): Step<State> {
  const rows = rowsOf(state);
  if (!rows) return still(state);
  const after = rows.problems.findIndex((bad, at) => bad && at > rows.cursor);
  const first = after >= 0 ? after : rows.problems.indexOf(true);
  return still(first < 0 ? say(state, 'no problems here', false) : moveTo(state, rows.ids, first));
}

/** The same letter again turns the order round. */
function sortBy(state: State, column: string): Step<State> {
  const { sort } = currentView(state);
  return still(withView(state, { sort: { column, down: sort?.column === column ? !sort.down : false } }));
}

function openLogs(state: State): Step<State> {
  return withJob(state, (key) => {
    const marked = markedInstances(state);
    const task = selectedTask(state);
    const shown = state.data.task && currentView(state).place.kind === 'task' ? state.data.task : null;
    const instances =
      marked.length > 0
        ? formatRanges(toRanges(marked))
        : task
          ? String(task.instance)
          : shown
            ? String(shown.instance)
            : null;
    return goTo(state, { kind: 'logs', key, instances });
  });
}

function openUpdate(state: State): Step<State> {
  const key = selectedJob(state);
  const id =
    (key === null ? undefined : state.data.jobs.get(key)?.update?.id) ??
    (state.data.job?.row.key === key ? state.data.job?.update?.id : undefined);
  return id === undefined
    ? still(say(state, "no update is running; the last one is on the job's screen", false))
    : goTo(state, { kind: 'update', id });
}

function copyName(state: State): Step<State> {
  const { place } = currentView(state);
  const text =
    place.kind === 'update' || place.kind === 'task'
      ? place.id
      : (selectedTask(state)?.id ?? selectedJob(state) ?? rowsOf(state)?.ids[rowsOf(state)?.cursor ?? 0]);
  if (text == null) return still(state);
  return { state: say(state, `copied ${text}`, false), effects: [{ kind: 'copy', text }] };
}

function withJob(state: State, run: (key: string) => Step<State>): Step<State> {
  const key = selectedJob(state);
  return key === null ? still(say(state, 'no job is chosen', false)) : run(key);
}
