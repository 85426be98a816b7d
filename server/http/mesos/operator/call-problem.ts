import type { MasterCall } from './parts.ts';

/** Calls that cannot do without the field of their name. */
const WITH_FIELD: ReadonlySet<string> = new Set([
  'GET_METRICS',
  'SET_LOGGING_LEVEL',
  'LIST_FILES',
  'READ_FILE',
  'UPDATE_WEIGHTS',
  'RESERVE_RESOURCES',
  'UNRESERVE_RESOURCES',
  'CREATE_VOLUMES',
  'DESTROY_VOLUMES',
  'GROW_VOLUME',
  'SHRINK_VOLUME',
  'UPDATE_MAINTENANCE_SCHEDULE',
  'START_MAINTENANCE',
  'STOP_MAINTENANCE',
  'DRAIN_AGENT',
  'DEACTIVATE_AGENT',
  'REACTIVATE_AGENT',
  'UPDATE_QUOTA',
  'SET_QUOTA',
  'REMOVE_QUOTA',
  'TEARDOWN',
  'MARK_AGENT_GONE',
]);
const WITHOUT_FIELD: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'GET_HEALTH',
  'GET_FLAGS',
  'GET_VERSION',
  'GET_LOGGING_LEVEL',
  'GET_STATE',
  'GET_AGENTS',
  'GET_FRAMEWORKS',
  'GET_EXECUTORS',
  'GET_OPERATIONS',
  'GET_TASKS',
  'GET_ROLES',
  'GET_WEIGHTS',
  'GET_MASTER',
  'SUBSCRIBE',
  'GET_MAINTENANCE_STATUS',
  'GET_MAINTENANCE_SCHEDULE',
  'GET_QUOTA',
]);

/** The field that goes with a type: `UPDATE_QUOTA` → `update_quota`. */
export function fieldOf(type: string): string {
  return type.toLowerCase();
}

/** A decoded mesos.v1.master.Call, or what is wrong with it. A type that the schema does not have is no type, as Mesos reads it. */
export function checkCall(
  message: Readonly<Record<string, unknown>>,
): { readonly ok: true; readonly call: MasterCall } | { readonly ok: false; readonly problem: string } {
  const { type } = message;
  if (typeof type !== 'string' || !(WITH_FIELD.has(type) || WITHOUT_FIELD.has(type)))
    return { ok: false, problem: "Expecting 'type' to be present" };
  const field = fieldOf(type);
  if (WITH_FIELD.has(type) && (typeof message[field] !== 'object' || message[field] === null))
    return { ok: false, problem: `Expecting '${field}' to be present` };
  return { ok: true, call: { ...message, type } };
}
