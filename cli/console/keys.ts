import type { Place } from './place.ts';

type Kind = Place['kind'] | 'plan';

/** Everything a key can do. reduce.ts has a handler for each; one that is missing does not compile. */
export type ActionId =
  | 'down'
  | 'up'
  | 'page-down'
  | 'page-up'
  | 'top'
  | 'bottom'
  | 'enter'
  | 'back'
  | 'quit'
  | 'prompt'
  | 'filter'
  | 'help'
  | 'messages'
  | 'mark'
  | 'clear-marks'
  | 'next-problem'
  | 'sort-name'
  | 'sort-state'
  | 'sort-cpu'
  | 'sort-age'
  | 'sort-restarts'
  | 'logs'
  | 'why'
  | 'updates'
  | 'task'
  | 'hosts'
  | 'jobs'
  | 'edit'
  | 'act'
  | 'copy'
  | 'redraw'
  | 'suspend'
  | 'follow'
  | 'wrap'
  | 'find'
  | 'confirm'
  | 'copy-command';

export interface Binding {
  readonly keys: readonly string[];
  readonly action: ActionId;
  readonly label: string;
  /** Where it works; everywhere when absent. */
  readonly on?: readonly Kind[];
  /** Worth a place in the footer of these screens. */
  readonly hint?: readonly Kind[];
}

const TABLES: readonly Kind[] = ['jobs', 'job', 'hosts'];

/** The key table: bindings, footer and help all come from it. k9s's letters where it has one. */
export const BINDINGS: readonly Binding[] = [
  { keys: ['j', 'down'], action: 'down', label: 'down' },
  { keys: ['k', 'up'], action: 'up', label: 'up' },
  { keys: ['ctrl-d', 'pagedown', 'ctrl-f'], action: 'page-down', label: 'page down' },
  { keys: ['ctrl-u', 'pageup', 'ctrl-b'], action: 'page-up', label: 'page up' },
  { keys: ['g', 'home'], action: 'top', label: 'first' },
  { keys: ['G', 'end'], action: 'bottom', label: 'last; follow, in logs' },
  { keys: ['enter', 'right'], action: 'enter', label: 'open', on: TABLES, hint: TABLES },
  {
    keys: ['esc', 'q', 'left', 'backspace'],
    action: 'back',
    label: 'back',
    hint: ['job', 'update', 'task', 'logs', 'why', 'help', 'messages', 'plan', 'hosts'],
  },
  { keys: [':'], action: 'prompt', label: 'command', hint: ['jobs', 'job'] },
  { keys: ['/'], action: 'filter', label: 'filter', on: TABLES, hint: TABLES },
  { keys: ['/', '&'], action: 'find', label: 'keep only', on: ['logs', 'help'], hint: ['logs', 'help'] },
  { keys: ['?', 'f1'], action: 'help', label: 'help', hint: ['jobs', 'job', 'update', 'hosts'] },
  { keys: ['!'], action: 'messages', label: 'messages' },
  { keys: ['space'], action: 'mark', label: 'mark', on: TABLES },
  { keys: ['ctrl-\\'], action: 'clear-marks', label: 'clear marks', on: TABLES },
  { keys: ['.'], action: 'next-problem', label: 'next problem', on: TABLES },
  { keys: ['N'], action: 'sort-name', label: 'sort by name', on: TABLES },
  { keys: ['S'], action: 'sort-state', label: 'sort by state', on: TABLES },
  { keys: ['C'], action: 'sort-cpu', label: 'sort by cpu', on: TABLES },
  { keys: ['A'], action: 'sort-age', label: 'sort by age', on: TABLES },
  { keys: ['R'], action: 'sort-restarts', label: 'sort by restarts', on: TABLES },
  {
    keys: ['l'],
    action: 'logs',
    label: 'logs',
    on: ['jobs', 'job', 'task', 'update', 'why'],
    hint: ['jobs', 'job', 'task', 'update'],
  },
  {
    keys: ['w'],
    action: 'why',
    label: 'why',
    on: ['jobs', 'job', 'task', 'update'],
    hint: ['jobs', 'job', 'task'],
  },
  { keys: ['u'], action: 'updates', label: 'update', on: ['jobs', 'job'], hint: ['jobs', 'job'] },
  { keys: ['t'], action: 'task', label: 'timeline', on: ['job'], hint: ['job'] },
  { keys: ['h'], action: 'hosts', label: 'hosts', on: ['jobs', 'job'], hint: ['jobs'] },
  { keys: ['h'], action: 'jobs', label: 'jobs', on: ['hosts'] },
  { keys: ['e'], action: 'edit', label: 'edit', on: ['jobs', 'job'], hint: ['jobs', 'job'] },
  {
    keys: ['x'],
    action: 'act',
    label: 'act',
    on: ['jobs', 'job', 'update'],
    hint: ['jobs', 'job', 'update'],
  },
  { keys: ['c'], action: 'copy', label: 'copy name', on: ['jobs', 'job', 'hosts', 'update', 'task'] },
  { keys: ['f'], action: 'follow', label: 'follow', on: ['logs'], hint: ['logs'] },
  { keys: ['w'], action: 'wrap', label: 'wrap', on: ['logs'], hint: ['logs'] },
  { keys: ['y', 'enter'], action: 'confirm', label: 'do it', on: ['plan'], hint: ['plan'] },
  { keys: ['C'], action: 'copy-command', label: 'copy command', on: ['plan'], hint: ['plan'] },
  { keys: ['ctrl-l', 'ctrl-r'], action: 'redraw', label: 'draw again' },
  { keys: ['ctrl-z'], action: 'suspend', label: 'to the shell; `fg` comes back' },
  { keys: ['ctrl-c'], action: 'quit', label: 'quit' },
];

/** What `x` offers: the letter that follows it. */
export const ACTS = [
  { key: 's', act: 'scale', label: 'scale' },
  { key: 'r', act: 'restart', label: 'restart, rolling' },
  { key: 'k', act: 'kill', label: 'kill' },
  { key: 'p', act: 'pause', label: 'pause update' },
  { key: 'u', act: 'resume', label: 'resume update' },
  { key: 'b', act: 'rollback', label: 'roll back update' },
  { key: 'a', act: 'abort', label: 'abort update' },
] as const;
export type ActName = (typeof ACTS)[number]['act'];

/** What a key does on a screen. */
export function actionFor(key: string, kind: Kind): ActionId | undefined {
  const bound = BINDINGS.filter((binding) => binding.keys.includes(key));
  return (
    bound.find((binding) => binding.on?.includes(kind)) ?? bound.find((binding) => binding.on === undefined)
  )?.action;
}

/** `⏎ open  l logs  …` for the footer. */
export function hintsFor(kind: Kind): readonly { readonly key: string; readonly label: string }[] {
  return BINDINGS.filter((binding) => binding.hint?.includes(kind)).map(({ keys, label }) => ({
    key: KEY_NAMES[keys[0] ?? ''] ?? keys[0] ?? '',
    label,
  }));
}

export const KEY_NAMES: Readonly<Record<string, string>> = {
  enter: 'Enter',
  esc: 'Esc',
  space: 'Space',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  backspace: 'Backspace',
  f1: 'F1',
};
