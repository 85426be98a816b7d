import type { Job, TaskConfig, UpdateSettings } from '../../shared/job/config.ts';
import type { JobKey } from '../../shared/ids.ts';

/** A small service; tests change what they are about. */
export function taskConfig(change: Partial<TaskConfig> = {}): TaskConfig {
  return {
    isService: true,
    tier: 'preemptible',
    priority: 0,
    maxTaskFailures: 1,
    cpu: 1,
    ramMb: 128,
    diskMb: 128,
    gpus: 0,
    ports: [],
    constraints: [],
    container: { kind: 'none' },
    command: { kind: 'shell', line: 'sleep 1000' },
    env: {},
    healthCheck: null,
    httpLifecycle: null,
    killGraceSecs: 5,
    metadata: {},
    contact: null,
    ...change,
  };
}

export function updateSettings(change: Partial<UpdateSettings> = {}): UpdateSettings {
  return {
    strategy: { kind: 'queue', groupSize: 1 },
    watchSecs: 5,
    maxPerInstanceFailures: 0,
    maxFailedInstances: 0,
    rollbackOnFailure: true,
    ...change,
  };
}

export function job(
  key: string,
  instances: number,
  task: Partial<TaskConfig> = {},
  update: Partial<UpdateSettings> = {},
): Job {
  return { key: key as JobKey, instances, task: taskConfig(task), update: updateSettings(update) };
}
