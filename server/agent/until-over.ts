import type { AgentState } from './state.ts';
import { isOver } from './statuses.ts';

const POLL_MS = 50;
const LIMIT_MS = 10_000;

/** Resolves when all of them have ended, or after ten seconds: whoever waits is being told to stop. */
export async function untilOver(state: AgentState, keys: readonly string[]): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  const left = (): boolean => keys.some((key) => state.tasks.has(key) && !isOver(state.tasks.get(key)!));
  while (left() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
