import type { JobKey } from '../../../shared/ids.ts';
import type { TaskConfig } from '../../../shared/job/config.ts';
import type { AgentSlot, Placement } from './placement.ts';

/**
 * Counters of a job's tasks per value of each limited attribute, for one pass. All of the job's tasks that are on agents count: old and new config,
 * those being killed too (Aurora's AttributeAggregate over SLAVE_ASSIGNED tasks).
 */
export class LimitCounters {
  private readonly limits: {
    readonly attribute: string;
    readonly limit: number;
    readonly counts: Map<string, number>;
  }[];

  constructor(placement: Placement, job: JobKey, config: TaskConfig) {
    this.limits = config.constraints.flatMap((constraint) =>
      constraint.kind === 'limit'
        ? [{ attribute: constraint.attribute, limit: constraint.limit, counts: new Map<string, number>() }]
        : [],
    );
    if (this.limits.length === 0) return;
    for (const [agent, tasks] of placement.tasksOf(job)) {
      const slot = placement.slotOf(agent);
      if (slot) this.add(slot, tasks);
    }
  }

  /** The attribute whose limit another task on this agent would break, or null. */
  broken(slot: Pick<AgentSlot, 'attributes'>): { attribute: string; limit: number } | null {
    for (const { attribute, limit, counts } of this.limits) {
      for (const value of slot.attributes.get(attribute) ?? []) {
        if ((counts.get(value) ?? 0) >= limit) return { attribute, limit };
      }
    }
    return null;
  }

  add(slot: AgentSlot, tasks = 1): void {
    for (const { attribute, counts } of this.limits) {
      for (const value of slot.attributes.get(attribute) ?? [])
        counts.set(value, (counts.get(value) ?? 0) + tasks);
    }
  }
}
