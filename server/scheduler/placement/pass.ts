import type { Id, TaskInfo } from '../../../shared/mesos/v1.ts';
import type { TaskId } from '../../../shared/ids.ts';
import type { TaskConfig } from '../../../shared/job/config.ts';
import type { GroupKey } from '../group-key.ts';
import { splitGroupKey } from '../group-key.ts';
import type { Tx } from '../tx.ts';
import { resourcesOf, taskInfo } from '../task-info.ts';
import type { World } from '../world.ts';
import { GroupRun } from './group-run.ts';
import { park, refusal } from './offering.ts';
import { PortPicker } from './ports.ts';
import type { AgentSlot } from './placement.ts';
import type { Pool } from './pools.ts';
import { carve } from './pools.ts';

/** Tasks of one group placed before the next group has its turn (Aurora's max_tasks_per_schedule_attempt): a big job cannot starve a small one. */
const SLICE = 5;

/**
 * Places what is pending on what this turn brought; whatever does not fit is parked until something else is offered. One ACCEPT per agent, with all its
 * offers and all its new tasks.
 */
export function placePending(tx: Tx): void {
  const { world } = tx;
  const { placement } = world;
  if (!world.subscribed) return;
  const groups = groupsToTry(world);
  if (placement.offerCount > 0) placeOn(tx, groups);
  for (const key of groups) if (world.pending.has(key)) park(world, key);
  world.dirtyGroups.clear();
  placement.touched.clear();
  placement.relieved.clear();
}

/** Parked groups first: they wait longer. */
function groupsToTry({ pending, placement, dirtyGroups, configs }: World): GroupKey[] {
  const { parked, relieved } = placement;
  for (const key of relieved.size > 0 ? parked : []) {
    const { job, config } = splitGroupKey(key);
    if (!relieved.has(job) || !isLimited(configs.get(config))) continue;
    // A limit that was relieved on one agent may let a task onto another with the same attribute value.
    parked.delete(key);
    dirtyGroups.add(key);
  }
  const fresh = [...dirtyGroups].filter((key) => pending.has(key) && !parked.has(key));
  return [...parked, ...fresh];
}

function isLimited(config: TaskConfig | undefined): boolean {
  return config?.constraints.some(({ kind }) => kind === 'limit') ?? false;
}

/** The groups take turns on the agents that were offered. */
function placeOn(tx: Tx, groups: readonly GroupKey[]): void {
  const { pending, placement } = tx.world;
  const offered = [...placement.touched].filter((slot) => (placement.slots[slot]?.offers.size ?? 0) > 0);
  let runs = groups.map((key) => new GroupRun(tx, key, pending.get(key)!, offered));
  const launches = new Map<AgentSlot, TaskInfo[]>();
  const ports = new PortPicker(tx.env.random);
  const pools = new Map<AgentSlot, readonly Pool[]>();
  const byJob = groupedByJob(runs);
  while (runs.length > 0) {
    runs = runs.filter((run) => {
      for (let placed = 0; placed < SLICE; placed++) {
        const id = run.nextTask();
        const slot = id === undefined ? undefined : run.findSlot();
        if (id === undefined || slot === undefined) return false;
        const info = assign(tx, run, id, slot, ports, pools);
        for (const other of byJob.get(run.job) ?? []) other.count(slot);
        const list = launches.get(slot);
        if (list) list.push(info);
        else launches.set(slot, [info]);
      }
      return true;
    });
  }
  for (const [slot, tasks] of launches) accept(tx, slot, tasks);
}

/** The groups of one job share its limits: old and new config in the middle of an update. */
function groupedByJob(runs: readonly GroupRun[]): Map<GroupRun['job'], GroupRun[]> {
  const byJob = new Map<GroupRun['job'], GroupRun[]>();
  for (const run of runs) {
    const list = byJob.get(run.job);
    if (list) list.push(run);
    else byJob.set(run.job, [run]);
  }
  return byJob;
}

/** The task is on that agent from now on: written first, launched after the commit. */
function assign(
  tx: Tx,
  run: GroupRun,
  id: TaskId,
  slot: AgentSlot,
  picker: PortPicker,
  pools: Map<AgentSlot, readonly Pool[]>,
): TaskInfo {
  const ports = picker.take(slot, run.config.ports);
  run.use(slot);
  tx.write({
    w: 'task',
    id,
    from: 'PENDING',
    to: 'ASSIGNED',
    atMs: tx.now,
    wakeAtMs: tx.now + tx.env.limits.transientTimeoutMs,
    placed: { agent: slot.agent, host: slot.host, ports },
  });
  const task = tx.world.tasks.get(id);
  if (!task) throw new Error(`placed an unknown task ${id}`);
  const needs = resourcesOf(run.config, ports);
  const { taken, left } = carve(pools.get(slot) ?? [...slot.offers.values()].flat(), needs);
  pools.set(slot, left);
  return taskInfo(
    run.job,
    run.config,
    { id, instance: task.instance, ports },
    { agent: slot.agent, host: slot.host, resources: taken },
  );
}

function accept(tx: Tx, slot: AgentSlot, tasks: readonly TaskInfo[]): void {
  const offers: Id[] = tx.world.placement.takeOffers(slot).map((value) => ({ value }));
  tx.call({
    type: 'ACCEPT',
    accept: {
      offer_ids: offers,
      operations: [{ type: 'LAUNCH', launch: { task_infos: tasks } }],
      filters: refusal(tx.world),
    },
  });
}
