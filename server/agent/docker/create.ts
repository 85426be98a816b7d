import { chmod } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { Run } from '../containerizer.ts';
import type { Engine } from './engine.ts';
import { statusOf } from './engine.ts';
import { pullImage } from './pull.ts';
import type { SpecOptions } from './spec.ts';
import { containerName, containerSpec, imageOf } from './spec.ts';

export interface DockerOptions extends SpecOptions {
  readonly engine: Engine;
  readonly workDir: string;
}

/** Makes a container, with its image if that is missing. Resolves to what is known of a container that existed already, else to undefined. */
export async function createOrFind(
  run: Run,
  options: DockerOptions,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<Docker.ContainerInspectInfo | undefined> {
  const { calls } = options.engine;
  // Whoever a container runs as may write to it; on this machine nobody comes there, for what is above it is the agent's alone.
  if (run.sandbox !== undefined) await chmod(run.sandbox, 0o777);
  const spec = containerSpec(run, options);
  const pull = (): Promise<void> => pullImage(options.engine, imageOf(run.task, options), signal, onProgress);
  if (run.task.container?.docker?.force_pull_image === true) await pull();
  for (let attempt = 0; ; attempt++) {
    try {
      await calls.createContainer(spec);
      return undefined;
    } catch (error) {
      if (statusOf(error) === 409) return calls.getContainer(containerName(run.id)).inspect();
      if (statusOf(error) !== 404 || attempt > 0) throw error;
      await pull();
    }
  }
}
