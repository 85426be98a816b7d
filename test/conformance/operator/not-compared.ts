/** Operators' exchanges: what of them is not compared, and where we are not as recorded, with the reason. */
import type { Known, Unplayed } from '../not-compared.ts';

const BYTES = 'compared byte by byte in exact.test.ts, where the recorded situation is set up';

export const OPERATOR_NOT_COMPARED: readonly Unplayed[] = [
  ['10-operator/*-pb', 'protobuf: the replay reads JSON; both encodings are compared in wire-tree.test.ts'],
  ['10-operator/35-get-metrics', 'measures; which there are is tested by itself'],
  ['11-legacy/*-m-metrics_snapshot*', 'measures; which there are is tested by itself'],
  ['11-legacy/06-m-master_state-summary', BYTES],
  ['11-legacy/08-m-slaves', BYTES],
  ['11-legacy/09-m-slaves-slave_id-*', BYTES],
  ['11-legacy/11-m-master_frameworks', BYTES],
  ['11-legacy/13-m-master_tasks', BYTES],
  ['11-legacy/14-m-tasks-limit-1', BYTES],
  ['11-legacy/15-m-tasks-order-asc', BYTES],
  ['11-legacy/27-m-roles', BYTES],
  ['11-legacy/41-m-state-post', BYTES],
  ['11-legacy/35-m-system_stats.json', 'pages of libprocess about itself'],
  ['11-legacy/36-m-__processes__', 'pages of libprocess about itself'],
  ['11-legacy/39-m-logging_toggle', 'pages of libprocess about itself'],
  ['11-legacy/40-m-help', 'pages of libprocess about itself'],
  ['09-http-errors/68-api-gzip', 'packed; tested by itself'],
  ['09-http-errors/69-state-gzip', 'packed; tested by itself'],
  ['09-http-errors/70-state-jsonp', 'JavaScript; tested by itself'],
  ['08-maintenance/46-reactivate-drained', 'DRAIN_AGENT of it was not recorded'],
];

const BUILD = 'how that Mesos was built; we have the version only';
const FLAGS = 'the master of the replay has no flags';
const OFFER_IDS = 'offers have ids of their own';
const TIMING = 'the agent of the replay says it a moment sooner or later';
const FILLERS = 'the launches before it were not recorded, and those of the replay are of another size';
const NO_CHECKPOINT =
  'agents: tasks of frameworks without checkpointing are not lost with the connection yet';
const NOT_DRAINED = 'DRAIN_AGENT of it was not recorded';
const MEASURES = 'measures; which there are is tested by itself. That it is not elected is compared';
const INVERSE = 'its inverse offers go by the ids of the recording, which ours are not';
const EARLY = 'the agents of the replay are there from the beginning';
const ALLOCATION = 'what becomes free is offered at once, not at the next second';

export const OPERATOR_DIFFERENCES: readonly Known[] = [
  ['*', 'body.git_sha', BUILD],
  ['*', 'body.build_*', BUILD],
  ['10-operator/04-empty-get_version', 'body.get_version.version_info.*', BUILD],
  ['11-legacy/*version', 'body.*', BUILD],
  ['*', 'body.flags.*', FLAGS],
  ['*', 'body*offers[].id', OFFER_IDS],
  ['*', 'body*offers[].id.value', OFFER_IDS],

  ['02-tasks/03-state-while-unacked', 'body.tasks*', TIMING],
  ['02-tasks/06-state-while-unacked', 'body.tasks*', TIMING],
  ['02-tasks/39-state', 'body*', 'SHUTDOWN of an executor: the agent of the replay does not act on it'],
  ['02-tasks/40-tasks', 'body*', 'SHUTDOWN of an executor: the agent of the replay does not act on it'],
  [
    '02-tasks/43-frameworks-after',
    'body*',
    'SHUTDOWN of an executor: the agent of the replay does not act on it',
  ],
  ['06-failover/24-state-changed', 'body.frameworks*', TIMING],

  ['07-agent-loss/*', 'body*', FILLERS],
  ['07-agent-loss/01-operator-stream', 'TASK_ADDED*', FILLERS],
  ['07-agent-loss/01-operator-stream', 'AGENT_ADDED*', FILLERS],
  ['07-agent-loss/01-operator-stream', 'TASK_UPDATED*', NO_CHECKPOINT],
  ['07-agent-loss/01-operator-stream', 'said of the stream', NO_CHECKPOINT],

  ['08-maintenance/*-get-status-*', 'body*statuses', INVERSE],
  ['08-maintenance/13-legacy-status', 'body*statuses', INVERSE],
  ['08-maintenance/01-stream-maint', 'said of the stream', INVERSE],
  ['08-maintenance/01-stream-maint', '*INVERSE_OFFER*.value', INVERSE],
  ['08-maintenance/*', 'OFFERS count', ALLOCATION],
  ['08-maintenance/33-operator-stream-drain', '*', EARLY],
  ['08-maintenance/34-stream-drain', 'said of task d1', NOT_DRAINED],
  ['08-maintenance/42-get-agents-drained', 'body*', NOT_DRAINED],
  ['08-maintenance/43-slaves-drained', 'body*', NOT_DRAINED],
  ['08-maintenance/47-slaves-reactivated', 'body*', NOT_DRAINED],

  ['*metrics*', 'body.allocator/*', MEASURES],
  ['*metrics*', 'body.registrar/*', MEASURES],
  ['*metrics*', 'body.system/*', MEASURES],
  ['*metrics*', 'body.master/operations/*', MEASURES],
  ['*metrics*', 'body.master/*_*', MEASURES],

  ['10-operator/06-empty-get_state', 'body.get_state.get_agents.agents[]', EARLY],
  ['10-operator/25-busy-get_frameworks', 'body*offers[]*', 'offers in another order'],
  ['10-operator/51-get-roles-quota', 'body*', ALLOCATION],
  ['10-operator/52-roles-quota', 'body*', ALLOCATION],
  ['10-operator/18-subscribe', 'said of the stream', EARLY],
  ['10-operator/18-subscribe', 'SUBSCRIBED*', EARLY],
  ['10-operator/18-subscribe', 'TASK_ADDED*', 'two launches in another order'],
  ['10-operator/19-stream-op', '*', ALLOCATION],
];
