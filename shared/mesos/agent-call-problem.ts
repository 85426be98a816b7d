/**
 * What an agent may say, checked at the door: the master trusts what has passed here. By hand, for thousands of agents come back at once with all of their tasks; what it refuses is
 * held against a schema in the tests.
 */
import {
  type Check,
  type Fields,
  type Problem,
  NO_OBJECT,
  NONE,
  at,
  isObject,
  list,
  matching,
  oneOf,
  optional,
  printable,
  text,
} from './plain-checks.ts';
import { TASK_STATES } from './v1.ts';

const STATES: ReadonlySet<unknown> = new Set(TASK_STATES);
const RESOURCE_TYPES: ReadonlySet<unknown> = new Set(['SCALAR', 'RANGES', 'SET']);
const ATTRIBUTE_TYPES: ReadonlySet<unknown> = new Set(['SCALAR', 'RANGES', 'SET', 'TEXT']);

/** Far above any machine; far below where thousandths of it stop being exact. */
const SCALAR_MAX = 1e12;
const PORT_MAX = 65_535;
const RANGES_MAX = 10_000;
const TASKS_MAX = 20_000;
const RESOURCES_MAX = 100;
const ITEMS_MAX = 1000;
const MESSAGE_LENGTH_MAX = 64 * 1024;
const NAME = /^[\w.-]{1,255}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @returns what is wrong with a call of an agent, or null; members that are not known are let through */
export function agentCallProblem(value: unknown): string | null {
  return call(value) || null;
}

function call(value: unknown): Problem {
  if (!isObject(value)) return ': a call is an object';
  if (value['type'] === 'SUBSCRIBE') return at('subscribe', subscribe(value['subscribe']));
  const { type } = value;
  const body =
    type === 'UPDATE'
      ? at('update', update(value['update']))
      : type === 'FRAMEWORK_MESSAGE'
        ? at('framework_message', frameworkMessage(value['framework_message']))
        : type === 'EXITED_EXECUTOR'
          ? at('exited_executor', exitedExecutor(value['exited_executor']))
          : type === 'PONG' || type === 'UNREGISTER'
            ? NONE
            : 'type: there is no such call';
  return body || at('agent_id', id(value['agent_id']));
}

function subscribe(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  return (
    at('agent_info', agentInfo(value['agent_info'])) ||
    at('tasks', list(value['tasks'], TASKS_MAX, agentTask)) ||
    at('executors', optional(value['executors'], executors)) ||
    at('boot_id', text(value['boot_id'], 1, 64))
  );
}

function agentInfo(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  return (
    at('id', optional(value['id'], id)) ||
    at('hostname', matching(value['hostname'], NAME)) ||
    at('port', port(value['port'])) ||
    at('ip', text(value['ip'], 0, 64)) ||
    at('resources', list(value['resources'], RESOURCES_MAX, resource)) ||
    at('attributes', list(value['attributes'], RESOURCES_MAX, attribute)) ||
    at('containerizer', text(value['containerizer'], 0, 32)) ||
    at('version', text(value['version'], 0, 64))
  );
}

function agentTask(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  return (
    at('framework_id', id(value['framework_id'])) ||
    at('task', task(value['task'])) ||
    at('status', status(value['status']))
  );
}

function task(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  return (
    at('name', text(value['name'], 0, 1024)) ||
    at('task_id', id(value['task_id'])) ||
    at('agent_id', id(value['agent_id'])) ||
    at('resources', list(value['resources'], RESOURCES_MAX, resource))
  );
}

function status(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  return (
    at('task_id', id(value['task_id'])) ||
    at('state', oneOf(value['state'], STATES)) ||
    at('message', optional(value['message'], message)) ||
    at('uuid', optional(value['uuid'], uuid))
  );
}

const message: Check = (value) => text(value, 0, MESSAGE_LENGTH_MAX);
const uuid: Check = (value) => text(value, 1, 64);
const state: Check = (value) => oneOf(value, STATES);
const executors: Check = (value) => list(value, TASKS_MAX, agentExecutor);

function agentExecutor(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  const { executor } = value;
  return (
    at('framework_id', id(value['framework_id'])) ||
    at('executor', isObject(executor) ? at('executor_id', id(executor['executor_id'])) : NO_OBJECT)
  );
}

function update(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  return (
    at('framework_id', id(value['framework_id'])) ||
    at('status', status(value['status'])) ||
    at('latest_state', optional(value['latest_state'], state))
  );
}

function frameworkMessage(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  return ids(value) || at('data', message(value['data']) || matching(value['data'], BASE64));
}

function exitedExecutor(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  return ids(value) || at('status', Number.isSafeInteger(value['status']) ? NONE : ': is no whole number');
}

function ids(value: Fields): Problem {
  return at('framework_id', id(value['framework_id'])) || at('executor_id', id(value['executor_id']));
}

function resource(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  return (
    at('name', name(value['name'])) ||
    at('type', oneOf(value['type'], RESOURCE_TYPES)) ||
    at('scalar', optional(value['scalar'], scalar)) ||
    at('ranges', optional(value['ranges'], ranges))
  );
}

function attribute(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  return (
    at('name', name(value['name'])) ||
    at('type', oneOf(value['type'], ATTRIBUTE_TYPES)) ||
    at('text', optional(value['text'], textValue)) ||
    at('set', optional(value['set'], set)) ||
    at('scalar', optional(value['scalar'], scalar)) ||
    at('ranges', optional(value['ranges'], ranges))
  );
}

const textValue: Check = (value) => (isObject(value) ? at('value', item(value['value'])) : NO_OBJECT);
const set: Check = (value) =>
  isObject(value) ? at('item', list(value['item'], ITEMS_MAX, item)) : NO_OBJECT;
const item: Check = (value) => printable(value, 0, 255);
const ranges: Check = (value) =>
  isObject(value) ? at('range', list(value['range'], RANGES_MAX, range)) : NO_OBJECT;

function scalar(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  const { value: amount } = value;
  return typeof amount === 'number' && amount >= 0 && amount <= SCALAR_MAX
    ? NONE
    : `value: is no number from 0 to ${SCALAR_MAX}`;
}

function range(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  const { begin, end } = value;
  const problem = at('begin', port(begin)) || at('end', port(end));
  return problem || ((begin as number) <= (end as number) ? NONE : ': a range ends before it begins');
}

function port(value: unknown): Problem {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= PORT_MAX
    ? NONE
    : `: is no whole number from 0 to ${PORT_MAX}`;
}

/** Of a framework, an agent, a task: nothing beside its value. */
function id(value: unknown): Problem {
  if (!isObject(value)) return NO_OBJECT;
  for (const key in value) if (key !== 'value') return `: Unrecognized key: "${key}"`;
  return at('value', printable(value['value'], 1, 512));
}

function name(value: unknown): Problem {
  return value === '__proto__' ? ': not a name' : matching(value, NAME);
}
