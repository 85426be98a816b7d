import { DawnError } from '../../shared/errors.ts';
import { formatDuration, parseDuration } from '../../shared/mesos/durations.ts';

/** One flag: how it is written, read, printed and explained. The table of these is all there is to say about a program's flags. */
export interface Flag<Value = unknown> {
  /** What stands for its value in help; null for a switch. */
  readonly placeholder: string | null;
  readonly help: string;
  readonly initial: Value;
  /** Mesos has it under this very name: `MESOS_<NAME>` in the environment sets it too, and `/flags` shows it. */
  readonly mesos: boolean;
  /** Other names for it. */
  readonly aliases: readonly string[];
  /** May be given several times. */
  readonly repeatable: boolean;
  /** For programs that start us, not for people. */
  readonly hidden: boolean;
  /** @throws Error with what is wrong with it; the name is put in front. */
  read(text: string, before: Value): Value;
  /** As Mesos prints it in `/flags`; undefined: not set, not printed. */
  print(value: Value): string | undefined;
}

export type FlagTable = Readonly<Record<string, Flag>>;
export type Values<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer Value> ? Value : never;
};

interface About {
  readonly help: string;
  readonly placeholder?: string;
  readonly mesos?: boolean;
  readonly aliases?: readonly string[];
  readonly hidden?: boolean;
}

function flag<Value>(
  { help, placeholder = 'TEXT', mesos = false, aliases = [], hidden = false }: About,
  initial: Value,
  read: (text: string, before: Value) => Value,
  print: (value: Value) => string | undefined,
): Flag<Value> {
  return { help, placeholder, mesos, aliases, hidden, initial, repeatable: false, read, print };
}

export function text(about: About): Flag<string | undefined>;
export function text(about: About, initial: string): Flag<string>;
export function text(about: About, initial?: string): Flag<string> | Flag<string | undefined> {
  return flag<string | undefined>(
    about,
    initial,
    (value) => value,
    (value) => value,
  ) as Flag<string>;
}

/** A text that means something: `check` throws for one that does not, so that a mistake is told at the start. */
export function checked(about: About, initial: string, check: (value: string) => unknown): Flag<string> {
  const read = (value: string): string => {
    check(value);
    return value;
  };
  return flag(about, initial, read, (value) => (value === '' ? undefined : value));
}

export function whole(about: About, initial: number, min: number, max: number): Flag<number> {
  const read = (value: string): number => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isInteger(number) && number >= min && number <= max) return number;
    throw new Error(`a whole number from ${min} to ${max} is wanted`);
  };
  return flag({ placeholder: 'N', ...about }, initial, read, String);
}

/** Bytes; written as Mesos writes them: `2GB`, of 1024 each. */
export function bytes(about: About, initial: string): Flag<number> {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const print = (size: number): string => {
    const unit = units.findLastIndex((_unit, at) => Number.isInteger(size / 1024 ** at));
    return `${size / 1024 ** unit}${units[unit]}`;
  };
  const read = (value: string): number => {
    const [, count, unit = ''] = /^(\d+)([KMGT]?B)$/.exec(value) ?? [];
    if (count === undefined) throw new Error('a size is wanted, like 512MB or 2GB');
    return Number(count) * 1024 ** units.indexOf(unit);
  };
  return flag({ placeholder: 'SIZE', ...about }, read(initial), read, print);
}

/** Milliseconds; written as Mesos writes durations. A bare number is seconds. */
export function duration(about: About, initial: string, minMs: number, maxMs: number): Flag<number> {
  const read = (value: string): number => {
    const ms = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : parseDuration(value);
    if (ms === undefined) throw new Error('a duration is wanted, like 500ms, 15secs, 10mins, 1hrs, 3weeks');
    if (ms >= minMs && ms <= maxMs) return ms;
    throw new Error(`from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`);
  };
  return flag({ placeholder: 'TIME', ...about }, read(initial), read, formatDuration);
}

/** The same, with no initial value. */
export function optionalDuration(about: About, minMs: number, maxMs: number): Flag<number | undefined> {
  const { read } = duration(about, formatDuration(minMs), minMs, maxMs);
  return flag<number | undefined>(
    { placeholder: 'TIME', ...about },
    undefined,
    (value) => read(value, minMs),
    (ms) => (ms === undefined ? undefined : formatDuration(ms)),
  );
}

/** `--flag`, `--no-flag`, `--flag=false`. */
export function onOff(about: About, initial: boolean): Flag<boolean> {
  const read = (value: string): boolean => {
    if (value === 'true' || value === '1' || value === '') return true;
    if (value === 'false' || value === '0') return false;
    throw new Error('true or false is wanted');
  };
  return { ...flag(about, initial, read, String), placeholder: null };
}

export function oneOf<const Choice extends string>(
  about: About,
  initial: Choice,
  choices: readonly Choice[],
): Flag<Choice> {
  const read = (value: string): Choice => {
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    throw new Error(`take one of ${choices.join(', ')}`);
  };
  return flag({ placeholder: choices.join('|'), ...about }, initial, read, (value) => value);
}

/** May be given several times. */
export function repeated(about: About): Flag<readonly string[]> {
  const read = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  const print = (values: readonly string[]): string | undefined =>
    values.length > 0 ? values.join(',') : undefined;
  return { ...flag<readonly string[]>(about, [], read, print), repeatable: true };
}

export function wrongFlag(name: string, message: string, hint?: string): DawnError {
  return new DawnError({
    code: 'invalid_parameter',
    message: `--${name}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
  });
}
