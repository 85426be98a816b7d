/** What the flags of `dawn agent` mean. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { DawnError } from '../shared/errors.ts';
import { parseMasters } from '../shared/masters.ts';
import { type Acls, parseAcls } from '../shared/mesos/acls.ts';
import { parseMesosAttributes, parseMesosResources } from '../shared/mesos/flags.ts';
import type { Attribute, MesosResource } from '../shared/mesos/v1.ts';
import type { Policy } from './agent/docker/policy.ts';
import type { ExecutorLimits } from './agent/executors/parts.ts';
import type { FetcherOptions } from './agent/fetcher/fetcher.ts';
import type { Authentication } from './http/auth/authenticate.ts';
import { authorizationOf, jsonOrFile } from './http/auth/credentials.ts';
import { agentAuthenticationOf, readTokenKey } from './http/auth/options.ts';
import { AGENT_FLAGS, containerizerOf } from './flags/agent-flags.ts';
import type { Values } from './flags/flag.ts';
import { shownFlags } from './flags/shown.ts';

export interface AgentOptions {
  /** Of one cluster; one of them leads. */
  readonly masters: readonly URL[];
  /** What the master is told of who this is, as an `Authorization` header. */
  readonly authorization: string | undefined;
  /** Of those who call its API; undefined: nobody is asked. */
  readonly authentication: Authentication | undefined;
  /** What they may do; undefined: everything. */
  readonly acls: Acls | undefined;
  /** What tokens of executors are signed with; undefined: they get none. */
  readonly tokenKey: Buffer | undefined;
  readonly workDir: string;
  readonly hostname: string;
  /** As given; what was not named is the machine's. */
  readonly resources: readonly MesosResource[];
  readonly attributes: readonly Attribute[];
  readonly containerizer: 'auto' | 'docker' | 'process';
  readonly dockerHost: string | undefined;
  readonly defaultImage: string;
  readonly ip: string;
  readonly port: number;
  /** What tasks in Docker may have beyond a container of their own. */
  readonly policy: Policy;
  readonly switchUser: boolean;
  /** What an earlier life left running is ended, and nothing else is done. */
  readonly cleanup: boolean;
  readonly strict: boolean;
  readonly executorLimits: ExecutorLimits;
  readonly fetcher: Omit<FetcherOptions, 'workDir'>;
  /** As Mesos's `/flags` shows them. */
  readonly shown: Readonly<Record<string, string>>;
}

export type AgentValues = Values<typeof AGENT_FLAGS>;

/** @throws DawnError */
export function agentOptions(values: AgentValues): AgentOptions {
  const tokenKey = readTokenKey(values.jwt_secret_key);
  return {
    masters: mastersOf(values.master),
    authorization: authorizationOf('credential', values.credential),
    authentication: agentAuthenticationOf(values, tokenKey),
    acls: values.acls === undefined ? undefined : parseAcls(jsonOrFile('acls', values.acls)),
    tokenKey,
    workDir: resolve(values.work_dir),
    hostname: values.hostname ?? hostname(),
    resources: parseMesosResources(values.resources, values.default_role),
    attributes: parseMesosAttributes(values.attributes),
    containerizer: containerizerOf(values.containerizers),
    dockerHost: values.docker_host,
    defaultImage: values.default_image,
    ip: values.ip,
    port: values.port,
    policy: {
      volumeRoots: values.allow_volumes,
      dockerVolumes: values.allow_docker_volumes,
      parameters: values.allow_parameters,
      privileged: values.allow_privileged,
    },
    switchUser: switchUserOf(values.switch_user),
    cleanup: values.recover === 'cleanup',
    strict: values.strict,
    executorLimits: {
      registrationTimeoutMs: values.executor_registration_timeout,
      reregistrationTimeoutMs: values.executor_reregistration_timeout,
      shutdownGraceMs: values.executor_shutdown_grace_period,
      recoveryTimeoutMs: values.recovery_timeout,
    },
    shown: shownFlags(AGENT_FLAGS, values),
    fetcher: {
      cacheBytesMax: values.fetcher_cache_size,
      stallMs: values.fetcher_stall_timeout,
      frameworksHome: values.frameworks_home,
    },
  };
}

/** @throws DawnError */
function switchUserOf(wanted: boolean): boolean {
  if (!wanted || process.getuid?.() === 0) return wanted;
  throw new DawnError({
    code: 'invalid_parameter',
    message: '--switch_user: only root can start processes of others',
    hint: 'start the agent as root, or as the user that processes shall have',
  });
}

/** @throws DawnError */
function mastersOf(given: string | undefined): readonly URL[] {
  if (given !== undefined) return parseMasters('--master', given);
  throw new DawnError({
    code: 'invalid_parameter',
    message: '--master is missing',
    hint: 'give the URL of a server, e.g. --master http://127.0.0.1:5050',
  });
}
