import type { Replaced } from './parse.ts';
import { BOTH, FIXED, NO_ELECTION, all } from './replaced.ts';

/** Flags of a Mesos 1.12 master that Dawn does not have, by what to do instead. */
export const MASTER_REPLACED: Replaced = new Map(
  Object.entries({
    ...BOTH,
    ...all(['zk', 'quorum', 'master_contender', 'master_detector'], NO_ELECTION),
    ...all(
      [
        'registry',
        'log_auto_initialize',
        'registry_fetch_timeout',
        'registry_store_timeout',
        'registry_strict',
      ],
      'the store is one file below --work_dir; nothing is replicated',
    ),
    ...all(
      [
        'registry_gc_interval',
        'registry_max_agent_age',
        'registry_max_agent_count',
        'recovery_agent_removal_limit',
        'agent_removal_rate_limit',
        'allocator_agent_recovery_factor',
        'allocator_recovery_timeout',
        'fair_sharing_excluded_resource_names',
        'filter_gpu_resources',
        'offer_constraints_re2_max_mem',
        'offer_constraints_re2_max_program_size',
        'max_completed_frameworks',
        'max_completed_tasks_per_framework',
        'max_unreachable_tasks_per_framework',
        'max_executors_per_agent',
        'max_operator_event_stream_subscribers',
        'publish_per_framework_metrics',
      ],
      FIXED,
    ),
    authenticate_slaves: 'it is called --authenticate_agents',
    ...all(
      ['authenticate_frameworks', 'authenticate', 'authenticators', 'authentication_v0_timeout'],
      'only HTTP is spoken: use the authenticate_http flags',
    ),
    http_authenticators: 'there is one way, HTTP Basic: switch it on with the authenticate_http flags',
    allocator: 'there is one allocator, hierarchical DRF',
    ...all(
      ['framework_sorter', 'role_sorter', 'user_sorter'],
      'sharing is by dominant resource, always; use --weights',
    ),
    rate_limits: 'there are no rate limits; put a proxy in front of it',
    root_submissions: 'say with --acls (run_tasks) which users tasks may run as',
    slave_ping_timeout: 'it is called --agent_ping_timeout',
    max_slave_ping_timeouts: 'it is called --max_agent_ping_timeouts',
    slave_reregister_timeout: 'it is called --agent_reregister_timeout',
    webui_dir: 'there is no web page; use dawn console',
  }),
);
