/** Exchanges with an agent: where ours is not as recorded, with the reason. */
import type { Known } from '../not-compared.ts';

const OVERHEAD = 'Mesos counts 0.1 cpus and 32 MB for the executor of a command; ours is a part of the agent';
const EXECUTOR = "the executor of a command is a part of the agent: there is no program of Mesos's to name";
const FLAGS = 'flags are the ones that there are: test/unit/flags.test.ts';
const MASTERS = 'kept by the master';
const FILES = 'of the files of this test';
const NOT_COUNTED = 'what is over is not counted: what is there now is';
const NO_SUCH_THING =
  'of parts that are not there: the fetcher and provisioner of Mesos, its collector of old sandboxes, resource providers, its recovery';
const METRICS = ['12-agent/12-g-metrics_snapshot', '12-agent/45-api-get-metrics'].flatMap((exchange) =>
  [
    ['*containerizer/*', NO_SUCH_THING],
    ['*gc/*', NO_SUCH_THING],
    ['*resource_provider_manager/*', NO_SUCH_THING],
    ['*slave/recovery_*', NO_SUCH_THING],
    ['*slave/executor_directory_*', NO_SUCH_THING],
    ['*slave/executors_*', NO_SUCH_THING],
    ['*slave/container_*', NOT_COUNTED],
    ['*slave/tasks_*', NOT_COUNTED],
    ['*valid_*', NOT_COUNTED],
  ].map(([where = '', why = '']): Known => [exchange, where, why]),
);

export const AGENT_DIFFERENCES: readonly Known[] = [
  ...METRICS,
  ['12-agent/*', '*statuses[]*', 'the latest status is kept, not those before it'],
  ['12-agent/*', '*executor_info.command*', EXECUTOR],
  ['12-agent/*', '*statistics.cpus_soft_limit', OVERHEAD],
  ['12-agent/*', '*statistics.mem_*', OVERHEAD],
  ['12-agent/*', '*executors[].resources*', OVERHEAD],
  ['12-agent/*', '*capabilities*', 'what is not there is not said to be'],
  ['12-agent/34-api-get_flags', 'body*', FLAGS],
  ['12-agent/*', 'body.flags.*', FLAGS],
  ['12-agent/*', '*reserved_resources*', MASTERS],
  ['12-agent/*', '*_allocated*', MASTERS],
  ['12-agent/*', '*resource_providers*', MASTERS],
  ['12-agent/*', '*master_hostname', MASTERS],
  ['12-agent/*', '*mtime', FILES],
  ['12-agent/*', '*size', FILES],
  ['12-agent/*', '*uid', FILES],
];
