/** What an agent holds, as messages of mesos.v1. */
import { type MediaType, encodeMessage } from '../../../shared/mesos/wire/codec.ts';
import { type Field, repeatedItem, separatorOf } from '../../libprocess/wire-tree.ts';
import type { Usage } from '../containerizer.ts';
import { type ContainerId, idOf } from '../nested/container-id.ts';
import type { NestedContainers } from '../nested/nested.ts';
import type { AgentState, HeldTask } from '../state.ts';
import type { Access } from './access.ts';
import { type ExecutorView, type FrameworkView, executorsOf } from './view.ts';

/** mesos.v1.Task */
function taskMessage({ framework, task, status, statuses }: HeldTask): object {
  const { name, task_id, agent_id, resources, executor, labels, discovery, container, health_check } = task;
  return {
    name,
    task_id,
    framework_id: { value: framework },
    ...(executor ? { executor_id: executor.executor_id } : {}),
    agent_id,
    state: status.state,
    resources,
    statuses,
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
export function tasksFields(frameworks: readonly FrameworkView[], type: MediaType): Field[] {
  const list = (of: (view: ExecutorView) => readonly HeldTask[]): object[] =>
    frameworks.flatMap(({ executors }) => executors.flatMap((view) => of(view).map(taskMessage)));
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
export function executorsFields(frameworks: readonly FrameworkView[], type: MediaType): Field[] {
  const all = frameworks.flatMap(({ executors }) => executors);
  const list = (wanted: boolean): object[] =>
    all.filter(({ running }) => running === wanted).map(({ info }) => ({ executor_info: info }));
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
export function frameworksFields(frameworks: readonly FrameworkView[], type: MediaType): Field[] {
  const list = (wanted: boolean): object[] =>
    frameworks
      .filter(({ running }) => running === wanted)
      .flatMap(({ info }) => (info ? { framework_info: info } : []));
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
export function stateFields(frameworks: readonly FrameworkView[], type: MediaType): Field[] {
  return [
    { name: 'get_tasks', number: 1, fields: tasksFields(frameworks, type) },
    { name: 'get_executors', number: 2, fields: executorsFields(frameworks, type) },
    { name: 'get_frameworks', number: 3, fields: frameworksFields(frameworks, type) },
  ];
}

interface Wanted {
  /** Those inside of others as well: of tasks in that of an executor, and those that were started through the API. */
  readonly show_nested?: boolean;
  readonly show_standalone?: boolean;
}

/** mesos.v1.agent.Response.GetContainers; what is nested is shown to whoever may see the outermost. */
export function containersMessage(
  { state, nested }: { readonly state: AgentState; readonly nested: NestedContainers },
  access: Access,
  { show_nested: inner = false, show_standalone: alone = false }: Wanted,
  nowMs: number,
  used: ReadonlyMap<string, Usage>,
): object {
  const below = (root: string, ...more: string[]): object[] =>
    inner
      ? nested
          .within([root, ...more])
          .map((path) => containerOnly(idOf(path[0] === root ? path : [root, ...path])))
      : [];
  const ofTasks = containersSeen(state, access).flatMap((view) => {
    const inside = view.launched.filter(({ group }) => group !== undefined);
    return [
      containerMessage(view, nowMs, used.get(view.container)),
      ...(inner ? inside.map((held) => nestedMessage(held, view)) : []),
      ...below(view.container, ...inside.map(({ container }) => container)),
    ];
  });
  const seen = access.may('view_standalone_containers')
    ? [...state.alone.values()].filter(({ end }) => !end)
    : [];
  const standing = seen.flatMap(({ id }) => [...(alone ? [containerOnly({ value: id })] : []), ...below(id)]);
  return { containers: [...ofTasks, ...standing] };
}

/** Executors whose containers run, without those that are hidden. */
export function containersSeen(state: AgentState, access: Access): ExecutorView[] {
  return executorsOf(state).filter(({ running, user }) => running && access.may('view_containers', user));
}

function containerOnly(id: ContainerId): object {
  return { container_id: id, container_status: { container_id: id } };
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

function nestedMessage({ container, status }: HeldTask, owner: ExecutorView): object {
  const id = { value: container, parent: { value: owner.container } };
  return { container_id: id, container_status: { ...status.container_status, container_id: id } };
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
