import type { PlanView, WhyAnswer, WhyView } from '../../../../shared/api/views.ts';
import type { JobKey } from '../../../../shared/ids.ts';
import { formatRanges, toRanges } from '../../../../shared/ids.ts';
import type { AgentView } from '../../../scheduler/capacity.ts';
import type { PendingGroup, PlanReport } from '../../../scheduler/plan.ts';
import { pendingOf } from '../../../scheduler/plan.ts';
import type { TaskRow } from '../../../scheduler/rows.ts';
import { updateProgress } from '../../../scheduler/update/progress.ts';
import type { World } from '../../../scheduler/world.ts';
import { iso } from './times.ts';

export function whyView({ instances, sinceMs, why }: PendingGroup): WhyView {
  const { needs } = why;
  return {
    job: why.job,
    instances,
    pendingSince: iso(sinceMs),
    wants: {
      cpus: needs.cpusMilli / 1000,
      ramMb: needs.memMb,
      diskMb: needs.diskMb,
      gpus: needs.gpus,
      ports: needs.ports,
    },
    agents: why.agents,
    vetoes: why.vetoes,
    nearest: why.nearest.map(({ host, free, missing }) => ({
      host,
      cpusFree: free.cpusMilli / 1000,
      ramMbFree: free.memMb,
      diskMbFree: free.diskMb,
      missing,
    })),
    remedies: why.remedies,
    summary: why.summary,
  };
}

/** Why a job is not (all) running: what waits for a host, what waits for time, what its update waits for. */
export function whyJob(
  world: World,
  key: JobKey,
  now: number,
  agents: readonly AgentView[],
  only?: (task: TaskRow) => boolean,
): WhyAnswer {
  const active = [...(world.activeByJob.get(key)?.values() ?? [])]
    .flatMap((id) => world.tasks.get(id) ?? [])
    .filter(only ?? (() => true));
  const waiting = new Set(active.map((task) => task.instance));
  const pending = pendingOf(world, key, now, agents)
    .map(whyView)
    .filter((view) => view.instances.some((instance) => waiting.has(instance)));
  const notes = active.sort((a, b) => a.instance - b.instance).flatMap((task) => note(task, now));
  const update = world.activeUpdateByJob.get(key);
  const row = update === undefined ? undefined : world.updates.get(update);
  const waitingFor = row ? updateProgress(world, row, now).waitingFor : null;
  if (row && waitingFor !== null) notes.unshift(`update ${row.id} is ${row.status}: ${waitingFor}`);
  const [first] = pending;
  const running = active.filter((task) => task.status === 'RUNNING').length;
  const summary = first
    ? `${formatRanges(toRanges(first.instances))} pending: ${first.summary}`
    : (notes[0] ??
      (active.length === 0
        ? 'nothing of it runs, and nothing is wanted'
        : `all ${running} instances are running`));
  return { key, summary, pending, notes };
}

function note(task: TaskRow, now: number): string[] {
  const seconds = Math.floor((now - (task.events.at(-1)?.atMs ?? now)) / 1000);
  const last = task.events.at(-1)?.message;
  const why = last === undefined ? '' : `: ${last}`;
  if (task.status === 'THROTTLED') {
    const left =
      task.wakeAtMs === null ? '' : ` for ${Math.max(0, Math.ceil((task.wakeAtMs - now) / 1000))} s more`;
    return [`instance ${task.instance} waits${left}, because it keeps failing${why}`];
  }
  if (task.status === 'ASSIGNED' || task.status === 'STARTING')
    return [
      `instance ${task.instance} has been ${task.status} on ${task.host ?? ''} for ${seconds} s${task.healthy === false ? ', not healthy yet' : ''}${why}`,
    ];
  if (task.status === 'PENDING' || task.status === 'RUNNING') return [];
  return [`instance ${task.instance} has been ${task.status} for ${seconds} s${why}`];
}

export function planView(report: PlanReport): PlanView {
  const { key, action, add, change, remove, unchanged, diff, placements, refused, planId } = report;
  return {
    action,
    key,
    summary: summaryOf(report),
    add,
    remove,
    change,
    unchanged,
    diff,
    placements,
    pending: report.pending.map(whyView),
    warnings: warningsOf(report),
    refused,
    planId,
  };
}

function summaryOf({ action, message, add, change, remove, key }: PlanReport): string {
  const some = (list: readonly number[]): string =>
    `${list.length} ${list.length === 1 ? 'instance' : 'instances'}`;
  switch (action) {
    case 'create':
      return `create ${key} with ${some(add)}`;
    case 'update':
      return `update ${key}: ${[add.length > 0 ? `add ${add.length}` : '', change.length > 0 ? `replace ${change.length}` : '', remove.length > 0 ? `remove ${remove.length}` : ''].filter((part) => part !== '').join(', ')}`;
    case 'scale':
      return add.length > 0 ? `add ${some(add)} to ${key}` : `remove ${some(remove)} of ${key}`;
    case 'kill':
      return `kill ${some(remove)} of ${key}`;
    case 'restart':
      return `restart ${some(change)} of ${key}`;
    case 'update-command':
    case 'none':
      return message;
  }
}

function warningsOf({ placements, action, change, unchanged }: PlanReport): string[] {
  const homeless = placements.filter(({ host }) => host === null).length;
  const warnings: string[] = [];
  if (homeless > 0) warnings.push(`${homeless} of ${placements.length} would stay pending`);
  if (action === 'update' && change.length === 1 && unchanged.length === 0)
    warnings.push('the only instance is replaced: the job is down meanwhile');
  return warnings;
}
