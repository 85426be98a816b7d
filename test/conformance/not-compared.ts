/**
 * What of the recordings is not compared, and where we are not as recorded: one row each, with the reason. A row that explains nothing fails the test, as does anything that no
 * row explains.
 */

import { OPERATOR_DIFFERENCES, OPERATOR_NOT_COMPARED } from './operator/not-compared.ts';

export type Unplayed = readonly [exchange: string, reason: string];
export type Known = readonly [exchange: string, at: string, reason: string];

const ALLOCATION =
  'allocation: what becomes free is offered at once, not at the next second; ties are not broken by chance';
const ORDER = 'resources are listed in another order than Mesos happens to keep them in';
const TWO_ROLES =
  "which of a framework's own roles an agent is offered to is chance in Mesos; here, with nobody else there, it is not";
const TIMED_OUT =
  'the replay ends the stream where the next one begins, three seconds on: as late as --offer_timeout';
const UNRECORDED = 'the ACCEPT that this answers was not recorded';
const NO_CHECKPOINT =
  'a reconciliation was not recorded; and what a real agent lost with its own process, ours is told to kill when it returns';
const GROUPS = 'agents here are scripted, and run no groups: told with a real agent in test/e2e/raw-v1';
const REGISTRY_ID = "a master's id is its registry's, and outlives it; Mesos has a new one for each life";
const REGISTRY =
  'frameworks are in the registry as well: they are there, as recovered, before an agent brings their tasks';
const TOLD_AGAIN =
  'an agent that returns is heard again, task by task; Mesos does so only after it was unreachable';
const UNRECORDED_OPERATIONS = 'operations before it were not recorded';

/** Exchanges that are not played. `*` stands for anything. */
export const NOT_COMPARED: readonly Unplayed[] = [
  ...OPERATOR_NOT_COMPARED,
  ['05-groups-reservations/04-agent-get-containers', GROUPS],
  ['05-groups-reservations/06-agent-containers-nested', GROUPS],
  ['05-groups-reservations/19-get-agents-reserved', 'what the groups before it hold, which are not run here'],
  ['05-groups-reservations/28-slaves-reserved-ops', UNRECORDED_OPERATIONS],
  ['05-groups-reservations/30-op-destroy-volumes', UNRECORDED_OPERATIONS],
  ['05-groups-reservations/31-op-unreserve', UNRECORDED_OPERATIONS],
  ['09-http-errors/76-garbage', 'no HTTP at all: Mesos closes without a word, we say 400 and close'],
  ['09-http-errors/78-agent-scheduler', 'asked of an agent: played in agent.test.ts'],
  [
    '09-http-errors/79-agent-executor-get',
    'asked of an agent: as 13-executor/ex1/06-get, in executor.test.ts',
  ],
  ['12-agent/*', 'asked of an agent: played in agent.test.ts'],
  ['13-executor/ex*/*', 'what executors say to an agent: played in executor.test.ts'],
  [
    '13-executor/0*',
    'what the framework hears meanwhile: raw v1 calls with an executor of our own, test/e2e/raw-v1',
  ],
  ['14-measure/*', 'a measurement: 100 tasks as fast as it goes, in no order'],
  [
    '16-extra/22-stream-race',
    'an agent is killed in the very instant: a matter of milliseconds, not of time that is played',
  ],
  [
    '16-extra/23-accept-raced',
    'the same; an ACCEPT of an offer that has ended is test/unit/master/tasks.test.ts',
  ],
];

/** Differences that are known: in which exchange, where in it (`*` stands for anything), why. */
export const KNOWN_DIFFERENCES: readonly Known[] = [
  ...OPERATOR_DIFFERENCES,
  ['09-http-errors/04-method-head', 'body', 'no body comes with the answer to HEAD, as HTTP has it'],

  ['02-tasks/01-stream-tasks', 'OFFERS count', ALLOCATION],
  ['03-offers/*', 'OFFERS count', ALLOCATION],
  ['04-invalid/*', 'OFFERS count', ALLOCATION],
  ['07-agent-loss/*', 'OFFERS count', ALLOCATION],
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

  [
    '02-tasks/01-stream-tasks',
    'said of task t-health',
    'SHUTDOWN of an executor: the agent of the replay does not act on it',
  ],
  ['07-agent-loss/04-stream-nocp', 'said of task t-nocp', NO_CHECKPOINT],
  ['04-invalid/*', 'UPDATE.update.status.message', ORDER],
  ['04-invalid/*', 'said of task *', UNRECORDED],

  [
    '07-agent-loss/02-stream-pa',
    'said of task t-pa',
    'KILL while the agent is away is carried out when it is back; Mesos forgets it',
  ],
  ['07-agent-loss/03-stream-old', 'said of offers', ALLOCATION],
  ['07-agent-loss/04-stream-nocp', 'said of task zz', 'the RECONCILE that asked was not recorded'],
  [
    '07-agent-loss/*',
    'UPDATE.update.status.executor_id',
    "agents: a returning agent's tasks are told with the executor of a command task",
  ],
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
  ['17-clients/*', 'OFFERS count', 'the client left when its task was over, before it was offered more'],
  ['17-clients/execute-group/*', 'said of task *', GROUPS],
  ['05-groups-reservations/01-stream-groups', 'said of *', GROUPS],
  [
    '05-groups-reservations/01-stream-groups',
    'UPDATE.update.status.message',
    'the groups before it hold nothing here',
  ],
  ['05-groups-reservations/01-stream-groups', 'UPDATE_OPERATION_STATUS*status.message', ORDER],
  [
    '05-groups-reservations/01-stream-groups',
    'UPDATE_OPERATION_STATUS*uuid.value',
    'made up by whoever says it',
  ],
  ['05-groups-reservations/24-op-reserve-too-much', 'body', ORDER],
];
