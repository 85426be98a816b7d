import type { Id, TaskInfo } from '../../../shared/mesos/v1.ts';
import type { TaskId } from '../../../shared/ids.ts';
import type { GroupKey } from '../group-key.ts';
import type { Tx } from '../tx.ts';
import { resourcesOf, taskInfo } from '../task-info.ts';
import { GroupRun } from './group-run.ts';
import { PortPicker } from './ports.ts';
import type { AgentSlot } from './placement.ts';
import type { Pool } from './pools.ts';
import { carve } from './pools.ts';

/** Tasks of one group placed before the next group has its turn (Aurora's max_tasks_per_schedule_attempt): a big job cannot starve a small one. */
const SLICE = 5;

/** Leftovers of an accepted offer come back at once, not after Mesos's default of five seconds. */
const NO_FILTER = { refuse_seconds: 0 };

/**
 * Places what is pending on what is offered. Groups that are new or were touched are tried on every agent, parked ones only on agents where something
 * became free; whatever does not fit is parked. One ACCEPT per agent, with all its offers and all its new tasks.
 */
export function placePending(tx: Tx): void {
  const { world } = tx;
  const { placement } = world;
  if (!world.subscribed) return;
  if (world.dirtyGroups.size === 0 && placement.touched.size === 0) return;
  const launches = new Map<AgentSlot, TaskInfo[]>();
  const ports = new PortPicker(tx.env.random);
  const pools = new Map<AgentSlot, readonly Pool[]>();
  let runs = groupsToTry(tx);
  const byJob = groupedByJob(runs);
  while (runs.length > 0) {
    runs = runs.filter((run) => {
      for (let placed = 0; placed < SLICE; placed++) {
        const id = run.nextTask();
        const slot = id === undefined ? undefined : run.findSlot();
        if (id === undefined || slot === undefined) {
          if (id !== undefined) placement.parked.add(run.key);
          return false;
        }
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
  world.dirtyGroups.clear();
  placement.touched.clear();
}

function groupsToTry(tx: Tx): GroupRun[] {
  const { world } = tx;
  const { placement, dirtyGroups, pending } = world;
  const touched = [...placement.touched].filter((slot) => (placement.slots[slot]?.offers.size ?? 0) > 0);
  const runs: GroupRun[] = [];
  const add = (key: GroupKey, only: readonly number[] | null): void => {
    const queue = pending.get(key);
    if (queue) runs.push(new GroupRun(tx, key, queue, only));
  };
  for (const key of placement.parked) {
    if (!pending.has(key)) placement.parked.delete(key);
    else if (!dirtyGroups.has(key) && placement.touched.size > 0) add(key, touched);
  }
  for (const key of dirtyGroups) add(key, null);
  return runs;
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
      filters: NO_FILTER,
    },
  });
}
