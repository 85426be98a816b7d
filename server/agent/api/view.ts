import type { ExecutorInfo, FrameworkInfo, TaskInfo } from '../../../shared/mesos/v1.ts';
import { type AgentState, type HeldTask, executorIdOf, taskKey } from '../state.ts';
import { isOver } from '../statuses.ts';

/** An executor with its tasks, as Mesos's agents show them: that of a command has the id of its task. */
export interface ExecutorView {
  readonly framework: string;
  readonly info: ExecutorInfo;
  readonly container: string;
  /** Whom it runs as, by its command or its framework, if one of them says. */
  readonly user: string | undefined;
  /** It, or a task of it, is still there. */
  running: boolean;
  /** Waiting for the executor to subscribe. */
  readonly queued: HeldTask[];
  readonly launched: HeldTask[];
  /** Over, and the master does not know yet. */
  readonly terminated: HeldTask[];
  readonly completed: HeldTask[];
}

/** A framework of which something runs or ran here. */
export interface FrameworkView {
  readonly id: string;
  /** Absent: nobody told the agent. */
  readonly info: FrameworkInfo | undefined;
  readonly running: boolean;
  readonly executors: readonly ExecutorView[];
}

/** Everything that runs or ran here, by framework. */
export function frameworksOf(state: AgentState): FrameworkView[] {
  const found = new Map<string, ExecutorView[]>();
  for (const view of executorsOf(state)) {
    const executors = found.get(view.framework);
    if (executors) executors.push(view);
    else found.set(view.framework, [view]);
  }
  return [...found].map(([id, executors]) => ({
    id,
    info: state.frameworks.get(id),
    running: executors.some(({ running }) => running),
    executors,
  }));
}

/** The executor in whose container, or in that of a task of which, something is; undefined: in none that is still there. @param path ids of containers from the outermost in */
export function ownerOf(state: AgentState, path: readonly string[]): ExecutorView | undefined {
  return executorsOf(state).find(
    ({ running, container, launched, queued }) =>
      running &&
      (path.includes(container) || [...launched, ...queued].some((held) => path.includes(held.container))),
  );
}

/** Where a task runs or ran, and as whom; the newest, where frameworks gave one id to several. */
export function placeOf(
  state: AgentState,
  taskId: string,
): { readonly container: string; readonly user: string | undefined } | undefined {
  const held = [...state.ended, ...state.tasks.values()].findLast(
    ({ task }) => task.task_id.value === taskId,
  );
  if (!held) return undefined;
  const owner = executorsOf(state).find(({ queued, launched, terminated, completed }) =>
    [queued, launched, terminated, completed].some((list) => list.includes(held)),
  );
  return { container: held.container, user: owner?.user };
}

/** Everything that runs or ran here, oldest first. */
export function executorsOf(state: AgentState): ExecutorView[] {
  const found = new Map<string, ExecutorView>();
  const add = (framework: string, info: ExecutorInfo, container: string): ExecutorView => {
    // Another run of an executor of that id is another executor.
    const key = `${taskKey(framework, info.executor_id.value)}/${container}`;
    let view = found.get(key);
    if (!view) {
      const lists = { queued: [], launched: [], terminated: [], completed: [] };
      const user = info.command?.user ?? state.frameworks.get(framework)?.user;
      found.set(key, (view = { framework, info, container, user, running: false, ...lists }));
    }
    return view;
  };
  const of = (held: HeldTask): ExecutorView => {
    const { framework, task, container } = held;
    const info = task.executor ?? commandExecutor(framework, task);
    const owner = state.executors.get(taskKey(framework, executorIdOf(task)))?.container;
    return add(framework, info, held.group === undefined ? container : (owner ?? parentOf(held)));
  };
  for (const held of state.ended) of(held).completed.push(held);
  for (const { framework, info, container } of state.executors.values())
    add(framework, info, container).running = true;
  for (const held of state.tasks.values()) {
    const view = of(held);
    view.running = true;
    if (isOver(held)) view.terminated.push(held);
    else if (held.status.state === 'TASK_STAGING') view.queued.push(held);
    else view.launched.push(held);
  }
  return [...found.values()];
}

function parentOf({ status, container }: HeldTask): string {
  return status.container_status?.container_id?.parent?.value ?? container;
}

/** The words in which Mesos's command executor names itself are cut off behind this. */
const COMMAND_CHARACTERS = 15;

function commandExecutor(framework: string, { task_id, command, resources, labels }: TaskInfo): ExecutorInfo {
  const line =
    command?.shell === false ? [command.value ?? '', ...(command.arguments ?? [])].join(' ') : command?.value;
  const words = line === undefined ? '' : shown(command?.shell === false ? line : `sh -c '${line}'`);
  return {
    executor_id: task_id,
    framework_id: { value: framework },
    ...(command ? { command } : {}),
    resources,
    name: `Command Executor (Task: ${task_id.value}) (Command: ${words})`,
    source: task_id.value,
    ...(labels ? { labels } : {}),
  };
}

/** `sh -c 'echo out; ec...'` */
function shown(line: string): string {
  const [, head = '', inner = '', tail = ''] = /^(sh -c ')?(.*?)(')?$/s.exec(line) ?? [];
  return inner.length > COMMAND_CHARACTERS ? `${head}${inner.slice(0, 12)}...${tail}` : line;
}
