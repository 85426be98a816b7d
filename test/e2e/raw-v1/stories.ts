/** Frameworks of nothing but raw v1 calls, against a real master and a real agent: what they launch, and what they hear of it. */
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Dawn } from '../dawn.ts';
import { type Part, beginPart, endPart } from '../part.ts';
import { RawFramework } from './framework.ts';

type Json = Record<string, unknown>;
export type Print = (line: string) => void;

const EXECUTOR = fileURLToPath(new URL('./executor.mjs', import.meta.url));
const ROLE = 'dev';

export const INFO = {
  user: 'root',
  name: 'raw',
  roles: [ROLE],
  checkpoint: true,
  failover_timeout: 600,
  principal: 'p',
  capabilities: ['MULTI_ROLE', 'RESERVATION_REFINEMENT', 'PARTITION_AWARE', 'TASK_KILLING_STATE'].map(
    (type) => ({
      type,
    }),
  ),
};

export interface StageOptions {
  readonly info?: Json;
  readonly masterFlags?: readonly string[];
  readonly agentFlags?: readonly string[];
}

/** A master, an agent of it, and a framework. */
export class Stage {
  readonly framework: RawFramework;
  readonly master: Part;
  agent: Part;
  private readonly dawn: Dawn;
  private readonly agentArgs: readonly string[];
  private readonly print: Print;

  private constructor(dawn: Dawn, master: Part, agent: Part, agentArgs: readonly string[], print: Print) {
    this.dawn = dawn;
    this.master = master;
    this.agent = agent;
    this.agentArgs = agentArgs;
    this.print = print;
    this.framework = new RawFramework(master.url, print);
  }

  static async open(
    dawn: Dawn,
    containerizer: 'mesos' | 'docker',
    print: Print,
    { info, masterFlags = [], agentFlags = [] }: StageOptions = {},
  ): Promise<Stage> {
    const workDir = `--work_dir=${join(dawn.home, 'master')}`;
    const master = await beginPart(dawn, 'master', '--port=0', workDir, ...masterFlags);
    const agentArgs = [
      'agent',
      `--master=${master.url}`,
      '--hostname=agent-1',
      `--work_dir=${join(dawn.home, 'agent-1')}`,
      `--containerizers=${containerizer}`,
      ...agentFlags,
    ];
    const stage = new Stage(dawn, master, await beginPart(dawn, ...agentArgs), agentArgs, print);
    await stage.framework.subscribe({ ...INFO, ...info });
    return stage;
  }

  /** Another process of the same framework. */
  again(): RawFramework {
    const framework = new RawFramework(this.master.url, this.print);
    framework.id = this.framework.id;
    return framework;
  }

  async restartAgent(): Promise<void> {
    await endPart(this.agent.child, 'SIGKILL');
    this.agent = await beginPart(this.dawn, ...this.agentArgs);
  }

  /** The framework is torn down, so that nothing of it is left. */
  async close(): Promise<void> {
    await this.framework.call('TEARDOWN').catch(() => undefined);
    this.framework.disconnect();
    // Told to end its tasks; a second of grace is what most of them have.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await endPart(this.agent.child, 'SIGTERM');
    await endPart(this.master.child, 'SIGTERM');
  }
}

function scalars(values: Readonly<Record<string, number>>, more: Json = {}): Json[] {
  return Object.entries(values).map(([name, value]) => ({
    name,
    type: 'SCALAR',
    scalar: { value },
    ...more,
  }));
}

const SMALL = scalars({ cpus: 0.1, mem: 32 });

async function task(framework: RawFramework, id: string, more: Json): Promise<Json> {
  return {
    name: id,
    task_id: { value: id },
    agent_id: { value: await framework.agent() },
    resources: SMALL,
    ...more,
  };
}

function launch(...task_infos: Json[]): Json {
  return { type: 'LAUNCH', launch: { task_infos } };
}

/** An executor as frameworks bring their own: the agent fetches its program. */
function byHand(id: string): Json {
  return {
    type: 'CUSTOM',
    executor_id: { value: id },
    name: 'by hand',
    command: {
      value: `exec ${process.execPath} executor.mjs`,
      uris: [{ value: EXECUTOR, cache: true }],
    },
    resources: SMALL,
  };
}

