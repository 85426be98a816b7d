import type { Authentication } from '../../server/http/auth/authenticate.ts';
import { parseCredentials } from '../../server/http/auth/credentials.ts';
import { realmOf } from '../../server/http/auth/realms.ts';
import type { MasterLimits } from '../../server/master/facts.ts';
import { parseAcls } from '../../shared/mesos/acls.ts';
import type { Exchange, JsonObject } from './recorded.ts';
import { sessionsOf } from './recordings.ts';
import type { Replay } from './replay.ts';

/** At a time, or right before an exchange. */
type Action = ({ readonly atMs: number } | { readonly before: string }) & {
  run(replay: Replay): void | Promise<void>;
};

/** What a recording does not say of itself. */
export interface Scenario {
  /** For each master that the folder is of. */
  readonly limits?: readonly Partial<MasterLimits>[];
  readonly authentication?: readonly Authentication[];
  /** By master where the ids in them do not tell. */
  readonly sessions?: (exchanges: readonly Exchange[]) => Exchange[][];
  /** `Host` of the master that stands by for the other one; alone in its recordings it knows of no leader. For each master that the folder is of. */
  readonly standbys?: readonly (string | undefined)[];
  /** Agents of which no offer was recorded, as one of all that they have would be. */
  readonly agents?: readonly (readonly JsonObject[])[];
  /** Agents that came later, by the end of their ids: when, in milliseconds since the first request. */
  readonly joins?: readonly Readonly<Record<string, number>>[];
  /** The framework whose subscription was not recorded, though calls of it are. */
  readonly framework?: JsonObject;
  /** When an exchange was, where more is known than the recording tells: in milliseconds since the first second. */
  readonly times?: Readonly<Record<string, number>>;
  /** What happened besides requests, in milliseconds since the first of them, for each master that the folder is of. */
  readonly actions?: readonly (readonly Action[])[];
}

/** --agent_ping_timeout=1secs --max_agent_ping_timeouts=3 */
const IMPATIENT: Partial<MasterLimits> = { pingTimeoutMs: 1_000, pingMissesMax: 3 };

/** --authenticate_http_frameworks --authenticate_http_readonly --authenticate_http_readwrite */
const EVERYBODY_ASKED: Authentication = {
  credentials: parseCredentials('sched s3\nops o3'),
  realms: new Set(['mesos-master-scheduler', 'mesos-master-readonly', 'mesos-master-readwrite']),
  realmOf,
};

const SOME_ALLOWED = parseAcls(
  JSON.stringify({
    register_frameworks: [
      { principals: { type: 'ANY' }, roles: { values: ['dev'] } },
      { principals: { type: 'ANY' }, roles: { type: 'NONE' } },
    ],
    teardown_frameworks: [{ principals: { type: 'ANY' }, framework_principals: { type: 'NONE' } }],
  }),
);

function splitBefore(all: readonly Exchange[], name: string): [Exchange[], Exchange[]] {
  const at = all.findIndex((exchange) => exchange.name === name);
  return [all.slice(0, at), all.slice(at)];
}

const scalar = (name: string, value: number): JsonObject => ({ name, type: 'SCALAR', scalar: { value } });
const text = (name: string, value: string): JsonObject => ({ name, type: 'TEXT', text: { value } });
const forOps = (name: string, value: number): JsonObject => ({
  ...scalar(name, value),
  reservations: [{ type: 'DYNAMIC', role: 'ops', principal: 'p2' }],
});
const VOLUME = { persistence: { id: 'v', principal: 'p2' }, volume: { container_path: 'p', mode: 'RW' } };
const GROUPS_AGENT = { value: '378efc41-aca2-49fd-8a59-7acbfc66c92b-S0' };
const ONE_AGENT: JsonObject = {
  agent_id: { value: 'eb50c727-587f-4a4d-b7ae-3c168cd5ec98-S0' },
  hostname: 'localhost',
  url: { address: { port: 5161 } },
  resources: [
    scalar('cpus', 4),
    scalar('mem', 4096),
    scalar('disk', 8192),
    { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31000, end: 32000 }] } },
  ],
  attributes: [text('rack', 'r1'), text('zone', 'z1')],
};

