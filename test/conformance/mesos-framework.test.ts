import { createRequire } from 'node:module';
import type { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeAgent } from '../support/console-server.ts';
import { mesosMaster, standbyMaster, type MesosMaster, type StandbyMaster } from '../support/mesos-master.ts';

/** What this test uses of the npm package mesos-framework, a scheduler library for Mesos's v1 HTTP API that knows nothing of us. */
interface Scheduler extends EventEmitter {
  subscribe(): void;
  teardown(): void;
}
const { Scheduler: newScheduler, Mesos } = createRequire(import.meta.url)('mesos-framework') as {
  Scheduler: new (options: object) => Scheduler;
  Mesos: {
    getMesos(): {
      CommandInfo: new (uris: null, environment: null, shell: boolean, value: string) => object;
    };
  };
};

let master: MesosMaster;
/** Stands by for it. */
let standby: StandbyMaster;
let logs: string;

beforeEach(async () => {
  master = await mesosMaster();
  standby = await standbyMaster();
  const leader = { hostname: 'localhost', port: master.port, pid: 1, sinceMs: 0 };
  standby.leadership = { kind: 'following', leader };
  logs = mkdtempSync(join(tmpdir(), 'dawn-mesos-framework-'));
});

afterEach(async () => {
  await Promise.all([master.close(), standby.close()]);
  rmSync(logs, { recursive: true, force: true });
});

test.each([
  ['', () => master.port],
  [', sent on by a master that does not lead', () => standby.port],
])(
  'an unmodified client of others runs its tasks to completion%s',
  async (_how, port) => {
    const agent = fakeAgent(master.core, 'h1');
    const { CommandInfo } = Mesos.getMesos();
    const scheduler = new newScheduler({
      masterUrl: '127.0.0.1',
      port: port(),
      frameworkName: 'theirs',
      frameworkFailoverTimeout: 60,
      logging: { path: logs, fileName: 'client.log', level: 'error' },
      tasks: {
        sleeper: {
          instances: 3,
          commandInfo: new CommandInfo(null, null, true, 'sleep 1'),
          resources: { cpus: 0.5, mem: 64, ports: 1, disk: 0 },
        },
      },
    });
    const states = new Map<string, string[]>();
    const faults: string[] = [];
    let closing = false;
    scheduler.on('error', (error: { message: string; stack?: string }) => {
      if (!closing) faults.push(error.stack ?? error.message);
    });
    const finished = new Promise<void>((resolve) => {
      scheduler.on('update', ({ status }: { status: { task_id: { value: string }; state: string } }) => {
        const id = status.task_id.value;
        states.set(id, [...(states.get(id) ?? []), status.state]);
        if (status.state === 'TASK_RUNNING') agent.end(id, 'TASK_FINISHED');
        const ended = [...states.values()].filter((all) => all.includes('TASK_FINISHED'));
        if (ended.length === 3) resolve();
      });
    });
    scheduler.on('ready', () => scheduler.subscribe());
    await finished;
    expect([...states.values()]).toEqual(Array.from({ length: 3 }, () => ['TASK_RUNNING', 'TASK_FINISHED']));
    expect(faults).toEqual([]);
    // It acknowledges by itself: nothing is left with the master.
    const [framework] = master.core.master.frameworks.values();
    await until(() => framework?.tasks.size === 0);
    expect(framework?.info).toMatchObject({ name: 'theirs', user: 'root', failover_timeout: 60 });
    closing = true;
    // On the end of its stream it would subscribe for ever.
    scheduler.subscribe = () => undefined;
    scheduler.teardown();
    await until(() => master.core.master.frameworks.size === 0);
    expect(master.logged).toEqual([]);
  },
  30_000,
);

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !condition(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}
