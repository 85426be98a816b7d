import { ACTS, BINDINGS, KEY_NAMES } from '../keys.ts';
import { matcher } from '../table.ts';
import { fit } from '../text.ts';
import type { Theme } from '../theme.ts';

const COMMANDS: readonly (readonly [string, string])[] = [
  [':jobs  :hosts  :messages', 'screens'],
  [':job KEY  :update ID  :logs KEY[/0-2]  :why KEY', 'a job, an update, logs, why it waits'],
  [':submit FILE', 'create or update the jobs of a file, after a plan'],
  [':scale KEY N', 'set the number of instances, after a plan'],
  [':q', 'quit'],
];

/** Every key, from the key table. */
export function helpBody(filter: string, theme: Theme, width: number, height: number): string[] {
  const keys = BINDINGS.map(({ keys: names, label, on }) => ({
    left: names.map((name) => KEY_NAMES[name] ?? name).join(' '),
    right: `${label}${on ? `  (${on.join(', ')})` : ''}`,
  }));
  const acts = ACTS.map(({ key, label }) => ({ left: `x ${key}`, right: `${label}; shows a plan first` }));
  const commands = COMMANDS.map(([left, right]) => ({ left, right }));
  const wanted = matcher(filter);
  const rows = [...keys, ...acts, ...commands].filter(({ left, right }) => wanted(`${left} ${right}`));
  const columns = width >= 140 ? 2 : 1;
  const cell = Math.floor(width / columns);
  const perColumn = Math.ceil(rows.length / columns);
  const lines: string[] = [];
  for (let at = 0; at < Math.min(perColumn, height); at++) {
    const parts = Array.from({ length: columns }, (_, column) => rows[at + column * perColumn]);
    lines.push(
      parts
        .map((row) =>
          row
            ? `${theme.paint('accent', fit(` ${row.left}`, 24))} ${fit(row.right, cell - 26, 'left', theme.ellipsis)}`
            : '',
        )
        .join(' '),
    );
  }
  return lines;
}
