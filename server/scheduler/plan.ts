import type { Actor, Command } from '../../shared/command.ts';
import type { ConfigChange } from '../../shared/api/views.ts';
import type { TaskConfig } from '../../shared/job/config.ts';
import type { Refusal } from '../../shared/errors.ts';
import type { ConfigId, JobKey } from '../../shared/ids.ts';
import { instancesIn } from '../../shared/ids.ts';
import { contentId, configId } from '../../shared/job/config-id.ts';
import { diffConfigs } from '../../shared/job/diff.ts';
import { loadWorld, saveWorld } from './checkpoint.ts';
import { decide } from './decide.ts';
import type { Env } from './facts.ts';
import { splitGroupKey } from './group-key.ts';
import { diffJob } from './update/diff.ts';
import { moveTask } from './task/move.ts';
import { Tx } from './tx.ts';
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

/** Runs the real core on a copy of the world and tells what came of it. */
export function plan(world: World, command: Command, actor: Actor, env: Env): PlanReport {
  const key = command.kind === 'job.submit' ? command.job.key : command.key;
  const planId = planIdOf(world, key, command);
  const copy = copyOf(world);
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
    pending: pendingOf(copy, key, env.now).filter(({ instances: waiting }) =>
      waiting.some((instance) => fresh.includes(instance)),
    ),
    refused: null,
    planId,
  };
}

/** Groups of a job that wait for an agent, with the reason. */
export function pendingOf(world: World, key: JobKey, now: number): PendingGroup[] {
  return [...world.pending].flatMap(([group, ids]) => {
    if (splitGroupKey(group).job !== key) return [];
    const tasks = [...ids].flatMap((id) => world.tasks.get(id) ?? []);
    const sinceMs = Math.min(...tasks.map((task) => task.events.at(-1)?.atMs ?? task.createdAtMs));
    return [
      {
        instances: tasks.map((task) => task.instance).sort((a, b) => a - b),
        sinceMs,
        why: explainGroup(world, group, now),
      },
    ];
  });
}

function copyOf(world: World): World {
  const copy = loadWorld(saveWorld(world));
  copy.subscribed = world.subscribed;
  world.placement.copyOffersTo(copy.placement);
  for (const group of copy.pending.keys()) copy.dirtyGroups.add(group);
  copy.dirtyUpdates.clear();
  return copy;
}

/**
 * The end of an update, at once: every old task of the job gone and what it used free again, every new one waiting. Placing then tells whether the update as
 * a whole fits.
 */
function finishUpdate(copy: World, key: JobKey, env: Env): void {
  const id = copy.activeUpdateByJob.get(key);
  const update = id === undefined ? undefined : copy.updates.get(id);
  const job = copy.jobs.get(key);
  if (!update || !job || update.kind === 'restart' || update.status !== 'ROLLING_FORWARD') return;
  const tx = new Tx(copy, env);
  const targets = new Set(update.desired ? instancesIn(update.desired.ranges) : []);
  for (const { ranges } of update.initial) {
    for (const instance of instancesIn(ranges)) {
      const task = copy.activeByJob.get(key)?.get(instance);
      if (task !== undefined) endNow(tx, task);
    }
  }
  if (update.desired) {
    const missing = [...targets].filter((instance) => copy.activeByJob.get(key)?.has(instance) !== true);
    for (const instance of missing) {
      tx.write({
        w: 'tasks-new',
        job: key,
        config: update.desired.config,
        ranges: [[instance, instance]],
        nonce: env.random.stream('plan').uuid(),
        atMs: env.now,
      });
    }
  }
  copy.dirtyUpdates.clear();
  tx.write({
    w: 'update-status',
    id: update.id,
    from: 'ROLLING_FORWARD',
    to: 'ABORTED',
    atMs: env.now,
    user: null,
    message: null,
  });
  copy.dirtyUpdates.clear();
}

function endNow(tx: Tx, id: Parameters<typeof moveTask>[1]): void {
  const task = tx.world.tasks.get(id);
  if (!task) return;
  const { agent, config: configKey } = task;
  moveTask(tx, id, 'KILLING');
  moveTask(tx, id, 'KILLED');
  const slot = agent === null ? undefined : tx.world.placement.slotOf(agent);
  const config = tx.world.configs.get(configKey);
  if (!slot || !config) return;
  const { free } = slot;
  const ports = Object.values(task.ports).map((port) => [port, port] as const);
  tx.world.placement.setFree(slot, {
    cpusMilli: free.cpusMilli + Math.round(config.cpu * 1000),
    memMb: free.memMb + config.ramMb,
    diskMb: free.diskMb + config.diskMb,
    gpus: free.gpus + config.gpus,
    ports: [...free.ports, ...ports].sort((a, b) => a[0] - b[0]),
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
