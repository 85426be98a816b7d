/** What an agent holds, as messages of mesos.v1. */
import type { FrameworkInfo } from '../../../shared/mesos/v1.ts';
import { type MediaType, encodeMessage } from '../../../shared/mesos/wire/codec.ts';
import { type Field, repeatedItem, separatorOf } from '../../libprocess/wire-tree.ts';
import type { Usage } from '../containerizer.ts';
import type { AgentState, HeldTask } from '../state.ts';
import { type ExecutorView, executorsOf } from './view.ts';

/** mesos.v1.Task */
function taskMessage({ framework, task, status }: HeldTask): object {
  const { name, task_id, agent_id, resources, executor, labels, discovery, container, health_check } = task;
  return {
    name,
    task_id,
    framework_id: { value: framework },
    ...(executor ? { executor_id: executor.executor_id } : {}),
    agent_id,
    state: status.state,
    resources,
    statuses: [status],
    status_update_state: status.state,
    ...(status.uuid === undefined ? {} : { status_update_uuid: status.uuid }),
    ...(labels ? { labels } : {}),
    ...(discovery ? { discovery } : {}),
    ...(container ? { container } : {}),
    ...(health_check ? { health_check } : {}),
  };
}

/** A list as Mesos prints it: also when it is empty. */
type List = readonly [name: string, number: number, message: string, items: readonly object[]];

function fieldsOf(lists: readonly List[], type: MediaType): Field[] {
  return lists.map(([name, number, message, items]) => ({
    name,
    number,
    chunks: items.flatMap((item, at) => [
      ...(at > 0 ? [Buffer.from(separatorOf(type))] : []),
      repeatedItem(number, Buffer.from(encodeMessage(message, type, item)), type),
    ]),
  }));
}

/** mesos.v1.agent.Response.GetTasks */
export function tasksFields(state: AgentState, type: MediaType): Field[] {
  const views = executorsOf(state);
  const list = (of: (view: ExecutorView) => readonly HeldTask[]): object[] =>
    views.flatMap((view) => of(view).map(taskMessage));
  const task = 'mesos.v1.Task';
  return fieldsOf(
    [
      ['pending_tasks', 1, task, []],
      ['queued_tasks', 2, task, list(({ queued }) => queued)],
      ['launched_tasks', 3, task, list(({ launched }) => launched)],
      ['terminated_tasks', 4, task, list(({ terminated }) => terminated)],
      ['completed_tasks', 5, task, list(({ completed }) => completed)],
    ],
    type,
  );
}

/** mesos.v1.agent.Response.GetExecutors */
export function executorsFields(state: AgentState, type: MediaType): Field[] {
  const views = executorsOf(state);
  const list = (wanted: boolean): object[] =>
    views.filter(({ running }) => running === wanted).map(({ info }) => ({ executor_info: info }));
  const executor = 'mesos.v1.agent.Response.GetExecutors.Executor';
  return fieldsOf(
    [
      ['executors', 1, executor, list(true)],
      ['completed_executors', 2, executor, list(false)],
    ],
    type,
  );
}

/** mesos.v1.agent.Response.GetFrameworks */
export function frameworksFields(state: AgentState, type: MediaType): Field[] {
  const views = executorsOf(state);
  const running = new Set(views.filter((view) => view.running).map(({ framework }) => framework));
  const list = (wanted: boolean): object[] =>
    frameworksOf(state, views)
      .filter(({ id }) => running.has(id?.value ?? '') === wanted)
      .map((framework_info) => ({ framework_info }));
  const framework = 'mesos.v1.agent.Response.GetFrameworks.Framework';
  return fieldsOf(
    [
      ['frameworks', 1, framework, list(true)],
      ['completed_frameworks', 2, framework, list(false)],
    ],
    type,
  );
}

/** mesos.v1.agent.Response.GetState */
export function stateFields(state: AgentState, type: MediaType): Field[] {
  return [
    { name: 'get_tasks', number: 1, fields: tasksFields(state, type) },
    { name: 'get_executors', number: 2, fields: executorsFields(state, type) },
    { name: 'get_frameworks', number: 3, fields: frameworksFields(state, type) },
  ];
}

/** Those of which something runs or ran here. */
export function frameworksOf(state: AgentState, views: readonly ExecutorView[]): FrameworkInfo[] {
  const ids = new Set(views.map(({ framework }) => framework));
  return [...ids].flatMap((id) => state.frameworks.get(id) ?? []);
}

/** mesos.v1.agent.Response.GetContainers. @param nested containers of tasks in the container of an executor as well */
export function containersMessage(
  state: AgentState,
  nowMs: number,
  nested: boolean,
  used: ReadonlyMap<string, Usage>,
): object {
  const containers = executorsOf(state)
    .filter(({ running }) => running)
    .flatMap((view) => [
      containerMessage(view, nowMs, used.get(view.container)),
      ...(nested ? view.launched.filter(({ group }) => group !== undefined).map(nestedMessage) : []),
    ]);
  return { containers };
}

function containerMessage(
  { framework, info, container, launched, queued }: ExecutorView,
  nowMs: number,
  used: Usage | undefined,
): object {
  const where = launched.find((held) => held.container === container)?.status.container_status;
  return {
    framework_id: { value: framework },
    executor_id: info.executor_id,
    executor_name: info.name ?? '',
    container_id: { value: container },
    container_status: {
      container_id: { value: container },
      ...(where?.executor_pid === undefined ? {} : { executor_pid: where.executor_pid }),
    },
    resource_statistics: statisticsOf(info, [...launched, ...queued], nowMs, used),
  };
}

function nestedMessage({ container, status }: HeldTask): object {
  return { container_id: { value: container }, container_status: status.container_status ?? {} };
}

/** mesos.v1.ResourceStatistics: what it may use, and what it does. */
export function statisticsOf(
  info: ExecutorView['info'],
  tasks: readonly HeldTask[],
  nowMs: number,
  used: Usage = {},
): Record<string, number> {
  const own = tasks.some(({ task }) => task.executor) ? (info.resources ?? []) : [];
  const all = [...own, ...tasks.flatMap(({ task }) => task.resources)];
  const sum = (name: string): number =>
    all.reduce((total, each) => total + (each.name === name ? (each.scalar?.value ?? 0) : 0), 0);
  const bytes = Math.round(sum('mem') * 1024 * 1024);
  return {
    timestamp: nowMs / 1000,
    cpus_soft_limit: Math.round(sum('cpus') * 1000) / 1000,
    mem_limit_bytes: bytes,
    mem_soft_limit_bytes: bytes,
    ...used,
  };
}
