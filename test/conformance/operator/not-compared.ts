/** Operators' exchanges: what of them is not compared, and where we are not as recorded, with the reason. */
import type { Known, Unplayed } from '../not-compared.ts';

export const OPERATOR_NOT_COMPARED: readonly Unplayed[] = [];

const NO_QUEUES =
  'libprocess queues what comes for each of its actors; here a request is answered as it comes';
const NOT_COUNTED = 'what was said since the start is not counted: what is there now is';
const STOPWATCH = 'how long its own work takes is not measured';
const OF_ROLES = 'told by /roles and /quota, for each role; not as metrics';

/** Metrics of Mesos's that are not there, by classes; those that are there mean the same. */
const NO_METRICS: readonly Known[] = [
  ['event_queue_*', NO_QUEUES],
  ['mesos/event_queue_*', NO_QUEUES],
  ['http_cache_hits', NO_QUEUES],
  ['messages_*', NOT_COUNTED],
  ['dropped_messages', NOT_COUNTED],
  ['valid_*', NOT_COUNTED],
  ['invalid_*', NOT_COUNTED],
  ['frameworks/*', NOT_COUNTED],
  ['operations/*', NOT_COUNTED],
  ['slave_*', NOT_COUNTED],
  ['recovery_slave_removals', NOT_COUNTED],
  ['mesos/allocation_run*', STOPWATCH],
  ['mesos/offer_filters/*', OF_ROLES],
  ['mesos/quota/*', OF_ROLES],
  ['mesos/roles/*', OF_ROLES],
  ['queued_operations', STOPWATCH],
  ['log/*', 'there is no replicated log: the store is one journal'],
  ['registry_size_bytes', STOPWATCH],
  ['state_*', STOPWATCH],
].map(([name, why]): Known => ['*metrics*', `body*/${name}`, why ?? '']);

const BUILD = 'how that Mesos was built; we have the version only';
const OFFER_IDS = 'offers have ids of their own';
const TIMING = 'the agent of the replay says it a moment sooner or later';
const FILLERS = 'the launches before it were not recorded, and those of the replay are of another size';
const NO_CHECKPOINT =
  'what a real agent lost with its own process, the scripted one still has; it is told to kill it when it returns';
const SAME_SECOND = 'asked within the second in which something changed: which came first was not recorded';
const TWO_RUNS = 'the recording was made in two runs, from two places';
const CAME_AND_WENT = 'of a framework that came and went before, and was not recorded';
const SET = 'what is its default is told as set, also in protobuf';
const TWICE = 'Mesos offers twice in the same instant what is one event here, or the other way round';
const TEARDOWN = 'the TEARDOWN that ended its framework was not recorded';

export const OPERATOR_DIFFERENCES: readonly Known[] = [
  ...NO_METRICS,
  ['11-legacy/36-m-__processes__', 'body[]*', 'the actors of libprocess; we are one process'],
  ['11-legacy/40-m-help', 'body', 'a list of paths; Mesos has a page for each, that needs scripts'],
  ['*', 'body*git_sha', BUILD],
  ['*', 'body*build_*', BUILD],
  ['09-http-errors/70-state-jsonp', 'body*flags.*_dir', TWO_RUNS],
  ['09-http-errors/69-state-gzip', 'body.completed_frameworks*', CAME_AND_WENT],
  ['09-http-errors/70-state-jsonp', 'body.cb.completed_frameworks*', CAME_AND_WENT],
  ['10-operator/*-pb', '*.protocol', SET],
  ['10-operator/*-pb', '*.failover_timeout', SET],
  ['10-operator/*-pb', '*.checkpoint', SET],
  ['10-operator/22-busy-get_state-pb', '*offers[]*', SAME_SECOND],
  ['05-groups-reservations/19-get-agents-reserved', '*', SAME_SECOND],
  [
    '08-maintenance/34-stream-drain',
    'said of offers',
    'an offer was declined before, which was not recorded',
  ],
  ['10-operator/04-empty-get_version', 'body.get_version.version_info.*', BUILD],
  ['11-legacy/*version', 'body.*', BUILD],
  ['*', 'body*offers[].id', OFFER_IDS],
  ['*', 'body*offers[].id.value', OFFER_IDS],

  ['02-tasks/03-state-while-unacked', 'body.tasks*', TIMING],
  ['02-tasks/06-state-while-unacked', 'body.tasks*', TIMING],
  ['06-failover/24-state-changed', 'body.frameworks*', TIMING],

  ['07-agent-loss/*', 'body*', FILLERS],
  ['07-agent-loss/01-operator-stream', 'TASK_ADDED*', FILLERS],
  ['07-agent-loss/01-operator-stream', 'AGENT_ADDED*', FILLERS],
  ['07-agent-loss/01-operator-stream', 'TASK_UPDATED*', NO_CHECKPOINT],
  ['07-agent-loss/01-operator-stream', 'said of the stream', NO_CHECKPOINT],

  ['08-maintenance/*', 'OFFERS count', TWICE],

  ['10-operator/25-busy-get_frameworks', 'body*offers[]*', SAME_SECOND],
  ['10-operator/18-subscribe', 'said of the stream', TEARDOWN],
  ['10-operator/18-subscribe', 'TASK_ADDED*', 'two launches in another order'],
  ['10-operator/19-stream-op', '*', TEARDOWN],
  ['10-operator/77-subscribe-pb', 'SUBSCRIBED*', TEARDOWN],
];
