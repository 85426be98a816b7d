import { nearest } from '../../shared/suggest.ts';
import type { Flag, FlagTable, Values } from './flag.ts';
import { wrongFlag } from './flag.ts';

export interface Parsed<Table extends FlagTable> {
  readonly values: Values<Table>;
  /** Names of those that were given, by flag or environment. */
  readonly given: ReadonlySet<keyof Table>;
}

/** Name → what to use instead, for flags of real Mesos that Dawn does not have. */
export type Replaced = ReadonlyMap<string, string>;

/**
 * Flags as Mesos takes them: `--name=value` and `--name value`, `--switch` and `--no-switch`, dashes and underscores alike; what Mesos has may also stand in
 * the environment as `MESOS_NAME`, and the command line beats it. @throws DawnError naming the flag
 */
export function parseFlags<Table extends FlagTable>(
  table: Table,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  replaced: Replaced,
): Parsed<Table> {
  const values: Record<string, unknown> = {};
  const given = new Set<string>();
  for (const [name, { initial }] of Object.entries(table)) values[name] = initial;
  const set = (name: string, flag: Flag, written: string, text: string): void => {
    try {
      values[name] = flag.read(text, given.has(name) ? values[name] : flag.initial);
    } catch (error) {
      const { message, hint } = error as Error & { hint?: string };
      throw wrongFlag(written, text === '' ? message : `${text}: ${message}`, hint);
    }
    given.add(name);
  };

  for (const [name, flag] of Object.entries(table)) {
    const text = flag.mesos ? env[`MESOS_${name.toUpperCase()}`] : undefined;
    if (text !== undefined) set(name, flag, `MESOS_${name.toUpperCase()}`, text);
  }
  const fromEnvironment = new Set(given);

  const names = namesOf(table);
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const { written, text } = split(word);
    const found = find(table, names, written) ?? noSuch(names, written, replaced);
    if (given.has(found.name) && fromEnvironment.delete(found.name)) given.delete(found.name);
    if (given.has(found.name) && !found.flag.repeatable)
      throw wrongFlag(written, 'it is given more than once');
    if (found.flag.placeholder === null)
      set(found.name, found.flag, written, found.off ? off(written, text) : (text ?? ''));
    else {
      const value = text ?? rest.shift();
      if (value === undefined)
        throw wrongFlag(written, `it needs a value: --${written}=${found.flag.placeholder}`);
      set(found.name, found.flag, written, value);
    }
  }
  return { values: values as Values<Table>, given };
}

/** Dashes and underscores are alike. */
function plain(name: string): string {
  return name.replaceAll('-', '_');
}

function split(word: string): { readonly written: string; readonly text: string | undefined } {
  if (word === '-h') return { written: 'help', text: undefined };
  const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word);
  if (!match) throw wrongFlag(word.replace(/^-+/, ''), 'flags are written as --name=value');
  return { written: match[1] ?? '', text: match[2] };
}

/** Every way to write a flag → its name in the table. */
function namesOf(table: FlagTable): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, { aliases }] of Object.entries(table))
    for (const each of [name, ...aliases]) names.set(plain(each), name);
  return names;
}

interface Found {
  readonly name: string;
  readonly flag: Flag;
  readonly off: boolean;
}

function find(table: FlagTable, names: ReadonlyMap<string, string>, written: string): Found | undefined {
  const name = names.get(plain(written));
  if (name !== undefined) return { name, flag: table[name]!, off: false };
  const positive = names.get(plain(written).replace(/^no_/, ''));
  const flag = positive === undefined ? undefined : table[positive];
  return flag?.placeholder === null ? { name: positive!, flag, off: true } : undefined;
}

function off(written: string, text: string | undefined): string {
  if (text === undefined) return 'false';
  throw wrongFlag(written, 'it takes no value');
}

function noSuch(names: ReadonlyMap<string, string>, written: string, replaced: Replaced): never {
  const instead = replaced.get(plain(written)) ?? replaced.get(plain(written).replace(/^no_/, ''));
  if (instead !== undefined) throw wrongFlag(written, 'Mesos has this flag, Dawn does not', instead);
  const meant = nearest(plain(written), names.keys());
  throw wrongFlag(
    written,
    'there is no such flag',
    meant === undefined ? 'see --help' : `did you mean --${meant}?`,
  );
}
