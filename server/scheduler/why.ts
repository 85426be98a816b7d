import type { VetoKind } from '../../shared/api/views.ts';
import type { AgentView, Capacity, VetoCount } from './capacity.ts';
import { FIELD, amount, capacityOf, isResource } from './capacity.ts';
import type { JobKey } from '../../shared/ids.ts';
import type { TaskConfig } from '../../shared/job/config.ts';
import type { GroupKey } from './group-key.ts';
import { splitGroupKey } from './group-key.ts';
import { LimitCounters } from './placement/limits.ts';
import type { Needs, Veto } from './placement/tests.ts';
import { maintenanceVeto, needsOf, resourceVeto, staticVeto } from './placement/tests.ts';
import { remediesFor } from './remedies.ts';
import type { World } from './world.ts';

export interface NearAgent {
  readonly host: string;
  readonly free: Needs;
  readonly missing: string;
  /** How far it is from fitting; Aurora's scores, lower is nearer. */
  readonly score: number;
}

/** Why a group of identical tasks waits: every agent at its first failing test. */
export interface WhyReport {
  readonly job: JobKey;
  readonly needs: Needs;
  readonly agents: number;
  /** Agents that would take one now; it will be placed in a moment. */
  readonly fitting: number;
  readonly vetoes: readonly VetoCount[];
  readonly nearest: readonly NearAgent[];
  readonly remedies: readonly string[];
  readonly summary: string;
}

const NEAREST_SHOWN = 5;
/** Aurora's scores: the further a test is from being passed, the higher. Resources count by how much is short. */
const SCORES: Readonly<Record<VetoKind, number>> = {
  dedicated: 1e6,
  maintenance: 1e5,
  constraint: 1e4,
  limit: 1e4,
  cpu: 0,
  ram: 0,
  disk: 0,
  gpu: 0,
  ports: 0,
};
const RANGES = { cpusMilli: 16_000, memMb: 24_576, diskMb: 460_800, gpus: 4, ports: 1000 } as const;

/** Computed when asked, with the very tests that placement makes. */
export function explainGroup(
  world: World,
  group: GroupKey,
  now: number,
  agents: readonly AgentView[],
): WhyReport {
  const { job, config: id } = splitGroupKey(group);
  const config = world.configs.get(id);
  if (!config) throw new Error(`group ${group} has no config`);
  const needs = needsOf(config);
  const limits = new LimitCounters(world.placement, job, config);
  const capacities = agents.map(capacityOf);
  const counts = new Map<string, { veto: Veto; agents: number }>();
  const near: NearAgent[] = [];
  let fitting = 0;
  for (const capacity of capacities) {
    const veto = firstVeto(config, needs, limits, capacity, now);
    if (!veto) {
      fitting += 1;
      continue;
    }
    const key = `${veto.kind} ${veto.subject}`;
    const count = counts.get(key);
    if (count) count.agents += 1;
    else counts.set(key, { veto, agents: 1 });
    near.push({
      host: capacity.slot.host,
      free: capacity.free,
      missing: missing(needs, veto, capacity.free),
      score: score(needs, veto, capacity.free),
    });
  }
  const vetoes = [...counts.values()]
    .sort((a, b) => b.agents - a.agents)
    .map(({ veto, agents }) => ({ ...veto, agents, detail: detail(config, needs, veto, capacities) }));
  return {
    job,
    needs,
    agents: capacities.length,
    fitting,
    vetoes,
    nearest: near.sort((a, b) => a.score - b.score).slice(0, NEAREST_SHOWN),
    remedies: remediesFor(config, needs, vetoes, capacities),
    summary: summarise(capacities.length, fitting, vetoes),
  };
}

function firstVeto(
  config: TaskConfig,
  needs: Needs,
  limits: LimitCounters,
  { slot, free }: Capacity,
  now: number,
): Veto | null {
  const fixed = staticVeto(config, slot) ?? maintenanceVeto(slot, now);
  if (fixed) return fixed;
  const broken = limits.broken(slot);
  if (broken) return { kind: 'limit', subject: broken.attribute };
  return resourceVeto(needs, free);
}

function detail(config: TaskConfig, needs: Needs, veto: Veto, capacities: readonly Capacity[]): string {
  if (isResource(veto.kind)) {
    const field = FIELD[veto.kind];
    const [best] = [...capacities].sort((a, b) => b.free[field] - a.free[field]);
    const largest = Math.max(0, ...capacities.map(({ total }) => total[field]));
    const never =
      largest < needs[field]
        ? `; no agent has that much even when empty (largest ${amount(veto.kind, largest)})`
        : '';
    return `needs ${amount(veto.kind, needs[field])}, best free ${amount(veto.kind, best?.free[field] ?? 0)} on ${best?.slot.host ?? 'no agent'}${never}`;
  }
  const constraint = config.constraints.find(({ attribute }) => attribute === veto.subject);
  if (constraint?.kind === 'limit')
    return `at most ${constraint.limit} of this job for each ${constraint.attribute}`;
  if (constraint?.kind === 'value')
    return `${constraint.attribute} must ${constraint.negated ? 'not ' : ''}be ${constraint.values.join(' or ')}`;
  return veto.kind === 'dedicated' ? 'kept for jobs that ask for it' : 'going down for maintenance';
}

function missing(needs: Needs, veto: Veto, free: Needs): string {
  if (!isResource(veto.kind)) return `${veto.kind} ${veto.subject}`;
  const field = FIELD[veto.kind];
  return `${amount(veto.kind, needs[field] - free[field])} ${veto.kind}`;
}

function score(needs: Needs, veto: Veto, free: Needs): number {
  let sum = SCORES[veto.kind];
  for (const field of ['cpusMilli', 'memMb', 'diskMb', 'gpus', 'ports'] as const) {
    sum += Math.min(1000, (1000 * Math.max(0, needs[field] - free[field])) / RANGES[field]);
  }
  return sum;
}

function summarise(agents: number, fitting: number, vetoes: readonly VetoCount[]): string {
  if (agents === 0) return 'there is no agent';
  if (fitting > 0) return `${fitting} of ${agents} agents fit; it is placed with the next offer`;
  return `none of ${agents} agents fits: ${vetoes.map((veto) => `${veto.agents} ${veto.subject}`).join(', ')}`;
}
