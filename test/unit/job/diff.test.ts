import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskConfig } from '../../../shared/job/config.ts';
import { configId } from '../../../shared/job/config-id.ts';
import { diffConfigs } from '../../../shared/job/diff.ts';
import { loadJobs } from '../../../shared/job/load.ts';
import { arbitraryJob } from './arbitrary-job.ts';

function config(fields: string): TaskConfig {
  const loaded = loadJobs(`name: web\n${fields}`, { file: 'job.yaml', defaultRole: 'me' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.jobs[0]!.task;
}

test('names what differs as a job file names it, in order', () => {
  const before = config('command: a\nenv: { A: x, B: y }\nports: [http]\nconstraints: { host: "limit:1" }\n');
  const after = config('command: a\nram: 1GB\nenv: { A: x, B: z, C: new }\nports: [admin, http]\n');
  expect(diffConfigs(before, after)).toEqual([
    { path: 'constraints.host', from: 'limit:1' },
    { path: 'env.B', from: 'y', to: 'z' },
    { path: 'env.C', to: 'new' },
    { path: 'ports', from: ['http'], to: ['admin', 'http'] },
    { path: 'ram', from: '128MB', to: '1024MB' },
  ]);
});

test('a process of several is named by its place', () => {
  const task = (line: string): TaskConfig =>
    config(`task: { processes: [{ name: a, cmdline: x }, { name: b, cmdline: ${line} }] }\n`);
  expect(diffConfigs(task('y'), task('z'))).toEqual([
    { path: 'task.processes[1].cmdline', from: 'y', to: 'z' },
  ]);
});

test('from nothing and to nothing tell every field', () => {
  const task = config('command: a\n');
  const appears = diffConfigs(null, task);
  expect(appears).toContainEqual({ path: 'command', to: 'a' });
  expect(diffConfigs(task, null)).toEqual(appears.map(({ path, to }) => ({ path, from: to })));
});

test('two configs differ in some field exactly when their ids differ', () => {
  fc.assert(
    fc.property(arbitraryJob, arbitraryJob, ({ task }, other) => {
      expect(diffConfigs(task, structuredClone(task))).toEqual([]);
      expect(diffConfigs(task, other.task).length > 0).toBe(configId(task) !== configId(other.task));
    }),
  );
});

test('a change of any one field is seen', () => {
  fc.assert(
    fc.property(arbitraryJob, arbitraryJob, fc.nat(), ({ task }, other, pick) => {
      // Ports and container go together: a container names the ports that the task has.
      const fields = (Object.keys(task) as (keyof TaskConfig)[]).filter(
        (each) => each !== 'ports' && each !== 'container',
      );
      const field = fields[pick % fields.length]!;
      const changed = { ...task, [field]: other.task[field] } as TaskConfig;
      expect(diffConfigs(task, changed).length > 0).toBe(configId(task) !== configId(changed));
    }),
    { numRuns: 300 },
  );
});
