/** Maintenance windows (Mesos's primitives): a machine is UP, DRAINING once it is scheduled, DOWN when it was taken, and UP again. */
import type { MachineId, MaintenanceWindow } from '../../../shared/mesos/operator.ts';
import { removeAgent } from '../agents.ts';
import type { MasterAgent } from '../entities.ts';
import type { CallAnswer } from '../facts.ts';
import { endInverseOffers } from '../inverse-offers.ts';
import { machineKey, machineOf } from '../machines.ts';
import { rescindAgentOffers } from '../offers.ts';
import type { MasterTx } from '../tx.ts';

const DONE: CallAnswer = { status: 200 };
const bad = (message: string): CallAnswer => ({ status: 400, message });

/** Replaces the whole schedule. What is offered of machines that it concerns is offered anew, with the time at which they go away. */
export function updateSchedule(tx: MasterTx, windows: readonly MaintenanceWindow[]): CallAnswer {
  const { world } = tx;
  const scheduled = new Map<string, MachineId>();
  for (const { machine_ids: machines = [], unavailability } of windows) {
    if (machines.length === 0) return bad('List of machines in the maintenance window is empty');
    if (Number(unavailability.duration?.nanoseconds ?? 0) < 0)
      return bad("Unavailability 'duration' is negative");
    for (const machine of machines) {
      const problem = machineProblem(machine);
      if (problem !== null) return bad(problem);
      const key = machineKey(machine);
      if (scheduled.has(key))
        return bad(`Machine '${JSON.stringify(machine)}' appears more than once in the schedule`);
      scheduled.set(key, machine);
    }
  }
  for (const [key, machine] of world.downMachines) {
    if (!scheduled.has(key))
      return bad(
        `Machine '${JSON.stringify(machine)}' is deactivated and cannot be removed from the schedule`,
      );
  }
  const concerned = new Set([...world.schedule.keys(), ...scheduled.keys()]);
  save(tx, windows, [...world.downMachines.values()]);
  for (const agent of world.agents.values()) {
    if (!concerned.has(machineKey(machineOf(agent)))) continue;
    endInverseOffers(tx, agent);
    rescindAgentOffers(tx, agent);
  }
  world.allDirty = true;
  return DONE;
}

/** The machines go down: their agents are told to end, and are forgotten. */
export function startMaintenance(tx: MasterTx, machines: readonly MachineId[]): CallAnswer {
  const { world } = tx;
  if (machines.length === 0) return bad('List of machines is empty');
  for (const machine of machines) {
    const key = machineKey(machine);
    if (!world.schedule.has(key))
      return bad(`Machine '${JSON.stringify(machine)}' is not part of a maintenance schedule`);
    if (world.downMachines.has(key))
      return bad(`Machine '${JSON.stringify(machine)}' is not in DRAINING mode and cannot be brought down`);
  }
  save(tx, world.windows, [...world.downMachines.values(), ...machines]);
  const keys = new Set(machines.map(machineKey));
  for (const agent of world.agents.values()) if (keys.has(machineKey(machineOf(agent)))) bringDown(tx, agent);
  return DONE;
}

/** The machines are up again, and no longer scheduled. */
export function stopMaintenance(tx: MasterTx, machines: readonly MachineId[]): CallAnswer {
  const { world } = tx;
  if (machines.length === 0) return bad('List of machines is empty');
  for (const machine of machines) {
    if (!world.downMachines.has(machineKey(machine)))
      return bad(`Machine '${JSON.stringify(machine)}' is not in DOWN mode and cannot be brought up`);
  }
  const up = new Set(machines.map(machineKey));
  const windows = world.windows
    .map((window) => ({
      ...window,
      machine_ids: (window.machine_ids ?? []).filter((machine) => !up.has(machineKey(machine))),
    }))
    .filter((window) => window.machine_ids.length > 0);
  save(
    tx,
    windows,
    [...world.downMachines].filter(([key]) => !up.has(key)).map(([, machine]) => machine),
  );
  world.allDirty = true;
  return DONE;
}

function bringDown(tx: MasterTx, agent: MasterAgent): void {
  tx.toAgent(agent, { type: 'SHUTDOWN', shutdown: { message: "Operator initiated 'Machine DOWN'" } });
  removeAgent(tx, agent, {
    state: 'TASK_LOST',
    reason: 'REASON_AGENT_REMOVED',
    message: `Agent ${agent.info.hostname} removed: Operator initiated 'Machine DOWN'`,
  });
}

function save(tx: MasterTx, windows: readonly MaintenanceWindow[], down: readonly MachineId[]): void {
  tx.write({ w: 'maintenance', windows: windows.map(plainWindow), down });
}

/** Nanoseconds since 1970 come as big integers; the nearest double is less than a microsecond away. */
function plainWindow({ machine_ids = [], unavailability }: MaintenanceWindow): MaintenanceWindow {
  const { start, duration } = unavailability;
  return {
    machine_ids,
    unavailability: {
      start: { nanoseconds: Number(start.nanoseconds) },
      ...(duration ? { duration: { nanoseconds: Number(duration.nanoseconds) } } : {}),
    },
  };
}

function machineProblem({ hostname = '', ip = '' }: MachineId): string | null {
  if (hostname === '' && ip === '') return "Both 'hostname' and 'ip' for a machine are empty";
  return ip === '' || /^[\d.]+$|:/.test(ip) ? null : `'${ip}' is not an IP address`;
}
