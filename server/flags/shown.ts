import type { FlagTable } from './flag.ts';

/** Flags as `/flags` shows them: those that Mesos has under the same name, with the values in force, sorted. Unset ones are left out. */
export function shownFlags(
  table: FlagTable,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const shown: [string, string][] = [];
  for (const [name, flag] of Object.entries(table)) {
    const text = flag.mesos ? flag.print(values[name] as never) : undefined;
    if (text !== undefined) shown.push([name, text]);
  }
  return Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1)));
}
