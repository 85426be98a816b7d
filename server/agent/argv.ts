import type { CommandInfo } from '../../shared/mesos/v1.ts';

/** A shell line, or a program with its arguments; the first of these is its name and is not passed on. */
export function argvOf(command: CommandInfo | undefined): string[] {
  if (command?.shell === false) return [command.value ?? '', ...(command.arguments ?? []).slice(1)];
  return ['/bin/sh', '-c', command?.value ?? ''];
}
