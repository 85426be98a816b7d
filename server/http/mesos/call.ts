import type { UncheckedCall } from '../../master/call-problem.ts';
import type { Call } from '../../../shared/mesos/scheduler.ts';
import { inDoubles } from '../../../shared/mesos/wire/doubles.ts';

type Message = Record<string, unknown>;

/**
 * A validated message as the call that the master takes: lists that were left out are empty, integers are doubles. Operations of a type that the master does not perform are dropped without a
 * word, as Mesos does with those that it does not know.
 */
export function toCall(message: UncheckedCall): Call {
  const call = inDoubles(message) as Message;
  const body = (name: string): Message => ({ ...(call[name] as Message) });
  switch (call['type']) {
    case 'ACCEPT':
      call['accept'] = withOperations(withLists(body('accept'), ['offer_ids', 'operations']));
      break;
    case 'DECLINE':
      call['decline'] = withLists(body('decline'), ['offer_ids']);
      break;
    case 'RECONCILE':
      call['reconcile'] = withLists(body('reconcile'), ['tasks']);
      break;
    case 'RECONCILE_OPERATIONS':
      call['reconcile_operations'] = withLists(body('reconcile_operations'), ['operations']);
      break;
    case 'ACCEPT_INVERSE_OFFERS':
      call['accept_inverse_offers'] = withLists(body('accept_inverse_offers'), ['inverse_offer_ids']);
      break;
    case 'DECLINE_INVERSE_OFFERS':
      call['decline_inverse_offers'] = withLists(body('decline_inverse_offers'), ['inverse_offer_ids']);
      break;
  }
  return call as unknown as Call;
}

function withLists(message: Message, names: readonly string[]): Message {
  for (const name of names) message[name] ??= [];
  return message;
}

/** The field that an operation's substance is in. */
const OPERATIONS: Readonly<Record<string, string>> = {
  LAUNCH: 'launch',
  LAUNCH_GROUP: 'launch_group',
  RESERVE: 'reserve',
  UNRESERVE: 'unreserve',
  CREATE: 'create',
  DESTROY: 'destroy',
  GROW_VOLUME: 'grow_volume',
  SHRINK_VOLUME: 'shrink_volume',
};

function withOperations(accept: Message): Message {
  const operations = (accept['operations'] as Message[]).filter(
    (operation) => operation[OPERATIONS[String(operation['type'])] ?? ''] !== undefined,
  );
  return { ...accept, operations: operations.map(withTasks) };
}

function withTasks(operation: Message): Message {
  if (operation['type'] === 'LAUNCH') {
    const launch = operation['launch'] as Message;
    return { ...operation, launch: { task_infos: tasksOf(launch['task_infos']) } };
  }
  if (operation['type'] !== 'LAUNCH_GROUP') return operation;
  const group = operation['launch_group'] as Message;
  const { tasks } = group['task_group'] as Message;
  return { ...operation, launch_group: { ...group, task_group: { tasks: tasksOf(tasks) } } };
}

function tasksOf(tasks: unknown): Message[] {
  return ((tasks ?? []) as Message[]).map((task) => withLists({ ...task }, ['resources']));
}
