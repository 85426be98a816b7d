import { TERMINAL_TASK_STATES } from '../../shared/mesos/v1.ts';
import type { AgentState, HeldTask } from './state.ts';

const POLL_MS = 50;
const LIMIT_MS = 10_000;

export function isOver(held: HeldTask): boolean {
  return TERMINAL_TASK_STATES.has(held.status.state);
}

/** Resolves when all of them have ended, or after ten seconds: whoever waits is being told to stop. */
export async function untilOver(state: AgentState, ids: readonly string[]): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  const left = (): boolean => ids.some((id) => state.tasks.has(id) && !isOver(state.tasks.get(id)!));
  while (left() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
