import type { TaskInfo } from '../../../shared/mesos/v1.ts';
import type { Run } from '../containerizer.ts';

const SAFE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Outlives the agent and leaves the exit code behind. The command runs as a child with ordinary signal handling; the supervisor itself ignores what ends the group, so
 * that it can write down how that went. What the command left running in its group ends with it, as in a container. Its first argument is the file for the exit code;
 * the environment stays the task's own.
 */
export const SUPERVISOR = `exit_file=$1; shift
trap : TERM INT HUP
"$@" &
child=$!
while :; do
  wait "$child"; code=$?
  kill -0 "$child" 2>/dev/null || break
done
echo "$code" > "$exit_file.new" && mv "$exit_file.new" "$exit_file"
kill -KILL 0`;

/** What is asked of a container and a process cannot have, as a sentence; null: nothing. */
export function processProblem({ container, limits = {} }: TaskInfo): string | null {
  if (container?.docker) return `this agent runs processes, not images (${container.docker.image})`;
  if ((container?.volumes ?? []).length > 0)
    return 'a process sees the directories of this machine: leave volumes out, or run the task in Docker';
  // Nothing limits a process: it has no limit, whatever it requests.
  const limited = Object.keys(limits).find((name) => (limits[name]?.value ?? Infinity) !== Infinity);
  return limited === undefined
    ? null
    : `nothing limits the ${limited} of a process: leave limits out, or run the task in Docker`;
}

/** Nothing of the agent's own environment: a task sees a path, its sandbox, what Mesos tells it, and what its job says. */
export function environment({ task, env }: Run, sandbox: string): Record<string, string> {
  const own = Object.fromEntries(
    (task.command?.environment?.variables ?? []).map(({ name, value }) => [name, value ?? '']),
  );
  return { PATH: SAFE_PATH, HOME: sandbox, MESOS_SANDBOX: sandbox, ...env, ...own };
}
