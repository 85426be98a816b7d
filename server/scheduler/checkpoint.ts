import type { TaskConfig } from '../../shared/job/config.ts';
import type { ConfigId, FrameworkId } from '../../shared/ids.ts';
import type { HostRow, InstanceStep, JobRow, TaskRow, UpdateRow } from './rows.ts';
import type { World } from './world.ts';
import { addUpdate, apply, emptyWorld, insertTask } from './world.ts';

/** The durable part of a world as plain JSON. Rows are in a fixed order, so equal worlds give equal text. */
export interface SavedWorld {
  readonly framework: FrameworkId | null;
  readonly configs: readonly { readonly id: ConfigId; readonly config: TaskConfig }[];
  readonly jobs: readonly JobRow[];
  readonly hosts: readonly HostRow[];
  readonly tasks: readonly TaskRow[];
  readonly updates: readonly (Omit<UpdateRow, 'steps'> & {
    readonly steps: readonly (readonly [number, InstanceStep])[];
  })[];
}

export function saveWorld(world: World): SavedWorld {
  return {
    framework: world.framework,
    configs: [...world.configs].map(([id, config]) => ({ id, config })).sort(by(({ id }) => id)),
    jobs: [...world.jobs.values()].sort(by(({ key }) => key)),
    hosts: [...world.hosts.values()].sort(by(({ agent }) => agent)),
    // In order of creation: pending tasks are placed first come, first served, also after a restart.
    tasks: [...world.tasks.values()],
    updates: [...world.updates.values()].map((update) => ({
      ...update,
      steps: [...update.steps].sort((a, b) => a[0] - b[0]),
    })),
  };
}

export function loadWorld(saved: SavedWorld): World {
  // Rows are changed in place from here on; the saved ones belong to whoever saved them.
  const rows = structuredClone(saved);
  const world = emptyWorld();
  world.framework = rows.framework;
  for (const { id, config } of rows.configs) apply(world, { w: 'config', id, config });
  for (const row of rows.hosts) apply(world, { w: 'host', row });
  for (const row of rows.jobs) apply(world, { w: 'job', row });
  for (const task of rows.tasks) insertTask(world, task);
  for (const { steps, ...update } of rows.updates) addUpdate(world, { ...update, steps: new Map(steps) });
  return world;
}

function by<Row>(key: (row: Row) => string): (a: Row, b: Row) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}
