import { join } from 'node:path';
import type { TaskInfo } from '../../../shared/mesos/v1.ts';

const SAFE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Outlives the agent and leaves the exit code behind. The command runs as a child with ordinary signal handling; the supervisor itself ignores what ends the group, so
 * that it can write down how that went.
 */
export const SUPERVISOR = `trap : TERM INT HUP
"$@" &
child=$!
while :; do
  wait "$child"; code=$?
  kill -0 "$child" 2>/dev/null || break
done
echo "$code" > "$DAWN_EXIT_FILE.new" && mv "$DAWN_EXIT_FILE.new" "$DAWN_EXIT_FILE"`;

export function argvOf(task: TaskInfo): string[] {
  const { command } = task;
  if (command?.shell === false) return [command.value ?? '', ...(command.arguments ?? []).slice(1)];
  return ['/bin/sh', '-c', command?.value ?? ''];
}

/** Nothing of the agent's own environment: a task sees a path, its sandbox, and what its job says. */
export function environment(task: TaskInfo, root: string): Record<string, string> {
  const sandbox = join(root, task.task_id.value, 'sandbox');
  const own = Object.fromEntries(
    (task.command?.environment?.variables ?? []).map(({ name, value }) => [name, value]),
  );
  return {
    PATH: SAFE_PATH,
    HOME: sandbox,
    MESOS_SANDBOX: sandbox,
    MESOS_TASK_ID: task.task_id.value,
    ...own,
  };
}

/** Task ids become directory names; what could lead elsewhere is none of ours. */
export function isPlainName(id: string): boolean {
  return /^[\w.-]+$/.test(id) && id !== '.' && id !== '..';
}
