import type { ExecutorCall } from '../../../shared/mesos/executor.ts';
import type { Subject } from '../../../shared/mesos/acls.ts';
import type { Decoded } from '../../libprocess/read-message.ts';

const UUID_BYTES = 16;
/** Calls that need the field of their name. */
const FIELDS: Readonly<Record<string, string>> = {
  SUBSCRIBE: 'subscribe',
  UPDATE: 'update',
  MESSAGE: 'message',
};

/** What is wrong with a decoded call, in Mesos's words; null: nothing. */
export function executorCallProblem(message: Decoded): string | null {
  const type = message['type'] as string | undefined;
  if (type === undefined) return "Expecting 'type' to be present";
  if (message['executor_id'] === undefined) return "Expecting 'executor_id' to be present";
  if (message['framework_id'] === undefined) return "Expecting 'framework_id' to be present";
  const field = FIELDS[type];
  if (field !== undefined && message[field] === undefined) return `Expecting '${field}' to be present`;
  return type === 'UPDATE' ? updateProblem(message as unknown as Update) : null;
}

type Update = Extract<ExecutorCall, { type: 'UPDATE' }>;

function updateProblem({ executor_id, framework_id, update: { status } }: Update): string | null {
  const who = `from executor ${executor_id.value} of framework ${framework_id.value}`;
  if (status.uuid === undefined) return "Expecting 'uuid' to be present";
  if (Buffer.from(status.uuid, 'base64').length !== UUID_BYTES) return 'Not a valid UUID';
  if (status.executor_id !== undefined && status.executor_id.value !== executor_id.value)
    return `ExecutorID in Call: ${executor_id.value} does not match ExecutorID in TaskStatus: ${status.executor_id.value}`;
  if (status.source !== 'SOURCE_EXECUTOR')
    return `Received Call ${who} with invalid source, expecting 'SOURCE_EXECUTOR'`;
  if (status.state === 'TASK_STAGING') return `Received TASK_STAGING ${who} which is not allowed`;
  return null;
}

/** Why whoever was asked who they are may not speak for an executor, in Mesos's words; null: it is that one, or nobody was asked. @param container in which that one runs */
export function claimsProblem(
  subject: Subject | undefined,
  { framework_id, executor_id }: Pick<ExecutorCall, 'framework_id' | 'executor_id'>,
  container: string,
): string | null {
  if (!subject) return null;
  const { fid, eid, cid } = 'claims' in subject ? subject.claims : {};
  const who = `Authenticated principal '${shown(subject)}' does not contain`;
  if (fid !== framework_id.value)
    return `${who} an 'fid' claim with the framework ID ${framework_id.value}, which is set in the call`;
  if (eid !== executor_id.value)
    return `${who} an 'eid' claim with the executor ID ${executor_id.value}, which is set in the call`;
  return cid === container ? null : `${who} a 'cid' claim with the correct active ContainerID`;
}

/** As libprocess prints one: `{ cid: …, eid: …, fid: … }` */
function shown(subject: Subject): string {
  if ('principal' in subject) return subject.principal;
  const claims = Object.entries(subject.claims).map(([name, value]) => `${name}: ${value}`);
  return `{ ${claims.join(', ')} }`;
}
