import type { ContainerReport, Run } from '../containerizer.ts';
import type { DockerOptions } from './create.ts';
import { optionsProblem } from './run-options.ts';
import { containerSpec } from './spec.ts';
import { volumeProblem } from './volumes.ts';

/** How a task ends for which there is no container. */
export type Refusal = Omit<ContainerReport, 'id'>;

/** Mesos's executor says it of what makes no sense, the agent of what is not allowed here; null: a container can be made. */
export async function whyRefused(run: Run, options: DockerOptions): Promise<Refusal | null> {
  const wrong = optionsProblem(run.task);
  if (wrong !== null)
    return { state: 'TASK_FAILED', message: `Failed to create docker run options: ${wrong}` };
  const forbidden = specProblem(run, options) ?? (await volumeProblem(run, options.policy.volumeRoots));
  return forbidden === null ? null : launchFailure(forbidden);
}

/** No container came of it. */
export function launchFailure(why: string): Refusal {
  return {
    state: 'TASK_FAILED',
    source: 'SOURCE_AGENT',
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: `Failed to launch container: ${why}`,
  };
}

function specProblem(run: Run, options: DockerOptions): string | null {
  try {
    containerSpec(run, options);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
