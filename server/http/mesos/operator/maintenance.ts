/** Maintenance as operators see it, for the v1 API and the endpoints of before it. */
import { machineKey, machineOf } from '../../../master/machines.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { timeOf } from './messages.ts';
import type { OperatorParts } from './parts.ts';

/** mesos.v1.maintenance.Schedule */
export function maintenanceSchedule({ master: { windows }, viewer }: OperatorParts): object {
  const isHidden = viewer?.may('get_maintenance_schedules') === false;
  return isHidden || windows.length === 0 ? {} : { windows };
}

/** mesos.v1.maintenance.ClusterStatus: scheduled machines, with what frameworks said to having to leave them, and those that are down. */
export function maintenanceStatus({ master: world, viewer }: OperatorParts): object {
  if (viewer?.may('get_maintenance_statuses') === false) return {};
  const { windows, downMachines } = world;
  const draining = windows
    .flatMap(({ machine_ids = [] }) => machine_ids)
    .filter((machine) => !downMachines.has(machineKey(machine)))
    .map((id) => ({ id, ...answersOn(world, machineKey(id)) }));
  const down = [...downMachines.values()];
  return {
    ...(draining.length > 0 ? { draining_machines: draining } : {}),
    ...(down.length > 0 ? { down_machines: down } : {}),
  };
}

function answersOn(world: MasterWorld, key: string): object {
  const statuses: object[] = [];
  for (const agent of world.agents.values()) {
    if (machineKey(machineOf(agent)) !== key) continue;
    for (const [framework, { status, atMs }] of agent.inverseAnswers)
      statuses.push({ status, framework_id: { value: framework }, timestamp: timeOf(atMs) });
  }
  return statuses.length > 0 ? { statuses } : {};
}
