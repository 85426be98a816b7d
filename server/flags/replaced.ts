/** What to use instead of flags of Mesos 1.12 that Dawn does not have: those that master and agent share. */
const NO_MODULES = 'modules cannot be loaded';
const LOGGED = 'the log is JSON on stderr, to be redirected';
const ONE_AUTHORIZER = 'there is one authorizer; say who may do what with --acls';
export const NO_ELECTION =
  'there is no ZooKeeper: start a second one with --standby on the same --work_dir, and name both wherever a master is named';
export const FIXED = 'it is as Mesos has it by default, and cannot be set';

export const BOTH: Readonly<Record<string, string>> = {
  hooks: NO_MODULES,
  modules: NO_MODULES,
  modules_dir: NO_MODULES,
  authorizers: ONE_AUTHORIZER,
  authorizer: ONE_AUTHORIZER,
  firewall_rules: 'put a proxy in front of it, or use --acls',
  log_dir: LOGGED,
  logbufsecs: LOGGED,
  logging_level: LOGGED,
  external_log_file: LOGGED,
  initialize_driver_logging: LOGGED,
  quiet: LOGGED,
  ip_discovery_command: 'give the address with --ip',
  advertise_ip: 'give the address with --ip',
  advertise_port: 'give the port with --port',
  hostname_lookup: 'give the name with --hostname',
  domain: 'use attributes for regions and zones, and constraints on them',
  require_agent_domain: 'use attributes for regions and zones, and constraints on them',
  zk_session_timeout: NO_ELECTION,
  memory_profiling: 'use node --heapsnapshot-signal=SIGUSR2',
  version: 'use dawn --version',
};

/** The same instead of each of them. */
export function all(names: readonly string[], instead: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, instead]));
}