/** One executor runs two tasks, hears a message, is shut down; another one ends with a task on its hands. */
export async function customExecutor({ framework }: Stage): Promise<void> {
  const agent_id = { value: await framework.agent() };
  const say = (id: string, text: string): Promise<void> =>
    framework.call('MESSAGE', {
      agent_id,
      executor_id: { value: id },
      data: Buffer.from(text).toString('base64'),
    });
  const tasks = ['c1', 'c2'].map((id) => task(framework, id, { executor: byHand('ex1'), data: 'ZGF0YQ==' }));
  await framework.accept([launch(...(await Promise.all(tasks)))]);
  for (const id of ['c1', 'c2']) await framework.status(id, 'TASK_RUNNING');
  await framework.event(({ type }) => type === 'MESSAGE');
  await framework.call('KILL', { task_id: { value: 'c1' } });
  await framework.status('c1', 'TASK_KILLED');
  await say('ex1', 'finish');
  await framework.status('c2', 'TASK_FINISHED');
  await framework.call('SHUTDOWN', { agent_id, executor_id: { value: 'ex1' } });
  await framework.event(({ type }) => type === 'FAILURE');

  await framework.accept([launch(await task(framework, 'c3', { executor: byHand('ex2') }))]);
  await framework.status('c3', 'TASK_RUNNING');
  await say('ex2', 'exit 3');
  await framework.status('c3', 'TASK_FAILED');
}

/** The agent is killed and comes back; the executor has waited for it. */
export async function executorOverRestart(stage: Stage): Promise<void> {
  const { framework } = stage;
  const executor = byHand('waits');
  await framework.accept([launch(await task(framework, 'w1', { executor }))]);
  await framework.status('w1', 'TASK_RUNNING');
  await stage.restartAgent();
  // Its executor hears it only when it is back.
  const agent_id = { value: await framework.agent() };
  const endMs = Date.now() + 30_000;
  while (!framework.states('w1').includes('TASK_FINISHED') && Date.now() < endMs) {
    const data = Buffer.from('finish').toString('base64');
    await framework.call('MESSAGE', { agent_id, executor_id: { value: 'waits' }, data });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await framework.status('w1', 'TASK_FINISHED');
}

function group(framework: RawFramework, id: string, tasks: readonly Json[]): Json {
  return {
    type: 'LAUNCH_GROUP',
    launch_group: {
      executor: {
        type: 'DEFAULT',
        executor_id: { value: id },
        framework_id: { value: framework.id },
        resources: scalars({ cpus: 0.1, mem: 32, disk: 32 }),
      },
      task_group: { tasks },
    },
  };
}

/** Two tasks: one ends well and leaves the other alone, which is killed then. And two of which one fails, so that both are over. */
export async function taskGroup({ framework }: Stage): Promise<void> {
  const g1 = await task(framework, 'g1', { command: { value: 'sleep 1' } });
  const g2 = await task(framework, 'g2', { command: { value: 'sleep 1000' } });
  await framework.accept([group(framework, 'pod', [g1, g2])]);
  await framework.status('g1', 'TASK_FINISHED');
  await framework.call('KILL', { task_id: { value: 'g2' } });
  await framework.status('g2', 'TASK_KILLED');
  const h1 = await task(framework, 'h1', { command: { value: 'sleep 0.5; exit 1' } });
  const h2 = await task(framework, 'h2', { command: { value: 'sleep 1000' } });
  await framework.accept([group(framework, 'pod2', [h1, h2])]);
  await framework.status('h1', 'TASK_FAILED');
  await framework.status('h2', 'TASK_KILLED');
}

/** A check that passes, then fails until the task is ended for it. */
export async function healthChecked({ framework }: Stage): Promise<void> {
  const health_check = {
    type: 'COMMAND',
    command: { value: 'test ! -e sick' },
    delay_seconds: 0,
    interval_seconds: 0.3,
    grace_period_seconds: 0,
    consecutive_failures: 2,
  };
  await framework.accept([
    launch(
      await task(framework, 'hc', { command: { value: 'sleep 2; touch sick; sleep 1000' }, health_check }),
    ),
  ]);
  await framework.status('hc', ({ healthy }) => healthy === true);
  await framework.status('hc', 'TASK_KILLED');
}

/** What the first task writes on the volume the second one reads; then it is destroyed. */
export async function persistentVolume({ framework }: Stage): Promise<void> {
  const reservations = [{ type: 'DYNAMIC', role: ROLE, principal: 'p' }];
  const reserved = scalars({ cpus: 0.1, mem: 32, disk: 64 }, { reservations });
  const volume = {
    ...scalars({ disk: 64 }, { reservations })[0],
    disk: { persistence: { id: 'vol1', principal: 'p' }, volume: { container_path: 'data', mode: 'RW' } },
  };
  const resources = [...reserved.slice(0, 2), volume];
  await framework.accept([
    { type: 'RESERVE', reserve: { resources: reserved } },
    { type: 'CREATE', create: { volumes: [volume] } },
    launch(await task(framework, 'v1', { resources, command: { value: 'echo kept > data/file' } })),
  ]);
  await framework.status('v1', 'TASK_FINISHED');
  const hasVolume = (offer: Json): boolean => JSON.stringify(offer).includes('vol1');
  await framework.accept(
    [launch(await task(framework, 'v2', { resources, command: { value: 'grep kept data/file' } }))],
    hasVolume,
  );
  await framework.status('v2', 'TASK_FINISHED');
  await framework.accept([{ type: 'DESTROY', destroy: { volumes: [volume] } }], hasVolume);
  await framework.accept([{ type: 'CREATE', create: { volumes: [volume] } }], (offer) => !hasVolume(offer));
  await framework.accept(
    [launch(await task(framework, 'v3', { resources, command: { value: 'test ! -e data/file' } }))],
    hasVolume,
  );
  await framework.status('v3', 'TASK_FINISHED');
}

/** A container of an image, with a port of this machine mapped to one of its own; it answers there. */
export async function dockerBridge({ framework }: Stage): Promise<string> {
  const port = 31_234;
  const resources = [
    ...SMALL,
    { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: port, end: port }] } },
  ];
  const container = {
    type: 'DOCKER',
    docker: {
      image: 'busybox',
      network: 'BRIDGE',
      port_mappings: [{ host_port: port, container_port: 80, protocol: 'tcp' }],
    },
  };
  const value = 'mkdir /www && echo from inside > /www/index.html && exec httpd -f -p 80 -h /www';
  await framework.accept([
    launch(await task(framework, 'web', { resources, container, command: { value } })),
  ]);
  await framework.status('web', 'TASK_RUNNING');
  const answer = await ask(`http://127.0.0.1:${port}/`);
  await framework.call('KILL', { task_id: { value: 'web' } });
  await framework.status('web', 'TASK_KILLED');
  return answer;
}

