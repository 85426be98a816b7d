import type { TaskId } from '../../../shared/ids.ts';
import type { TaskConfig } from '../../../shared/job/config.ts';
import type { GroupKey } from '../group-key.ts';
import { splitGroupKey } from '../group-key.ts';
import type { Tx } from '../tx.ts';
import { feasibleSlots } from './feasible.ts';
import { LimitCounters } from './limits.ts';
import type { AgentSlot, Placement } from './placement.ts';
import type { Needs } from './tests.ts';
import { UNAVAILABLE_WITHIN_MS, needsOf } from './tests.ts';

/** Agents that fit which are looked at before the best of them is taken (Borg's relaxed randomisation): instances spread without a full scan. */
const CANDIDATES = 8;

/**
 * One group's walk over the agents: from a random start, with a step that meets every agent once. A group's tasks are interchangeable, so the walk
 * goes on where the last task was placed, and ends for all of them when it came round without a fit.
 */
export class GroupRun {
  readonly key: GroupKey;
  readonly job: ReturnType<typeof splitGroupKey>['job'];
  readonly config: TaskConfig;
  private readonly placement: Placement;
  private readonly needs: Needs;
  private readonly limits: LimitCounters;
  private readonly slots: ArrayLike<number>;
  private readonly queue: ReadonlySet<TaskId>;
  private readonly step: number;
  private readonly drainedBeforeMs: number;
  private cursor: number;

  /** @param offered slots that hold offers; on others nothing is free */
  constructor(tx: Tx, key: GroupKey, queue: ReadonlySet<TaskId>, offered: readonly number[]) {
    const { job, config } = splitGroupKey(key);
    const found = tx.world.configs.get(config);
    if (!found) throw new Error(`group ${key} has no config`);
    this.key = key;
    this.job = job;
    this.config = found;
    this.queue = queue;
    this.placement = tx.world.placement;
    this.needs = needsOf(found);
    this.limits = new LimitCounters(this.placement, job, found);
    const feasible = feasibleSlots(this.placement, found);
    this.slots =
      offered.length < feasible.slots.length
        ? offered.filter((slot) => feasible.set.has(slot))
        : feasible.slots;
    this.cursor = this.slots.length > 0 ? tx.env.random.stream('placement').below(this.slots.length) : 0;
    this.step = coprimeStep(this.slots.length);
    this.drainedBeforeMs = tx.now + UNAVAILABLE_WITHIN_MS;
  }

  /** The task that waits longest, or undefined when the group is empty. */
  nextTask(): TaskId | undefined {
    for (const id of this.queue) return id;
    return undefined;
  }

  /** An agent that fits: of a few, the one with the fewest tasks of this job. Undefined: nobody fits. */
  findSlot(): AgentSlot | undefined {
    const { slots, step, placement } = this;
    const tasks = placement.tasksOf(this.job);
    let best: AgentSlot | undefined;
    let bestTasks = Infinity;
    let seen = 0;
    for (let looked = 0; looked < slots.length; looked++) {
      const at = slots[this.cursor] ?? 0;
      this.cursor += step;
      if (this.cursor >= slots.length) this.cursor -= slots.length;
      if (!this.fits(at)) continue;
      const slot = placement.slots[at]!;
      if (slot.unavailableAtMs <= this.drainedBeforeMs || this.limits.broken(slot)) continue;
      const here = tasks.get(slot.agent) ?? 0;
      if (here < bestTasks) {
        best = slot;
        bestTasks = here;
      }
      if (here === 0 || ++seen === CANDIDATES) break;
    }
    return best;
  }

  /** Takes what one task needs from the agent. */
  use(slot: AgentSlot): void {
    const { free } = this.placement;
    const at = slot.slot;
    free.cpus[at]! -= this.needs.cpusMilli;
    free.mem[at]! -= this.needs.memMb;
    free.disk[at]! -= this.needs.diskMb;
    free.gpus[at]! -= this.needs.gpus;
    free.ports[at]! -= this.needs.ports;
  }

  /** A task of the job was placed there, by this group or by another of the same job. */
  count(slot: AgentSlot): void {
    this.limits.add(slot);
  }

  private fits(at: number): boolean {
    const { free } = this.placement;
    const { needs } = this;
    return (
      free.cpus[at]! >= needs.cpusMilli &&
      free.mem[at]! >= needs.memMb &&
      free.disk[at]! >= needs.diskMb &&
      free.gpus[at]! >= needs.gpus &&
      free.ports[at]! >= needs.ports
    );
  }
}

/** A step near the golden section of the number of slots that shares no factor with it, so that the walk meets every slot. */
export function coprimeStep(count: number): number {
  if (count <= 2) return 1;
  let step = Math.max(1, Math.floor(count * 0.618));
  while (gcd(step, count) !== 1) step += 1;
  return step % count;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
