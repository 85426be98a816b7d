import type { Authentication } from '../../server/http/auth/authenticate.ts';
import { parseCredentials } from '../../server/http/auth/credentials.ts';
import { realmOf } from '../../server/http/auth/realms.ts';
import type { MasterLimits } from '../../server/master/facts.ts';
import { parseAcls } from '../../shared/mesos/acls.ts';
import type { Exchange } from './recorded.ts';
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

/** Folders that are played; every other one is in the table of what is not compared. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  '01-subscribe': {},
  '02-tasks': {},
  '03-offers': {},
  '04-invalid': {},
  '05-groups-reservations': {},
  '06-failover': {
    actions: [
      [
        { atMs: 5_300, run: (replay) => replay.close('06-failover/03-stream-fo-second') },
        { atMs: 11_500, run: (replay) => replay.close('06-failover/10-stream-fo-third') },
        { atMs: 14_000, run: (replay) => replay.close('06-failover/13-stream-fo-fourth') },
        { atMs: 47_900, run: (replay) => replay.close('06-failover/16-stream-zero') },
        { atMs: 51_960, run: (replay) => replay.close('06-failover/22-stream-chg-checkpoint') },
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
        { atMs: 950, run: (replay) => replay.agents.get('S0')?.hang() },
        { atMs: 5_750, run: (replay) => replay.agents.get('S0')?.start() },
      ],
      [
        { atMs: 810, run: (replay) => replay.agents.get('S0')?.leave() },
        { atMs: 5_750, run: (replay) => replay.agents.get('S0')?.start() },
      ],
    ],
  },
  '08-maintenance': {},
  '09-http-errors': {
    sessions: (all) => {
      const [elected, unelected] = splitBefore(all, '09-http-errors/84-unelected-subscribe');
      return [unelected, ...sessionsOf(elected)];
    },
    standbys: ['127.0.0.1:5160'],
  },
  '10-operator': {},
  '11-legacy': {},
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
      [],
      [{ atMs: 1_500, run: (replay) => replay.close('16-extra/24-pipelined-after-subscribe') }],
    ],
  },
};
