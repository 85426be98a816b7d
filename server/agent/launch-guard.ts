import type { TaskInfo } from '../../shared/mesos/v1.ts';
import { type AgentState, keyOf, taskKey } from './state.ts';

/** As many kills are remembered as may be on their way at once. */
const KILLS_MAX = 1_000;

/**
 * A launch may be told twice, and come later than the kill of the same task: neither may start what is over for its framework. Times are the master's, and tell a launch
 * from another one of the same id.
 */
export class LaunchGuard {
  private readonly state: AgentState;
  /** Kills of tasks that were not here: by `taskKey`, when the master asked; oldest first. */
  private readonly killedAtMs = new Map<string, number>();

  constructor(state: AgentState) {
    this.state = state;
  }

  killedUnknown(framework: string, task: string, atMs: number | undefined): void {
    if (atMs === undefined) return;
    const key = taskKey(framework, task);
    this.killedAtMs.delete(key);
    this.killedAtMs.set(key, atMs);
    const [oldest] = this.killedAtMs.keys();
    if (this.killedAtMs.size > KILLS_MAX && oldest !== undefined) this.killedAtMs.delete(oldest);
  }

  /** Whether nothing is to be done about a launch: the task is here, or this very launch of it is over already. */
  isStale(framework: string, task: TaskInfo, launchedAtMs: number | undefined): boolean {
    const key = taskKey(framework, task.task_id.value);
    const { tasks, ended } = this.state;
    if (tasks.has(key)) return true;
    if (launchedAtMs === undefined) return false;
    if ((this.killedAtMs.get(key) ?? -1) >= launchedAtMs) return true;
    return ended.some((held) => keyOf(held) === key && held.launchedAtMs === launchedAtMs);
  }
}
