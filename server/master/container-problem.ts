import type { ContainerInfo } from '../../shared/mesos/v1.ts';

/** What is wrong with a container, in Mesos's words; null: nothing. */
export function containerProblem(container: ContainerInfo | undefined): string | null {
  if (container?.type === 'DOCKER' && !container.docker)
    return "DockerInfo 'docker' is not set for DOCKER typed ContainerInfo";
  if (container?.docker?.parameters?.some(({ key }) => key === 'name') === true)
    return "Parameter in DockerInfo must not be 'name'";
  for (const { host_path, image, source } of container?.volumes ?? [])
    if ([host_path, image, source].filter((each) => each !== undefined).length !== 1)
      return "Invalid volume: Only one of them should be set: 'host_path', 'image' and 'source'";
  return null;
}

/** Tasks of a group share what limits them unless they say otherwise. */
export function sharesCgroups(container: ContainerInfo | undefined): boolean {
  return container?.linux_info?.share_cgroups !== false;
}
