import type { VetoKind } from '../../shared/api/views.ts';
import type { AgentSlot } from './placement/placement.ts';
import type { Needs } from './placement/tests.ts';

export interface VetoCount {
  readonly kind: VetoKind;
  readonly subject: string;
  readonly agents: number;
  readonly detail: string;
}

/** An agent with what is free on it and what it has in all, as far as offers and our tasks tell. */
export interface Capacity {
  readonly slot: AgentSlot;
  readonly free: Needs;
  readonly total: Needs;
}

export const FIELD = { cpu: 'cpusMilli', ram: 'memMb', disk: 'diskMb', gpu: 'gpus', ports: 'ports' } as const;
export type ResourceKind = keyof typeof FIELD;
export const isResource = (kind: VetoKind): kind is ResourceKind => kind in FIELD;

/** An amount of a resource as people write it. */
export function amount(kind: ResourceKind, value: number): string {
  if (kind === 'cpu') return `${value / 1000}`;
  return kind === 'ram' || kind === 'disk' ? `${value} MB` : `${value}`;
}
