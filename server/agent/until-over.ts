import type { AgentState } from './state.ts';
import { isOver } from './statuses.ts';

const POLL_MS = 50;
const LIMIT_MS = 10_000;

/** Resolves when all of them have ended, or after ten seconds: whoever waits is being told to stop. */
export function untilOver(state: AgentState, keys: readonly string[]): Promise<void> {
  return until(() => keys.every((key) => !state.tasks.has(key) || isOver(state.tasks.get(key)!)));
}

/** The same of executors, and of what stands alone. */
export function untilExited(state: AgentState): Promise<void> {
  return until(() => state.executors.size === 0 && [...state.alone.values()].every(({ end }) => end));
}

async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  while (!isSo() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
