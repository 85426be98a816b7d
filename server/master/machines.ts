import type { MachineId } from '../../shared/mesos/operator.ts';
import type { Unavailability } from '../../shared/mesos/v1.ts';
import type { MasterAgent } from './entities.ts';
import type { MasterWorld } from './world.ts';

/** Mesos's identity of a machine: host name in lower case and address, both as its agent announces them. */
export function machineKey({ hostname = '', ip = '' }: MachineId): string {
  return `${hostname.toLowerCase()} ${ip}`;
}

export function machineOf({ info }: MasterAgent): MachineId {
  return { hostname: info.hostname, ip: info.ip };
}

/** When the agent's machine goes away, if that is scheduled. */
export function unavailabilityOf(world: MasterWorld, agent: MasterAgent): Unavailability | undefined {
  return world.schedule.size === 0 ? undefined : world.schedule.get(machineKey(machineOf(agent)));
}

export function isDown(world: MasterWorld, hostname: string, ip: string): boolean {
  return world.downMachines.size > 0 && world.downMachines.has(machineKey({ hostname, ip }));
}
