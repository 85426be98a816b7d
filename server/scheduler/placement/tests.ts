import type { TaskConfig } from '../../../shared/job/config.ts';
import type { VetoKind } from '../../../shared/api/views.ts';
import type { AgentSlot } from './placement.ts';

/** Mesos hosts whose maintenance begins within this are drained: Aurora's unavailability_threshold. */
export const UNAVAILABLE_WITHIN_MS = 6 * 60_000;

/** A test that an agent failed, as data; `subject` names the constraint or the resource. */
export interface Veto {
  readonly kind: VetoKind;
  readonly subject: string;
}

/** What a task needs, as the dynamic tests compare it. */
export interface Needs {
  readonly cpusMilli: number;
  readonly memMb: number;
  readonly diskMb: number;
  readonly gpus: number;
  readonly ports: number;
}

export function needsOf(config: TaskConfig): Needs {
  return {
    cpusMilli: Math.round(config.cpu * 1000),
    memMb: config.ramMb,
    diskMb: config.diskMb,
    gpus: config.gpus,
    ports: config.ports.length,
  };
}

/**
 * The tests that depend on the agent alone, in Aurora's order (SchedulingFilterImpl): dedicated hosts, then value constraints. Maintenance comes between
 * them but depends on the time; see `maintenanceVeto`.
 */
export function staticVeto(config: TaskConfig, slot: Pick<AgentSlot, 'attributes'>): Veto | null {
  if (
    slot.attributes.has('dedicated') &&
    !config.constraints.some((constraint) => constraint.attribute === 'dedicated')
  ) {
    return { kind: 'dedicated', subject: 'dedicated' };
  }
  for (const constraint of config.constraints) {
    const offered = slot.attributes.get(constraint.attribute) ?? [];
    if (constraint.kind === 'value') {
      // A missing attribute is the empty set: `!x` accepts an agent without the attribute.
      if (offered.some((value) => constraint.values.includes(value)) === constraint.negated) {
        return { kind: 'constraint', subject: constraint.attribute };
      }
    } else if (offered.length === 0) {
      // A limit needs the attribute to exist.
      return { kind: 'limit', subject: constraint.attribute };
    }
  }
  return null;
}

export function maintenanceVeto(slot: Pick<AgentSlot, 'unavailableAtMs'>, now: number): Veto | null {
  return slot.unavailableAtMs - UNAVAILABLE_WITHIN_MS <= now
    ? { kind: 'maintenance', subject: 'maintenance' }
    : null;
}

/** The first resource that a task lacks on an agent, in Aurora's order. */
export function resourceVeto(needs: Needs, free: Needs): Veto | null {
  if (free.cpusMilli < needs.cpusMilli) return { kind: 'cpu', subject: 'cpu' };
  if (free.memMb < needs.memMb) return { kind: 'ram', subject: 'ram' };
  if (free.diskMb < needs.diskMb) return { kind: 'disk', subject: 'disk' };
  if (free.gpus < needs.gpus) return { kind: 'gpu', subject: 'gpu' };
  return free.ports < needs.ports ? { kind: 'ports', subject: 'ports' } : null;
}
