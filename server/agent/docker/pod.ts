import type Docker from 'dockerode';
import type { Pod } from '../containerizer.ts';
import { type DockerOptions, createFrom } from './create.ts';
import { statusOf } from './engine.ts';
import { LABEL_AGENT, LABEL_CONTAINER } from './labels.ts';
import { containerName } from './spec.ts';

const MEMORY_BYTES = 16 * 1024 * 1024;
const PIDS_MAX = 8;

/** Containers whose networks those of a pod share: they do nothing, and outlive each of them. */
export class Pods {
  private readonly options: DockerOptions;
  private readonly closing: AbortSignal;
  /** By pod. While one task of it makes the container, an engine tells the next one that its name is taken, and that it is not there. */
  private readonly last = new Map<string, Promise<void>>();

  constructor(options: DockerOptions, closing: AbortSignal) {
    this.options = options;
    this.closing = closing;
  }

  /** Sees to it that a pod's container runs. @throws Error (rejects) */
  async bringUp(pod: Pod, onProgress: (text: string) => void): Promise<void> {
    const before = this.last.get(pod.id) ?? Promise.resolve();
    const own = before
      .catch(() => undefined)
      .then(() => bringUp(pod, this.options, this.closing, onProgress));
    this.last.set(pod.id, own);
    try {
      await own;
    } finally {
      if (this.last.get(pod.id) === own) this.last.delete(pod.id);
    }
  }
}

async function bringUp(
  pod: Pod,
  options: DockerOptions,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<void> {
  await createFrom(podSpec(pod, options), options, { signal, onProgress });
  const container = options.engine.calls.getContainer(containerName(pod.id));
  const { State, HostConfig } = await container.inspect();
  const open = (HostConfig.PortBindings ?? {}) as Record<string, unknown>;
  const closed = portsOf(pod).find((port) => !(port in open));
  if (closed !== undefined)
    throw new PodError(
      `port ${closed} cannot be opened in a group's network that is there already: launch the group with an executor of its own`,
    );
  if (!State.Running) await container.start();
}

/** A pod that cannot be what it is asked to be; trying again would not help. */
export class PodError extends Error {
  override readonly name = 'PodError';
}

/** Whether trying again is of no use: the engine, a registry or a pod said no. */
export function isRefusal(error: unknown): boolean {
  const name = error instanceof Error ? error.name : '';
  return statusOf(error) !== undefined || name === 'PullError' || name === 'PodError';
}

function podSpec(pod: Pod, { agentKey, defaultImage }: DockerOptions): Docker.ContainerCreateOptions {
  const ports = portsOf(pod);
  return {
    name: containerName(pod.id),
    Image: defaultImage,
    Entrypoint: ['/bin/sh'],
    Cmd: ['-c', 'while :; do sleep 86400; done'],
    Labels: { [LABEL_CONTAINER]: pod.id, [LABEL_AGENT]: agentKey },
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    HostConfig: {
      Init: true,
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      Memory: MEMORY_BYTES,
      MemorySwap: MEMORY_BYTES,
      PidsLimit: PIDS_MAX,
      NetworkMode: 'bridge',
      PortBindings: Object.fromEntries(ports.map((port) => [port, [{ HostPort: port.split('/')[0] }]])),
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      LogConfig: { Type: 'none', Config: {} },
    },
  };
}

function portsOf({ ports }: Pod): string[] {
  return ports.flatMap(([begin, end]) =>
    Array.from({ length: end - begin + 1 }, (_, at) => `${begin + at}/tcp`),
  );
}
