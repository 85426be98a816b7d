/**
 * What of the recordings is not compared, and where we are not as recorded: one row each, with the reason. A row that explains nothing fails the test, as does anything that no
 * row explains.
 */

import { AGENT_DIFFERENCES } from './agent/not-compared.ts';
import { OPERATOR_DIFFERENCES, OPERATOR_NOT_COMPARED } from './operator/not-compared.ts';

export type Unplayed = readonly [exchange: string, reason: string];
export type Known = readonly [exchange: string, at: string, reason: string];

const DECLINED = 'offers were declined, accepted or asked for again by calls that were not recorded';
const LEFT = 'what is left to offer depends on calls that were not recorded';
const TWO_ROLES =
  "which of a framework's own roles an agent is offered to is chance in Mesos; here, with nobody else there, it is not";
const TIMED_OUT =
  'the replay ends the stream where the next one begins, three seconds on: as late as --offer_timeout';
const UNRECORDED = 'the ACCEPT that this answers was not recorded';
const NO_CHECKPOINT =
  'a reconciliation was not recorded; and what a real agent lost with its own process, ours is told to kill when it returns';
const REGISTRY_ID = "a master's id is its registry's, and outlives it; Mesos has a new one for each life";
const REGISTRY =
  'frameworks are in the registry as well: they are there, as recovered, before an agent brings their tasks';
const TOLD_AGAIN =
  'an agent that returns is heard again, task by task; Mesos does so only after it was unreachable';
const GROUPS =
  'asked of an agent that runs a group; the agent of agent/asked.ts runs commands, groups are told in test/e2e/raw-v1';

/** Exchanges that are not played. `*` stands for anything. */
export const NOT_COMPARED: readonly Unplayed[] = [
  ...OPERATOR_NOT_COMPARED,
  ['05-groups-reservations/04-agent-get-containers', GROUPS],
  ['05-groups-reservations/06-agent-containers-nested', GROUPS],
];

/** Differences that are known: in which exchange, where in it (`*` stands for anything), why. */
export const KNOWN_DIFFERENCES: readonly Known[] = [
  ...OPERATOR_DIFFERENCES,
  ...AGENT_DIFFERENCES,
  ['09-http-errors/04-method-head', 'body', 'no body comes with the answer to HEAD, as HTTP has it'],

  [
    '09-http-errors/76-garbage',
    'status',
    'no HTTP at all: Mesos closes without a word, we say 400 and close',
  ],

  ['03-offers/*', 'OFFERS count', DECLINED],
  ['04-invalid/*', 'OFFERS count', DECLINED],
  ['06-failover/16-stream-zero', 'OFFERS count', DECLINED],
  ['07-agent-loss/*', 'OFFERS count', DECLINED],
  ['13-executor/01-stream-cust', 'OFFERS count', 'two that end within the same tick are one offer here'],
  [
    '07-agent-loss/03-stream-old',
    'OFFERS first[].resources[].scalar.value',
    'the launches before it were not recorded',
  ],
  [
    '07-agent-loss/04-stream-nocp',
    'OFFERS first*',
    'the launches before it were not recorded, and which agent is offered is chance',
  ],

  ['07-agent-loss/04-stream-nocp', 'said of task t-nocp', NO_CHECKPOINT],
  ['04-invalid/*', 'UPDATE.update.status.message', LEFT],
  ['04-invalid/*', 'said of task *', UNRECORDED],

  [
    '07-agent-loss/02-stream-pa',
    'said of task t-pa',
    'KILL while the agent is away is carried out when it is back; Mesos forgets it',
  ],
  ['07-agent-loss/03-stream-old', 'said of offers', DECLINED],
  ['07-agent-loss/04-stream-nocp', 'said of task zz', 'the RECONCILE that asked was not recorded'],
  ['07-agent-loss/27-stream-quick', 'said of task q1', TOLD_AGAIN],
  ['15-master-failover/*', 'body.id', REGISTRY_ID],
  ['15-master-failover/*', 'body.leader_info.id', REGISTRY_ID],
  ['15-master-failover/*', 'SUBSCRIBED.subscribed.master_info.id', REGISTRY_ID],
  ['15-master-failover/02-early-state', 'body.frameworks[]', REGISTRY],
  ['15-master-failover/03-early-frameworks', 'body.frameworks[]', REGISTRY],
  ['15-master-failover/04-stream-mf-second', 'said of task over', TOLD_AGAIN],
  [
    '15-master-failover/09-state-after-failover',
    'body.frameworks[].tasks[].statuses[]*',
    'an agent that returns tells the latest status of a task, not those before it',
  ],
  ['16-extra/19-stream-tworoles', 'said of task *', TWO_ROLES],
  ['16-extra/19-stream-tworoles', 'OFFERS first[]*', TWO_ROLES],
  ['16-extra/19-stream-tworoles', 'said of offers', TIMED_OUT],
  ['16-extra/19-stream-tworoles', 'OFFERS count', TIMED_OUT],
  ['16-extra/22-stream-race', 'said of offers', TWO_ROLES],
  ['16-extra/22-stream-race', 'OFFERS *', TWO_ROLES],
  ['17-clients/*', 'OFFERS count', 'the client left when its task was over, before it was offered more'],
  ['05-groups-reservations/01-stream-groups', 'said of *', DECLINED],
  ['05-groups-reservations/01-stream-groups', 'UPDATE.update.status.message', LEFT],
  ['05-groups-reservations/01-stream-groups', 'UPDATE_OPERATION_STATUS*status.message', LEFT],
  [
    '05-groups-reservations/01-stream-groups',
    'UPDATE_OPERATION_STATUS*uuid.value',
    'made up by whoever says it',
  ],
];
