/** mesos.v1.scheduler.Call as it came in: known fields with the right types, but nothing is known yet of which are there. */
export type UncheckedCall = Readonly<Record<string, unknown>>;

/** Calls whose body is a field of the same name, which must be there. REVIVE, SUPPRESS and TEARDOWN need none. */
const WITH_BODY: ReadonlySet<string> = new Set([
  'ACCEPT',
  'DECLINE',
  'ACCEPT_INVERSE_OFFERS',
  'DECLINE_INVERSE_OFFERS',
  'KILL',
  'SHUTDOWN',
  'ACKNOWLEDGE',
  'ACKNOWLEDGE_OPERATION_STATUS',
  'RECONCILE',
  'RECONCILE_OPERATIONS',
  'MESSAGE',
  'REQUEST',
  'UPDATE_FRAMEWORK',
]);

/** … and UNKNOWN, a type like the others until somebody is to act on it. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['TEARDOWN', 'REVIVE', 'SUPPRESS', 'UNKNOWN']);

/** Base64 of the 16 bytes of a UUID, with or without its padding. */
const UUID_BASE64_LENGTHS: ReadonlySet<number> = new Set([22, 24]);

/**
 * Mesos's validation of a scheduler's call before anybody looks at who sent it: a sentence without the leading "Failed to validate scheduler::Call: ", or null.
 * @param principal of the authenticated sender; undefined where nobody is asked.
 */
export function callProblem(call: UncheckedCall, principal?: string): string | null {
  const type = call['type'];
  if (type === 'SUBSCRIBE') return subscribeProblem(call, principal);
  // A name that is no type counts as none.
  if (typeof type !== 'string' || !(WITH_BODY.has(type) || WITHOUT_BODY.has(type))) return missing('type');
  if (call['framework_id'] === undefined) return missing('framework_id');
  if (!WITH_BODY.has(type)) return null;
  const field = type.toLowerCase();
  const body = call[field] as UncheckedCall | undefined;
  if (body === undefined) return missing(field);
  if (type === 'ACKNOWLEDGE' || type === 'ACKNOWLEDGE_OPERATION_STATUS') {
    if (!isUuid(body['uuid'])) return 'Not a valid UUID';
    return type === 'ACKNOWLEDGE' || body['agent_id'] !== undefined ? null : missing('agent_id');
  }
  if (type !== 'UPDATE_FRAMEWORK') return null;
  const info = body['framework_info'] as UncheckedCall;
  return idOf(info, 'id') === idOf(call, 'framework_id')
    ? null
    : "'framework_id' differs from 'update_framework.framework_info.id'";
}

function subscribeProblem(call: UncheckedCall, principal: string | undefined): string | null {
  const subscribe = call['subscribe'] as UncheckedCall | undefined;
  if (subscribe === undefined) return missing('subscribe');
  const info = subscribe['framework_info'] as UncheckedCall;
  if (idOf(info, 'id') !== idOf(call, 'framework_id'))
    return "'framework_id' differs from 'subscribe.framework_info.id'";
  const claimed = info['principal'];
  return principal === undefined || claimed === undefined || claimed === principal
    ? null
    : principalMismatch(principal, String(claimed));
}

/** Told with and without the leading sentence, depending on the call. */
export function principalMismatch(principal: string, claimed: string): string {
  return `Authenticated principal '${principal}' does not match principal '${claimed}' set in \`FrameworkInfo\``;
}

function missing(field: string): string {
  return `Expecting '${field}' to be present`;
}

/** An absent id is an empty one. */
function idOf(message: UncheckedCall, field: string): string {
  return ((message[field] as { value?: string } | undefined)?.value ?? '') as string;
}

function isUuid(text: unknown): boolean {
  if (typeof text !== 'string' || !UUID_BASE64_LENGTHS.has(text.length)) return false;
  return text.replace(/=+$/, '').length === 22;
}
