import type { Command } from '../shared/command.ts';
import { formatRanges } from '../shared/ids.ts';

/**
 * The command line that does what an action of the console does. Shown before every act, so that people learn the one from the other. `file` is what a submit
 * reads; without it the place is left open.
 */
export function commandLine(command: Command, file = 'FILE'): string {
  const why = command.message === undefined ? '' : ` -m ${quote(command.message)}`;
  switch (command.kind) {
    case 'job.submit':
      return `dawn job submit ${quote(file)}${command.only ? ` --only ${formatRanges(command.only)}` : ''}${why}`;
    case 'job.scale':
      return `dawn job scale ${command.key} ${command.instances}${why}`;
    case 'job.kill':
      return `dawn job kill ${command.key}${command.only ? `/${formatRanges(command.only)}` : ''}${why}`;
    case 'job.restart':
      return `dawn job restart ${command.key}${command.only ? `/${formatRanges(command.only)}` : ''}${command.now === true ? ' --now' : ''}${why}`;
    case 'update.command':
      return `dawn update ${command.command} ${command.key}${command.update === undefined ? '' : ` --id ${command.update}`}${why}`;
  }
}

/** Plain words stay plain; anything else goes into single quotes as a shell wants it. */
function quote(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
