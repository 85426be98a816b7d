import { parseMesosAttributes, parseMesosResources } from '../../shared/mesos/flags.ts';
import { parseRoles } from './roles.ts';
import { bytes, checked, duration, onOff, oneOf, repeated, text, whole } from './flag.ts';

/** `dawn agent`. */
export const AGENT_FLAGS = {
  master: text({
    help: 'the server or master (required): host:port or a URL; where several stand by for one another, all of them, with commas',
    placeholder: 'URL[,URL]',
    mesos: true,
  }),
  authenticate_http_readonly: onOff(
    { help: 'ask for a principal and its secret before state, logs and files are shown', mesos: true },
    false,
  ),
  authenticate_http_readwrite: onOff(
    { help: 'ask for a principal and its secret before anything of /api/v1 is answered', mesos: true },
    false,
  ),
  authenticate_http_executors: onOff(
    { help: 'ask executors of frameworks for the token that they were started with', mesos: true },
    false,
  ),
  jwt_secret_key: text({
    help: 'a file with the key that the tokens of executors are signed with',
    placeholder: 'FILE',
    mesos: true,
    aliases: ['executor_secret_key'],
  }),
  acls: text({ help: 'who may do what here: JSON, or a file of it', placeholder: 'FILE', mesos: true }),
  http_credentials: text({
    help: 'principals and secrets of those who are asked, as a master takes --credentials',
    placeholder: 'FILE',
    mesos: true,
  }),
  credential: text({
    help: 'principal and secret for a master that asks: a file with {"principal":…,"secret":…}',
    placeholder: 'FILE',
    mesos: true,
  }),
  ip: text({ help: 'where logs are served', placeholder: 'ADDRESS', mesos: true }, '127.0.0.1'),
  port: whole({ help: '0: any free one', mesos: true }, 0, 0, 65535),
  hostname: text({
    help: "its name in the cluster; this machine's if not set",
    placeholder: 'NAME',
    mesos: true,
  }),
  work_dir: text({ help: 'state and sandboxes', placeholder: 'DIR', mesos: true }, './dawn-agent'),
  resources: checked(
    {
      help: "what it offers: cpus:4;mem(role):1024;ports:[31000-32000], or JSON; of cpus, mem, disk and ports what is not named is this machine's",
      mesos: true,
    },
    '',
    (value) => parseMesosResources(value),
  ),
  default_role: checked(
    {
      help: 'whom what names no role in --resources is reserved for; *: nobody',
      placeholder: 'ROLE',
      mesos: true,
    },
    '*',
    (value) => {
      if (parseRoles(value).length !== 1) throw new Error('one role is wanted');
    },
  ),
  attributes: checked(
    { help: 'what is said of it: rack:r1;level:2;slots:[1-4]', mesos: true },
    '',
    parseMesosAttributes,
  ),
  containerizers: checked(
    {
      help: 'what runs tasks: docker, mesos (processes), or both for whichever is there; also process, auto',
      placeholder: 'LIST',
      mesos: true,
      aliases: ['containerizer'],
    },
    'auto',
    containerizerOf,
  ),
  recover: oneOf(
    { help: 'take over what was left running, or end it all and stop', mesos: true },
    'reconnect',
    ['reconnect', 'cleanup'],
  ),
  strict: onOff(
    {
      help: 'do not start with state that cannot be read whole; else what is behind the first such line is left out',
      mesos: true,
    },
    false,
  ),
  switch_user: onOff(
    {
      help: "processes belong to the user that their task or its framework names, instead of the agent's own; it takes root",
      mesos: true,
    },
    false,
  ),
  executor_registration_timeout: duration(
    { help: 'how long the executor of a framework may take to come forward', mesos: true },
    '1mins',
    1_000,
    86_400_000,
  ),
  executor_reregistration_timeout: duration(
    { help: 'how long it may take to come back to an agent that was away', mesos: true },
    '2secs',
    100,
    900_000,
  ),
  executor_shutdown_grace_period: duration(
    { help: 'how long it may take to end itself', mesos: true },
    '5secs',
    0,
    86_400_000,
  ),
  recovery_timeout: duration(
    { help: 'how long it waits for an agent that is away', mesos: true },
    '15mins',
    1_000,
    86_400_000 * 7,
  ),
  fetcher_cache_size: bytes({ help: 'how much of what tasks fetch is kept for others', mesos: true }, '2GB'),
  fetcher_stall_timeout: duration(
    { help: 'without a byte for so long, fetching has failed', mesos: true },
    '1mins',
    100,
    86_400_000,
  ),
  frameworks_home: text({ help: 'what relative URIs of tasks begin at', placeholder: 'DIR', mesos: true }),
  docker_host: text({ help: 'unix:///… or tcp://…; beats DOCKER_HOST and contexts', placeholder: 'ADDRESS' }),
  default_image: text({ help: 'for tasks that name none', placeholder: 'IMAGE' }, 'busybox'),
  allow_volumes: repeated({
    help: 'jobs may mount what lies below it; nothing otherwise (repeatable)',
    placeholder: 'DIR',
  }),
  allow_docker_volumes: repeated({
    help: 'volumes of the engine that tasks may mount, * for any; none otherwise (repeatable)',
    placeholder: 'NAME',
  }),
  allow_parameters: repeated({
    help: "keys of DockerInfo's parameters that are let through, * for any; none otherwise (repeatable)",
    placeholder: 'KEY',
  }),
  allow_privileged: onOff({ help: 'tasks may have privileged containers' }, false),
  kill_on_exit: onOff({ help: 'end all tasks when the agent is told to stop' }, false),
  detect: onOff({ help: 'say what would run tasks here, as JSON, and stop' }, false),
  ready_line: onOff(
    { help: 'the first line of output is JSON and says that it is ready', hidden: true },
    false,
  ),
  help: onOff({ help: 'this text' }, false),
};

/** Mesos's list of containerizers in Dawn's words. @throws Error */
export function containerizerOf(value: string): 'auto' | 'docker' | 'process' {
  const kinds = value.split(',').map((kind) => (kind.trim() === 'mesos' ? 'process' : kind.trim()));
  const known = kinds.filter((kind) => kind === 'docker' || kind === 'process' || kind === 'auto');
  if (known.length !== kinds.length || known.length === 0) throw new Error('take docker, mesos, or both');
  const [only] = known;
  return new Set(known).size === 1 && only !== undefined ? only : 'auto';
}
