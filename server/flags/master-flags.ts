import { COMMON_FLAGS } from './common-flags.ts';
import { checked, duration, onOff, optionalDuration, text, whole } from './flag.ts';
import { parseQuantities } from './quantities.ts';
import { parseRoles, parseWeights } from './roles.ts';

const DAY_MS = 24 * 3_600_000;

/** `dawn master`: a master alone, for any frameworks. */
export const MASTER_FLAGS = {
  ip: text({ help: 'where it listens', placeholder: 'ADDRESS', mesos: true, aliases: ['host'] }, '127.0.0.1'),
  port: whole({ help: '0: any free one', mesos: true }, 5050, 0, 65535),
  work_dir: text(
    { help: 'where the store is', placeholder: 'DIR', mesos: true, aliases: ['data_dir'] },
    './dawn-data',
  ),
  standby: onOff(
    {
      help: 'while another server has the store of --work_dir, wait for it and send whoever comes to that one; lead when it goes',
    },
    false,
  ),
  cluster: text({ help: 'its name', placeholder: 'NAME', mesos: true, aliases: ['name'] }, 'dawn'),
  roles: checked(
    { help: 'roles that frameworks may have, with commas; any if not set', placeholder: 'LIST', mesos: true },
    '',
    parseRoles,
  ),
  weights: checked(
    {
      help: 'shares of roles, as role=weight,…; 1 for each that is not named',
      placeholder: 'LIST',
      mesos: true,
    },
    '',
    parseWeights,
  ),
  allocation_interval: optionalDuration(
    { help: 'between looks at what became free, as in Mesos; it is offered at once if not set', mesos: true },
    1,
    DAY_MS,
  ),
  offer_timeout: optionalDuration(
    { help: 'after which an offer that nobody answered is taken back; never if not set', mesos: true },
    1,
    DAY_MS,
  ),
  whitelist: text({
    help: 'hosts whose agents are offered, one a line; read again every 5 s; everybody if not set',
    placeholder: 'FILE',
    mesos: true,
  }),
  min_allocatable_resources: checked(
    {
      help: 'less than this of an agent is not offered: ; is and, | is or; nothing: any amount',
      placeholder: 'LIST',
      mesos: true,
    },
    'cpus:0.01|mem:32',
    parseQuantities,
  ),
  agent_ping_timeout: duration(
    { help: 'between pings of an agent', mesos: true },
    '15secs',
    1000,
    15 * 60_000,
  ),
  max_agent_ping_timeouts: whole(
    { help: 'so many unanswered in a row make it unreachable', mesos: true },
    5,
    1,
    1000,
  ),
  agent_reregister_timeout: duration(
    { help: 'for agents to come back after a restart of the master', mesos: true },
    '10mins',
    10 * 60_000,
    21 * DAY_MS,
  ),
  authenticate_agents: onOff({ help: 'ask agents for a principal and its secret', mesos: true }, false),
  authenticate_http_frameworks: onOff(
    { help: 'ask schedulers for a principal and its secret', mesos: true },
    false,
  ),
  http_framework_authenticators: checked(
    { help: 'how they are asked; there is one way', placeholder: 'basic', mesos: true },
    'basic',
    (value) => {
      if (value !== 'basic') throw new Error('only basic is there');
    },
  ),
  credentials: text({
    help: 'principals and secrets: a JSON file {"credentials":[{"principal":…,"secret":…}]}, or lines of both',
    placeholder: 'FILE',
    mesos: true,
  }),
  ...COMMON_FLAGS,
};
