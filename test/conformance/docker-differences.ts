/** Where our containers are not as a real agent's: in which variant, at which field (`*` stands for anything), why. A row that explains nothing fails. */
type Row = readonly [variant: string, at: string, reason: string];

const OURS = 'containers are ours by name and label: an agent finds its own, and touches no other';
const PREPARED = 'told as soon as the agent has the task: fetching and pulling are a part of starting';
const NAMED = 'the image, the file or the check that was wrong is named';
const NOT_RECORDED = 'of the machine that was recorded, or of the libraries of its executors';

export const DOCKER_DIFFERENCES: readonly Row[] = [
  ['*', 'run.name', OURS],
  ['*', 'run.Env.MESOS_CONTAINER_NAME', OURS],
  ['*', 'run.Labels', OURS],
  ['*', 'run.Labels.dawn.*', OURS],
  ['*', 'run.Env.MESOS_TASK_ID', 'Mesos tells it to executors alone; a task may know who it is'],
  ['*', 'run.HostConfig.CapDrop', 'no raw sockets: safe by default'],
  ['*', 'run.HostConfig.SecurityOpt', 'no new privileges: safe by default'],
  ['*', 'run.HostConfig.PidsLimit', 'nobody takes all processes of a machine: safe by default'],
  ['*', 'run.HostConfig.LogConfig', 'logs are kept by the engine, and never fill its disk'],
  [
    '*',
    'run.HostConfig.NanoCpus',
    'cores are a limit too, as with --cgroups_enable_cfs of Mesos; `limits` raises it',
  ],
  ['*', 'run.HostConfig.MemorySwap', 'memory that was not asked for is not to be had as swap either'],
  ['*', 'run.HostConfig.Init', 'what a task leaves behind is reaped, and signals reach it'],
  ['*', 'run.HostConfig.RestartPolicy', 'the default of the engine, said so that nothing else can be it'],
  ['*', 'run.StopTimeout', 'who stops the engine waits for its tasks'],

  [
    'user',
    'run.User',
    'a task that names a user runs as that user; Mesos lets the image decide, which is root more often than not',
  ],
  ['volume-sandbox-path', 'run.HostConfig.Binds./s', 'Mesos passes it over without a word'],
  [
    'volume-host-path-source',
    'run.HostConfig.Binds./h',
    'Mesos passes it over without a word; here it is one more volume of the host, and must be allowed',
  ],
  ['mesos-container-no-image', 'run', 'an agent on Docker runs everything in containers'],
  ['custom-executor-docker', 'run.Env.PATH', 'an image has a PATH of its own'],
  ['custom-executor-docker', 'run.Env.LD_LIBRARY_PATH', NOT_RECORDED],

  ['image-missing', 'statuses.TASK_STARTING', PREPARED],
  ['image-missing', 'statuses.order', PREPARED],
  ['image-missing', 'statuses.TASK_FAILED.message', NAMED],
  ['uri-missing', 'statuses.TASK_STARTING', PREPARED],
  ['uri-missing', 'statuses.order', PREPARED],
  ['uri-missing', 'statuses.TASK_FAILED.message', NAMED],
  ['health-command', 'execs[][]', 'the same shell, by its path'],
  ['health-*', 'statuses.TASK_RUNNING#2.message', NAMED],
  [
    'health-http-bridge',
    'statuses.TASK_RUNNING#3',
    'that it is still unhealthy is no news, and is not said again',
  ],
  ['health-http-bridge', 'statuses.order', 'that it is still unhealthy is no news, and is not said again'],
  ['health-http-bridge', 'statuses.TASK_KILLED.message', NAMED],
];
