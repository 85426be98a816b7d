import type Docker from 'dockerode';

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

/** What the engine says of a container as the end of its task; `killed`: we had asked for it. Null: it was never started, or runs. @param how in which words */
export function outcomeOf(state: State, killed: boolean, how: (exit: number) => string): Outcome | null {
  if (state.Running || !wasStarted(state)) return null;
  const exit = state.ExitCode;
  if (killed) return { state: 'TASK_KILLED', exit, message: how(exit) };
  if (state.OOMKilled && exit !== 0)
    return {
      state: 'TASK_FAILED',
      exit,
      message: 'out of memory',
      reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
    };
  if (exit === 0) return { state: 'TASK_FINISHED', exit, message: how(exit) };
  return {
    state: 'TASK_FAILED',
    exit,
    message: `${how(exit)}${state.Error ? `: ${state.Error}` : ''}`,
  };
}

/** The engine writes the year 1 for what has not happened. */
export function wasStarted({ StartedAt }: Pick<State, 'StartedAt'>): boolean {
  return !StartedAt.startsWith('0001-');
}
