/** Which realm a request belongs to, as a Mesos master has them. */
export type Realm = 'mesos-master-scheduler' | 'mesos-master-readonly' | 'mesos-master-readwrite';

/** Answered to anybody, authentication or not. */
const OPEN = new Set(['/health', '/version', '/redirect']);
/** Agents are not asked who they are. */
const AGENTS = '/dawn/';
/** Mesos's operator API: one path for reading and writing, and so in the realm of those who write. */
const OPERATOR = '/api/v1';
const SCHEDULER = '/api/v1/scheduler';
/** POST to these only reads (console API: what something would do). */
const PLANS = /^\/v1\/.*(?:plan|validate)$/;
/** What Mesos changes under paths of its own, besides `/api/v1`. GET reads them. */
const WRITES =
  /^\/(?:teardown|reserve|unreserve|create-volumes|destroy-volumes|machine\/(?:up|down)|maintenance\/schedule|weights|quota)(?:\/|$)/;

/** `path` without query; `/master/…` is the same as `/…`. Undefined: open to all. */
export function realmOf(method: string, path: string): Realm | undefined {
  const route = path.replace(/^\/master(?=\/)/, '').replace(/(?<=.)\/+$/, '');
  if (OPEN.has(route) || route.startsWith(AGENTS)) return undefined;
  if (route === SCHEDULER) return 'mesos-master-scheduler';
  if (route === OPERATOR || route.startsWith(`${OPERATOR}/`)) return 'mesos-master-readwrite';
  const reads = method === 'GET' || method === 'HEAD';
  if (route.startsWith('/v1/'))
    return reads || PLANS.test(route) ? 'mesos-master-readonly' : 'mesos-master-readwrite';
  return !reads && WRITES.test(route) ? 'mesos-master-readwrite' : 'mesos-master-readonly';
}
