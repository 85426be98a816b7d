import type { VetoKind } from '../../shared/api/views.ts';
import type { AgentId } from '../../shared/ids.ts';
import type { Attribute } from '../../shared/mesos/v1.ts';
import type { Resources } from '../../shared/resources.ts';
import { countPorts } from '../../shared/resources.ts';
import { attributeMap } from './placement/placement.ts';
import type { AgentSlot } from './placement/placement.ts';
import type { Needs } from './placement/tests.ts';

/**
 * An agent as its master knows it now. The scheduler has offers only while it places something; plans and explanations rest on this, and are told it when
 * they are asked for.
 */
export interface AgentView {
  readonly agent: AgentId;
  readonly host: string;
  readonly attributes: readonly Attribute[];
  /** What we could be offered of it now, and with nothing running there. */
  readonly free: Resources;
  readonly total: Resources;
  /** Start of a maintenance window, ms; Infinity when there is none. */
  readonly unavailableAtMs: number;
}

export interface VetoCount {
  readonly kind: VetoKind;
  readonly subject: string;
  readonly agents: number;
  readonly detail: string;
}

/** An agent as the tests of placement look at it. */
export interface Capacity {
  readonly slot: Pick<AgentSlot, 'host' | 'attributes' | 'unavailableAtMs'>;
  readonly free: Needs;
  readonly total: Needs;
}

export function capacityOf({ host, attributes, free, total, unavailableAtMs }: AgentView): Capacity {
  return {
    slot: { host, attributes: attributeMap(attributes, host), unavailableAtMs },
    free: countsOf(free),
    total: countsOf(total),
  };
}

function countsOf({ ports, ...scalars }: Resources): Needs {
  return { ...scalars, ports: countPorts(ports) };
}

export const FIELD = { cpu: 'cpusMilli', ram: 'memMb', disk: 'diskMb', gpu: 'gpus', ports: 'ports' } as const;
export type ResourceKind = keyof typeof FIELD;
export const isResource = (kind: VetoKind): kind is ResourceKind => kind in FIELD;

/** An amount of a resource as people write it. */
export function amount(kind: ResourceKind, value: number): string {
  if (kind === 'cpu') return `${value / 1000}`;
  return kind === 'ram' || kind === 'disk' ? `${value} MB` : `${value}`;
}
