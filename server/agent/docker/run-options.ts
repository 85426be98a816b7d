/** What Mesos makes of a container's fields before it runs it (Docker::RunOptions::create), and what it says when it cannot. */
import type { ContainerInfo, TaskInfo, Volume } from '../../../shared/mesos/v1.ts';
import { fromMesos } from '../../../shared/resources.ts';

/** Where a container finds its sandbox. */
export const SANDBOX = '/mnt/mesos/sandbox';

/** Why there is no container for this task, in Mesos's words and order; null: there is. */
export function optionsProblem({ container, resources }: TaskInfo): string | null {
  if (!container?.docker) return null;
  const { network = 'HOST', port_mappings = [] } = container.docker;
  const volumes = volumesProblem(container.volumes ?? []);
  if (volumes !== null) return volumes;
  if (network === 'USER') {
    const infos = container.network_infos ?? [];
    if (infos.length === 0) return 'No network info found in container info';
    if (infos.length > 1) return 'Only a single network can be defined in Docker run';
    if (infos[0]?.name === undefined) return 'No network name found in network info';
  }
  if (container.hostname !== undefined && network === 'HOST')
    return 'Unable to set hostname with host network mode';
  if (port_mappings.length === 0) return null;
  if (network === 'HOST' || network === 'NONE')
    return 'Port mappings are only supported for bridge and user-defined networks';
  const { ports } = fromMesos(resources);
  if (ports.length === 0) return 'Port mappings require port resources';
  const other = port_mappings.find(
    ({ host_port: port }) => !ports.some(([begin, end]) => port >= begin && port <= end),
  );
  return other ? `Port [${other.host_port}] not included in resources` : null;
}

/** The engine's name of a container's network. A DockerInfo that says nothing means HOST, as in Mesos; what brings no image has a network of its own. */
export function networkOf({ docker, network_infos }: ContainerInfo): string {
  switch (docker ? (docker.network ?? 'HOST') : 'BRIDGE') {
    case 'HOST':
      return 'host';
    case 'NONE':
      return 'none';
    case 'USER':
      return network_infos?.[0]?.name ?? '';
    default:
      return 'bridge';
  }
}

/** What a container has mounted: a directory of the host, one of its sandbox, a volume of the engine. */
export type Mounted =
  | { readonly kind: 'host' | 'sandbox'; readonly path: string; readonly volume: Volume }
  | { readonly kind: 'docker'; readonly name: string; readonly driver?: string; readonly volume: Volume };

/** Null: nothing that this agent can mount. */
export function mountedBy(volume: Volume): Mounted | null {
  const { host_path, source } = volume;
  const path = host_path ?? source?.host_path?.path;
  if (path !== undefined) return { kind: path.startsWith('/') ? 'host' : 'sandbox', path, volume };
  if (source?.sandbox_path && source.sandbox_path.type !== 'PARENT')
    return { kind: 'sandbox', path: source.sandbox_path.path, volume };
  const named = source?.docker_volume;
  if (!named) return null;
  return { kind: 'docker', name: named.name, ...(named.driver ? { driver: named.driver } : {}), volume };
}

/** A relative path is below the sandbox. */
export function inContainer(path: string): string {
  return path.startsWith('/') ? path : `${SANDBOX}/${path}`;
}

function volumesProblem(volumes: readonly Volume[]): string | null {
  let driver: string | undefined;
  for (const volume of volumes) {
    const mounted = mountedBy(volume);
    if (mounted === null)
      return `Volumes of type ${volume.source?.type ?? 'image'} cannot be mounted by this agent`;
    if (
      mounted.kind === 'sandbox' &&
      volume.host_path !== undefined &&
      !volume.container_path.startsWith('/')
    )
      return 'Both host_path and container_path of a volume are relative';
    if (mounted.kind !== 'docker' || mounted.driver === undefined) continue;
    if (driver !== undefined && driver !== mounted.driver) return 'Only one volume driver is supported';
    driver = mounted.driver;
  }
  return null;
}
