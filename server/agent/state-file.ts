import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type AgentState, type Entry, makeState, replay } from './state.ts';

/** Entries after which the file is written anew. */
const ENTRIES_MAX = 20_000;

interface Options {
  readonly entriesMax?: number;
  /** Lines that cannot be read are an error, but for a torn last one. Else they and what is behind them are left out. */
  readonly strict?: boolean;
}

/**
 * State in an append-only file of JSON lines, synced at each entry. A torn last line is a write that never finished, and is dropped.
 * @throws Error when it is to be strict, and something cannot be read
 */
export function openState(
  workDir: string,
  { entriesMax = ENTRIES_MAX, strict = false }: Options = {},
): AgentState {
  mkdirSync(workDir, { recursive: true, mode: 0o700 });
  const file = join(workDir, 'agent.jsonl');
  const entries = readEntries(file, strict);
  const key = entries.find((entry) => entry.k === 'key')?.key ?? randomUUID();
  let fd = -1;
  let written = 0;
  /** Of those, what the state needs at least. */
  let needed = 0;
  const append = (entry: Entry): void => {
    writeSync(fd, `${JSON.stringify(entry)}\n`);
    fdatasyncSync(fd);
    written += 1;
  };
  // Only when an entry is in the state as well: what is written anew is the state.
  const applied = (): void => {
    if (written > entriesMax + needed) rewrite();
  };
  const state = makeState(key, append, applied, () => closeSync(fd));
  const rewrite = (): void => {
    if (fd >= 0) closeSync(fd);
    const fresh = snapshot(state);
    fd = writeAnew(file, fresh);
    written = needed = fresh.length;
  };
  for (const entry of entries) replay(state, entry);
  rewrite();
  return state;
}

function writeAnew(file: string, entries: readonly Entry[]): number {
  const fresh = `${file}.new`;
  const fd = openSync(fresh, 'w', 0o600);
  writeSync(fd, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  fdatasyncSync(fd);
  renameSync(fresh, file);
  return fd;
}

function readEntries(file: string, strict: boolean): Entry[] {
  if (!existsSync(file)) return [];
  const entries: Entry[] = [];
  const lines = readFileSync(file, 'utf8').split('\n');
  for (const [at, line] of lines.entries()) {
    if (line === '') continue;
    try {
      entries.push(JSON.parse(line) as Entry);
    } catch {
      // What was written whole ends with a line break.
      if (strict && at < lines.length - 1) throw new Error(`${file}: line ${at + 1} cannot be read`);
      break;
    }
  }
  return entries;
}

/** The state as the fewest entries that make it. Frameworks of which nothing is here any more are left out. */
function snapshot(state: AgentState): Entry[] {
  const used = new Set(
    [...state.tasks.values(), ...state.executors.values(), ...state.ended].map(({ framework }) => framework),
  );
  return [
    { k: 'key', key: state.key },
    ...(state.agentId === undefined ? [] : [{ k: 'id' as const, id: state.agentId }]),
    ...(state.port === undefined ? [] : [{ k: 'port' as const, port: state.port }]),
    ...[...state.frameworks]
      .filter(([id]) => used.has(id))
      .map(([, info]) => ({ k: 'framework' as const, info })),
    ...[...state.executors.values()].map((executor) => ({ k: 'executor' as const, executor })),
    ...[...state.tasks.values()].map((task) => ({ k: 'task' as const, task })),
    ...[...state.alone.values()].map((container) => ({ k: 'alone' as const, container })),
    ...state.ended.map((task) => ({ k: 'ended' as const, task })),
  ];
}
