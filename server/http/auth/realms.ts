import { componentsOf } from '../../libprocess/path.ts';

/** Which realm a request belongs to, as Mesos has them, and one for agents that speak to a master. */
export type Realm =
  | 'mesos-master-scheduler'
  | 'mesos-master-readonly'
  | 'mesos-master-readwrite'
  | 'dawn-master-agent'
  | 'mesos-agent-readonly'
  | 'mesos-agent-readwrite'
  | 'mesos-agent-executor';

/** Answered to anybody, authentication or not. */
const OPEN: ReadonlySet<string> = new Set(['health', 'version', 'redirect']);
/** Mesos's endpoints that only read, whatever the method: clients POST to some of them. */
const READS: ReadonlySet<string> = new Set([
  'state',
  'state-summary',
  'tasks',
  'slaves',
  'frameworks',
  'roles',
  'flags',
  'metrics',
  'files',
  'system',
]);

/**
 * Undefined: open to all. Paths are taken apart as the routes do it, or another way to write one would be a way around the question; what is none of these
 * counts as a change. The operator API reads and writes under one path, and so is in the realm of those who write, also for a GET_HEALTH.
 */
export function realmOf(method: string, url: string): Realm | undefined {
  const path = componentsOf(url);
  const reads = method === 'GET' || method === 'HEAD';
  // Where agents speak; in Mesos that is no path, but libprocess.
  if (path[0] === 'dawn') return 'dawn-master-agent';
  // Console API: what something would do is told under one path, and only there; a job may be called plan as well.
  if (path[0] === 'v1')
    return reads || path.join('/') === 'v1/plan' ? 'mesos-master-readonly' : 'mesos-master-readwrite';
  const [first = '', second = '', third = ''] = path[0] === 'master' ? path.slice(1) : path;
  if (OPEN.has(first)) return undefined;
  // A GET sets it.
  if (first === 'logging') return 'mesos-master-readwrite';
  if (first === 'api')
    return second === 'v1' && third === 'scheduler' ? 'mesos-master-scheduler' : 'mesos-master-readwrite';
  return reads || READS.has(first) ? 'mesos-master-readonly' : 'mesos-master-readwrite';
}

/**
 * Of an agent. Its operator API reads and runs commands under one path, and sets how much is logged under another; executors speak under a longer one. What a server asks of
 * tasks (`/dawn`) is read, as Mesos's `/files` are. Undefined: open to all.
 */
export function agentRealmOf(_method: string, url: string): Realm | undefined {
  const path = componentsOf(url);
  const [first = '', second, third] = path[0] === 'slave(1)' ? path.slice(1) : path;
  if (first === 'api')
    return second === 'v1' && third === 'executor' ? 'mesos-agent-executor' : 'mesos-agent-readwrite';
  if (first === 'logging') return 'mesos-agent-readwrite';
  return first === 'health' || first === 'version' ? undefined : 'mesos-agent-readonly';
}