async function ask(url: string): Promise<string> {
  for (let left = 100; ; left--) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A task that would run too long. */
export async function completionTime({ framework }: Stage): Promise<void> {
  await framework.accept([
    launch(
      await task(framework, 'slow', {
        command: { value: 'sleep 1000' },
        max_completion_time: { nanoseconds: 1_000_000_000 },
      }),
    ),
  ]);
  await framework.status('slow', 'TASK_FAILED');
}

/** The framework's process dies and another takes its place in time: the task does not notice. */
export async function failover(stage: Stage): Promise<RawFramework> {
  await stage.framework.accept([
    launch(await task(stage.framework, 'stays', { command: { value: 'sleep 1000' } })),
  ]);
  await stage.framework.status('stays', 'TASK_RUNNING');
  stage.framework.disconnect();
  const next = stage.again();
  await next.subscribe(INFO);
  await next.call('RECONCILE', { tasks: [] });
  await next.status('stays', 'TASK_RUNNING');
  await next.call('KILL', { task_id: { value: 'stays' } });
  await next.status('stays', 'TASK_KILLED');
  return next;
}

/** It comes too late: its task is killed, and its id is spent. @returns what the agent still runs, and what the master says to it */
export async function failoverTooLate(stage: Stage): Promise<{ running: number; error: string }> {
  const { framework } = stage;
  await framework.accept([launch(await task(framework, 'ends', { command: { value: 'sleep 1000' } }))]);
  await framework.status('ends', 'TASK_RUNNING');
  const offer = await framework.event(({ type }) => type === 'OFFERS');
  const { url } = (offer['offers'] as { offers: { url: { address: { ip: string; port: number } } }[] })
    .offers[0]!;
  framework.disconnect();
  const state = `http://${url.address.ip}:${url.address.port}/state`;
  let running = 1;
  for (const endMs = Date.now() + 30_000; running > 0 && Date.now() < endMs;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    running = ((await (await fetch(state)).json()) as { frameworks: unknown[] }).frameworks.length;
  }
  const next = stage.again();
  void next.subscribe(INFO).catch(() => undefined);
  const told = await next.event(({ type }) => type === 'ERROR');
  next.disconnect();
  return { running, error: (told['error'] as { message: string }).message };
}

/** The agent stands still for longer than it may, and goes on. */
export async function partition({ framework, agent }: Stage): Promise<void> {
  await framework.accept([launch(await task(framework, 'far', { command: { value: 'sleep 1000' } }))]);
  await framework.status('far', 'TASK_RUNNING');
  agent.child.kill('SIGSTOP');
  await framework.status('far', 'TASK_UNREACHABLE');
  agent.child.kill('SIGCONT');
  await framework.status('far', ({ reason }) => reason === 'REASON_AGENT_REREGISTERED');
}

/** The agent is told to stop, and to end what it runs: tasks first, then the executor. @returns how the executor ended */
export async function killOnExit({ framework, agent }: Stage): Promise<unknown> {
  const executor = byHand('leaves');
  await framework.accept([launch(await task(framework, 'k1', { executor }))]);
  await framework.status('k1', 'TASK_RUNNING');
  await endPart(agent.child, 'SIGTERM');
  await framework.status('k1', 'TASK_KILLED');
  return (await framework.event(({ type }) => type === 'FAILURE'))['failure'];
}
