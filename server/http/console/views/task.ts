import type { TaskView } from '../../../../shared/api/views.ts';
import type { TaskRow } from '../../../scheduler/rows.ts';
import type { World } from '../../../scheduler/world.ts';
import { iso } from './times.ts';

export function taskView(world: World, task: TaskRow): TaskView {
  const config = world.configs.get(task.config);
  return {
    id: task.id,
    job: task.job,
    instance: task.instance,
    status: task.status,
    since: iso(task.events.at(-1)?.atMs ?? task.createdAtMs),
    createdAt: iso(task.createdAtMs),
    host: task.host,
    agent: task.agent,
    ports: task.ports,
    container: task.container,
    ip: task.ip,
    healthy: task.healthy,
    failures: task.failures,
    ancestor: task.ancestor,
    configId: task.config,
    onWantedConfig: world.jobs.get(task.job)?.config === task.config,
    cpus: config?.cpu ?? 0,
    ramMb: config?.ramMb ?? 0,
    lastMessage: task.events.findLast((event) => event.message !== undefined)?.message ?? null,
    events: task.events.map(({ atMs, status, message }) => ({
      at: iso(atMs),
      status,
      message: message ?? null,
    })),
  };
}