/** Folders that are played; every other one is in the table of what is not compared. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  '01-subscribe': {},
  '02-tasks': {},
  '03-offers': {},
  '04-invalid': {},
  '05-groups-reservations': {
    actions: [
      [
        {
          before: '05-groups-reservations/24-op-reserve-too-much',
          run: (replay) =>
            replay.operate({
              type: 'RESERVE_RESOURCES',
              reserve_resources: { agent_id: GROUPS_AGENT, resources: [forOps('cpus', 1)] },
            }),
        },
        {
          before: '05-groups-reservations/28-slaves-reserved-ops',
          run: (replay) =>
            replay.operate({
              type: 'CREATE_VOLUMES',
              create_volumes: { agent_id: GROUPS_AGENT, volumes: [{ ...forOps('disk', 100), disk: VOLUME }] },
            }),
        },
      ],
    ],
  },
  '06-failover': {
    times: { '06-failover/23-stream-chg-user': 52_400 },
    actions: [
      [
        { atMs: 5_900, run: (replay) => replay.close('06-failover/03-stream-fo-second') },
        { atMs: 11_700, run: (replay) => replay.close('06-failover/10-stream-fo-third') },
        { atMs: 13_400, run: (replay) => replay.close('06-failover/13-stream-fo-fourth') },
        { atMs: 47_980, run: (replay) => replay.close('06-failover/16-stream-zero') },
        { atMs: 52_250, run: (replay) => replay.close('06-failover/22-stream-chg-checkpoint') },
      ],
    ],
  },
  '07-agent-loss': {
    limits: [IMPATIENT, IMPATIENT],
    actions: [
      [
        { atMs: 5_000, run: (replay) => replay.agents.get('S1')?.leave() },
        { atMs: 17_700, run: (replay) => replay.agents.get('S1')?.start() },
        { atMs: 25_700, run: (replay) => replay.agents.get('S0')?.unregister() },
      ],
      [
        { atMs: 1_450, run: (replay) => replay.agents.get('S0')?.hang() },
        { atMs: 6_300, run: (replay) => replay.agents.get('S0')?.start() },
      ],
      [
        { atMs: 1_140, run: (replay) => replay.agents.get('S0')?.leave() },
        { atMs: 6_080, run: (replay) => replay.agents.get('S0')?.start() },
      ],
    ],
  },
  '08-maintenance': {
    actions: [
      [],
      [
        {
          atMs: 6_350,
          run: (replay) =>
            replay.operate({
              type: 'DRAIN_AGENT',
              drain_agent: {
                agent_id: { value: '8679e15a-327a-417a-9ac7-14d9a6158c69-S1' },
                max_grace_period: { seconds: 3 },
              },
            }),
        },
      ],
    ],
  },
  '09-http-errors': {
    sessions: (all) => {
      const [elected, unelected] = splitBefore(all, '09-http-errors/84-unelected-subscribe');
      return [unelected, ...sessionsOf(elected)];
    },
    standbys: ['127.0.0.1:5160'],
    agents: [[], [ONE_AGENT]],
    framework: {
      user: 'root',
      name: 'errs',
      roles: ['dev'],
      capabilities: [
        'MULTI_ROLE',
        'PARTITION_AWARE',
        'RESERVATION_REFINEMENT',
        'TASK_KILLING_STATE',
        'REGION_AWARE',
      ].map((type) => ({ type })),
    },
  },
  '10-operator': { joins: [{ S0: 4_540 }] },
  '15-master-failover': {
    // First one master that is killed and started again, then two others.
    sessions: (all) => splitBefore(all, '15-master-failover/10-leader-redirect'),
    standbys: [undefined, '127.0.0.1:5510'],
    actions: [
      [
        { before: '15-master-failover/02-early-state', run: (replay) => replay.restartMaster() },
        { atMs: 75_700, run: (replay) => replay.agents.get('S0')?.start() },
      ],
      [
        { before: '15-master-failover/32-standby-just-after', run: (replay) => replay.killMaster() },
        { before: '15-master-failover/33-new-leader-redirect', run: (replay) => replay.elect() },
      ],
    ],
  },
  '17-clients': {},
  '16-extra': {
    limits: [{ acls: SOME_ALLOWED }, { offerTimeoutMs: 3_000 }],
    authentication: [EVERYBODY_ASKED],
    actions: [
      [],
      [{ before: '16-extra/23-accept-raced', run: (replay) => replay.agents.get('S1')?.leave() }],
      [{ atMs: 1_500, run: (replay) => replay.close('16-extra/24-pipelined-after-subscribe') }],
    ],
  },
};
