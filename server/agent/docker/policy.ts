import type { TaskInfo } from '../../../shared/mesos/v1.ts';

/** What tasks may have of the host and of the engine beyond a container of their own: nothing that the operator did not name. */
export interface Policy {
  /** Directories of the host below which volumes may lie. */
  readonly volumeRoots: readonly string[];
  /** Volumes of the engine that may be mounted, by name; `*`: any. */
  readonly dockerVolumes: readonly string[];
  /** Keys of `DockerInfo.parameters` that are let through; `*`: any. */
  readonly parameters: readonly string[];
  readonly privileged: boolean;
}

/** What an operator who says nothing allows. */
export const NOTHING_MORE: Policy = { volumeRoots: [], dockerVolumes: [], parameters: [], privileged: false };

/** Names of the engine: neither a path nor another container's network. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Why a task may not have what it asks for, or null. Directories of the host are looked at when it starts. */
export function policyProblem({ container }: TaskInfo, policy: Policy): string | null {
  const { privileged, parameters = [] } = container?.docker ?? {};
  if (privileged === true && !policy.privileged)
    return "privileged containers are not allowed on this host; the agent's --allow-privileged allows them";
  for (const { key } of parameters) {
    if (!allows(policy.parameters, key))
      return `the parameter ${key} is not allowed on this host; the agent's --allow-parameters names those that are`;
    if (key === 'privileged' && !policy.privileged)
      return "privileged containers are not allowed on this host; the agent's --allow-privileged allows them";
  }
  for (const { source } of container?.volumes ?? []) {
    const name = source?.docker_volume?.name;
    if (name === undefined) continue;
    if (!NAME.test(name)) return `${name} is no name of a volume`;
    if (!allows(policy.dockerVolumes, name))
      return `the Docker volume ${name} is not allowed on this host; the agent's --allow-docker-volumes names those that are`;
  }
  const network = container?.docker?.network === 'USER' ? container.network_infos?.[0]?.name : undefined;
  return network === undefined || NAME.test(network) ? null : `${network} is no name of a network`;
}

function allows(names: readonly string[], name: string): boolean {
  return names.includes('*') || names.includes(name);
}
