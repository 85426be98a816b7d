import type Docker from 'dockerode';
import { howContainerEnded } from '../how-it-ended.ts';

type State = Pick<
  Docker.ContainerInspectInfo['State'],
  'Running' | 'StartedAt' | 'ExitCode' | 'OOMKilled' | 'Error'
>;

export interface Outcome {
  readonly state: 'TASK_FINISHED' | 'TASK_FAILED' | 'TASK_KILLED';
  readonly exit: number;
  readonly message?: string;
  readonly reason?: string;
}

/** What the engine says of a container as the end of its task; `killed`: we had asked for it. Null: it was never started, or runs. */
export function outcomeOf(state: State, killed: boolean): Outcome | null {
  if (state.Running || !wasStarted(state)) return null;
  const exit = state.ExitCode;
  if (killed) return { state: 'TASK_KILLED', exit, message: howContainerEnded(exit) };
  if (state.OOMKilled && exit !== 0)
    return {
      state: 'TASK_FAILED',
      exit,
      message: 'out of memory',
      reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
    };
  if (exit === 0) return { state: 'TASK_FINISHED', exit, message: howContainerEnded(exit) };
  return {
    state: 'TASK_FAILED',
    exit,
    message: `${howContainerEnded(exit)}${state.Error ? `: ${state.Error}` : ''}`,
  };
}

/** The engine writes the year 1 for what has not happened. */
export function wasStarted({ StartedAt }: Pick<State, 'StartedAt'>): boolean {
  return !StartedAt.startsWith('0001-');
}
