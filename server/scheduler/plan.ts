import type { Actor, Command } from '../../shared/command.ts';
import type { ConfigChange } from '../../shared/api/views.ts';
import type { TaskConfig } from '../../shared/job/config.ts';
import type { Refusal } from '../../shared/errors.ts';
import type { ConfigId, JobKey } from '../../shared/ids.ts';
import { instancesIn } from '../../shared/ids.ts';
import { contentId, configId } from '../../shared/job/config-id.ts';
import { diffConfigs } from '../../shared/job/diff.ts';
import type { AgentView } from './capacity.ts';
import { decide } from './decide.ts';
import type { Env } from './facts.ts';
import { splitGroupKey } from './group-key.ts';
import { diffJob } from './update/diff.ts';
import { copyOf, finishUpdate, leftOf } from './rehearsal.ts';
import type { WhyReport } from './why.ts';
import { explainGroup } from './why.ts';
import type { World } from './world.ts';

export interface PendingGroup {
  readonly instances: readonly number[];
  readonly sinceMs: number;
  readonly why: WhyReport;
}

/** What a command would do; nothing of it happens. */
export interface PlanReport {
  readonly key: JobKey;
  readonly action: 'create' | 'update' | 'scale' | 'kill' | 'restart' | 'update-command' | 'none';
  readonly message: string;
  readonly add: readonly number[];
  readonly change: readonly number[];
  readonly remove: readonly number[];
  readonly unchanged: readonly number[];
  readonly diff: readonly ConfigChange[];
  readonly placements: readonly { readonly instance: number; readonly host: string | null }[];
  readonly pending: readonly PendingGroup[];
  readonly refused: Refusal | null;
  readonly planId: string;
}

const NO_INSTANCES = { add: [], change: [], remove: [], unchanged: [] } as const;

/** Runs the real core on a copy of the world that is offered all that is free, and tells what came of it. */
export function plan(
  world: World,
  command: Command,
  actor: Actor,
  env: Env,
  agents: readonly AgentView[],
): PlanReport {
  const key = command.kind === 'job.submit' ? command.job.key : command.key;
  const planId = planIdOf(world, key, command);
  const copy = copyOf(world, agents, env);
  const outcome = decide(copy, { kind: 'command', command, actor }, env);
  const reply = outcome.reply;
  const empty = { key, ...NO_INSTANCES, diff: [], placements: [], pending: [], planId };
  if (!reply || !reply.ok) {
    return { ...empty, action: 'none', message: reply?.error.message ?? '', refused: reply?.error ?? null };
  }
  if (reply.value.action === 'unchanged')
    return { ...empty, action: 'none', message: reply.value.message, refused: null };
  const instances = touched(world, copy, command, key);
  finishUpdate(copy, key, env);
  decide(copy, { kind: 'settle' }, env);
  const fresh = [...instances.add, ...instances.change].sort((a, b) => a - b);
  return {
    key,
    action: actionOf(command, reply.value.action),
    message: reply.value.message,
    ...instances,
    diff: command.kind === 'job.submit' ? diffConfigs(configOf(world, key), command.job.task) : [],
    placements: fresh.map((instance) => ({ instance, host: hostOf(copy, key, instance) })),
    pending: pendingOf(copy, key, env.now, leftOf(agents, world, copy)).filter(({ instances: waiting }) =>
      waiting.some((instance) => fresh.includes(instance)),
    ),
    refused: null,
    planId,
  };
}

/** Groups of a job that wait for an agent, with the reason. */
export function pendingOf(
  world: World,
  key: JobKey,
  now: number,
  agents: readonly AgentView[],
): PendingGroup[] {
  return [...world.pending].flatMap(([group, ids]) => {
    if (splitGroupKey(group).job !== key) return [];
    const tasks = [...ids].flatMap((id) => world.tasks.get(id) ?? []);
    const sinceMs = Math.min(...tasks.map((task) => task.events.at(-1)?.atMs ?? task.createdAtMs));
    return [
      {
        instances: tasks.map((task) => task.instance).sort((a, b) => a - b),
        sinceMs,
        why: explainGroup(world, group, now, agents),
      },
    ];
  });
}

function touched(
  before: World,
  after: World,
  command: Command,
  key: JobKey,
): Pick<PlanReport, 'add' | 'change' | 'remove' | 'unchanged'> {
  const active = [...(before.activeByJob.get(key)?.keys() ?? [])].sort((a, b) => a - b);
  if (command.kind === 'job.submit') {
    const { add, change, remove, unchanged } = diffJob(
      before,
      key,
      configId(command.job.task),
      command.job.instances,
      command.only,
    );
    return { add, change, remove, unchanged };
  }
  if (command.kind === 'job.restart') {
    const only = command.only ? new Set(instancesIn(command.only)) : null;
    const change = active.filter((instance) => only === null || only.has(instance));
    return {
      add: [],
      change,
      remove: [],
      unchanged: active.filter((instance) => !change.includes(instance)),
    };
  }
  const alive = (world: World): Set<number> => {
    const ids = [...(world.activeByJob.get(key) ?? [])].filter(
      ([, id]) => world.tasks.get(id)?.status !== 'KILLING',
    );
    return new Set(ids.map(([instance]) => instance));
  };
  const [old, next] = [alive(before), alive(after)];
  return {
    add: [...next].filter((instance) => !old.has(instance)).sort((a, b) => a - b),
    change: [],
    remove: [...old].filter((instance) => !next.has(instance)).sort((a, b) => a - b),
    unchanged: [...next].filter((instance) => old.has(instance)).sort((a, b) => a - b),
  };
}

function actionOf(command: Command, done: string): PlanReport['action'] {
  if (command.kind === 'job.submit') return done === 'created' ? 'create' : 'update';
  if (command.kind === 'update.command') return 'update-command';
  return command.kind.slice('job.'.length) as 'scale' | 'kill' | 'restart';
}

function configOf(world: World, key: JobKey): TaskConfig | null {
  const id: ConfigId | undefined = world.activeByJob.has(key) ? world.jobs.get(key)?.config : undefined;
  return id === undefined ? null : (world.configs.get(id) ?? null);
}

function hostOf(world: World, key: JobKey, instance: number): string | null {
  const id = world.activeByJob.get(key)?.get(instance);
  const task = id === undefined ? undefined : world.tasks.get(id);
  return task && task.status !== 'PENDING' && task.status !== 'KILLING' ? task.host : null;
}

/** Changes with what the plan rests on: the job, its update, its active tasks, and the command itself. */
function planIdOf(world: World, key: JobKey, command: Command): string {
  const job = world.jobs.get(key) ?? null;
  const update = world.activeUpdateByJob.get(key) ?? null;
  const tasks = [...(world.activeByJob.get(key) ?? [])]
    .map(([instance, id]) => `${instance} ${world.tasks.get(id)?.config ?? ''}`)
    .sort();
  const { message: _message, ...what } = command;
  return contentId({ job, update, tasks, what }).slice(0, 16);
}
