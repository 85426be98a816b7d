import { chmod } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { Run } from '../containerizer.ts';
import type { Engine } from './engine.ts';
import { statusOf } from './engine.ts';
import { pullImage } from './pull.ts';
import { type SpecOptions, containerSpec } from './spec.ts';

export interface DockerOptions extends SpecOptions {
  readonly engine: Engine;
  readonly workDir: string;
}

interface Pulling {
  readonly signal: AbortSignal;
  onProgress(text: string): void;
}

type Found = Docker.ContainerInspectInfo | undefined;

/** Makes a container, with its image if that is missing. Resolves to what is known of a container that existed already, else to undefined. */
export async function createOrFind(run: Run, options: DockerOptions, pulling: Pulling): Promise<Found> {
  // Whoever a container runs as may write to it; on this machine nobody comes there, for what is above it is the agent's alone.
  if (run.sandbox !== undefined) await chmod(run.sandbox, 0o777);
  const spec = containerSpec(run, options);
  if (run.task.container?.docker?.force_pull_image === true) await pull(spec, options, pulling);
  return createFrom(spec, options, pulling);
}

/** The same of what the engine is told. */
export async function createFrom(
  spec: Docker.ContainerCreateOptions,
  options: DockerOptions,
  pulling: Pulling,
): Promise<Found> {
  const { calls } = options.engine;
  for (let attempt = 0; ; attempt++) {
    try {
      await calls.createContainer(spec);
      return undefined;
    } catch (error) {
      if (statusOf(error) === 409) return calls.getContainer(spec.name ?? '').inspect();
      if (statusOf(error) !== 404 || attempt > 0) throw error;
      await pull(spec, options, pulling);
    }
  }
}

function pull(
  { Image }: Docker.ContainerCreateOptions,
  { engine }: DockerOptions,
  { signal, onProgress }: Pulling,
): Promise<void> {
  return pullImage(engine, Image ?? '', signal, onProgress);
}
