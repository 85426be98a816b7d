import type { FlagTable } from './flag.ts';

const COLUMN = 34;
const WIDTH = 110;

/** The help of a program, from its table of flags. */
export function helpText(usage: string, table: FlagTable): string {
  const lines = [`Usage: ${usage}`, ''];
  for (const [name, flag] of Object.entries(table)) {
    if (flag.hidden) continue;
    const left = `  --${name}${flag.placeholder === null ? '' : ` ${flag.placeholder}`}`;
    const initial = flag.print(flag.initial as never);
    const more = [
      ...(flag.aliases.length > 0 ? [`also --${flag.aliases.join(', --')}`] : []),
      ...(initial === undefined || initial === 'false' || initial === '' ? [] : [`default ${initial}`]),
      ...(flag.mesos ? [`MESOS_${name.toUpperCase()}`] : []),
    ];
    const words = `${flag.help}${more.length > 0 ? ` (${more.join('; ')})` : ''}`;
    const [first = '', ...rest] = wrapped(words);
    if (left.length < COLUMN - 1) lines.push(left.padEnd(COLUMN) + first);
    else lines.push(left, ' '.repeat(COLUMN) + first);
    for (const line of rest) lines.push(' '.repeat(COLUMN) + line);
  }
  lines.push('', '--name=value and --name value, dashes and underscores are alike.', '');
  return lines.join('\n');
}

function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length > WIDTH - COLUMN) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
