/** What the flags of a server mean. */
import type { Values } from './flags/flag.ts';
import { MASTER_FLAGS } from './flags/master-flags.ts';
import { parseQuantities } from './flags/quantities.ts';
import { parseRoles, parseWeights } from './flags/roles.ts';
import { shownFlags } from './flags/shown.ts';
import type { SERVER_FLAGS } from './flags/server-flags.ts';
import type { Authentication } from './http/auth/authenticate.ts';
import { authorizationOf, flagPath, jsonOrFile, readFlagFile } from './http/auth/credentials.ts';
import { asksEverybody, authenticationOf } from './http/auth/options.ts';
import type { FrameworkIdentity } from './link/identity.ts';
import { parseMasters } from '../shared/masters.ts';
import type { MediaType } from './link/wire.ts';
import type { Listening } from './listening.ts';
import { listeningOf } from './listening.ts';
import type { MasterLimits } from './master/facts.ts';
import type { Whitelist } from './whitelist.ts';
import { DawnError } from '../shared/errors.ts';
import { parseAcls } from '../shared/mesos/acls.ts';

/** What both kinds of server need. */
export interface MasterOptions {
  readonly dataDir: string;
  /** Waits for the store while another server has it. */
  readonly standby: boolean;
  readonly name: string;
  readonly listening: Listening;
  readonly masterLimits: MasterLimits;
  readonly authentication: Authentication | undefined;
  readonly weights: ReadonlyMap<string, number>;
  readonly whitelist: Whitelist | undefined;
  /** As `/flags` shows them. */
  readonly flags: Readonly<Record<string, string>>;
}

/** A Mesos master elsewhere. */
export interface RemoteMaster {
  readonly masters: readonly URL[];
  readonly identity: FrameworkIdentity;
  readonly secret: string | undefined;
  readonly mediaType: MediaType;
}

export interface ServerOptions extends MasterOptions {
  readonly tasksPerJobMax: number;
  /** Who this server is, for agents that ask, as an `Authorization` header. */
  readonly agentAuthorization: string | undefined;
  readonly remote: RemoteMaster | undefined;
  /** JSON of a fixture cluster whose agents are simulated in this process. */
  readonly simulate: string | undefined;
}

export function masterOptions(values: Values<typeof MASTER_FLAGS>): MasterOptions {
  const authentication = authenticationOf(values);
  return {
    dataDir: values.work_dir,
    standby: values.standby,
    name: values.cluster,
    listening: listeningOf(values, asksEverybody(authentication)),
    masterLimits: {
      pingTimeoutMs: values.agent_ping_timeout,
      pingMissesMax: values.max_agent_ping_timeouts,
      reregisterTimeoutMs: values.agent_reregister_timeout,
      offerTimeoutMs: values.offer_timeout,
      minAllocatable: parseQuantities(values.min_allocatable_resources),
      allocationIntervalMs: values.allocation_interval,
      roles: parseRoles(values.roles),
      acls: values.acls === undefined ? undefined : parseAcls(jsonOrFile('acls', values.acls)),
    },
    authentication,
    weights: parseWeights(values.weights),
    whitelist: whitelistOf(values.whitelist),
    flags: shownFlags(MASTER_FLAGS, values),
  };
}

export function serverOptions(values: Values<typeof SERVER_FLAGS>): ServerOptions {
  return {
    ...masterOptions(values),
    tasksPerJobMax: values.max_tasks_per_job,
    agentAuthorization: authorizationOf('agent_credential', values.agent_credential),
    remote: values.mesos_master === '' ? undefined : remoteMaster(values),
    simulate: values.simulate,
  };
}

function remoteMaster(values: Values<typeof SERVER_FLAGS>): RemoteMaster {
  const { mesos_principal: principal, mesos_secret_file: file } = values;
  if (file !== undefined && principal === undefined) {
    throw new DawnError({
      code: 'invalid_parameter',
      message: '--mesos-secret-file: whose secret it is has to be said',
      hint: 'add --mesos-principal=NAME',
    });
  }
  return {
    masters: parseMasters('--mesos-master', values.mesos_master),
    identity: {
      role: values.mesos_role,
      user: values.mesos_user,
      name: values.cluster === 'dawn' ? 'Dawn' : `Dawn ${values.cluster}`,
      principal,
    },
    secret: file === undefined ? undefined : readFlagFile('mesos-secret-file', file).trim(),
    mediaType: values.mesos_encoding === 'json' ? 'application/json' : 'application/x-protobuf',
  };
}

/** A star is Mesos's older word for everybody. */
function whitelistOf(file: string | undefined): Whitelist | undefined {
  if (file === undefined || file === '*') return undefined;
  return { file: flagPath(file), text: readFlagFile('whitelist', file) };
}
