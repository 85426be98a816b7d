/** The recorded variants of a real agent's Docker containerizer, and each of them played by our agent on an engine that runs nothing. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from '../../server/agent/agent.ts';
import { openFetcher } from '../../server/agent/fetcher/fetcher.ts';
import { DockerContainerizer } from '../../server/agent/docker/docker.ts';
import type { Policy } from '../../server/agent/docker/policy.ts';
import { memoryState } from '../../server/agent/state.ts';
import { systemClock } from '../../server/engine/clock.ts';
import { type Place, taskProblem } from '../../server/master/task-problem.ts';
import { bundleOf } from '../../shared/mesos/bundle.ts';
import { fromJson } from '../../shared/mesos/wire/codec.ts';
import type { AgentCall, AgentEvent } from '../../shared/mesos/agent.ts';
import { TERMINAL_TASK_STATES, type TaskInfo, type TaskStatus } from '../../shared/mesos/v1.ts';
import { PretendEngine } from '../support/pretend-engine.ts';
import { type CreateOptions, createOptionsOf } from './docker-run.ts';

export interface Variant {
  readonly name: string;
  readonly task: TaskInfo;
  /** Argvs of the docker binary. */
  readonly docker: readonly (readonly string[])[];
  readonly statuses: readonly TaskStatus[];
}

/** What came of a task, recorded or ours, in the same shape; texts that are new each time are named. */
export interface Played {
  readonly run: object | undefined;
  readonly pulls: readonly string[];
  readonly execs: readonly (readonly string[])[];
  /** Seconds of grace. */
  readonly stops: readonly number[];
  readonly statuses: object;
}

const FRAMEWORK = '86c573a4-5ebd-48d3-be62-2c20bb941276-0004';
/** Everything that the variants ask for: what of it is let through is asked in test/unit/agent/policy.test.ts. */
const POLICY: Policy = { volumeRoots: ['/etc'], dockerVolumes: ['*'], parameters: ['*'], privileged: true };
/** Waits of tasks are played faster. */
const FASTER = 20;
const DIGEST = `reg.io:5000/a/b@sha256:${'a'.repeat(64)}`;

export function readVariants(): Variant[] {
  const file = new URL('../../fixtures/mesos-docker/docker.json', import.meta.url);
  const all = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    Omit<Variant, 'name' | 'task'> & { task: object }
  >;
  return Object.entries(all).map(([name, { task, ...rest }]) => {
    const decoded = fromJson('mesos.v1.TaskInfo', task);
    if (!decoded.ok) throw new Error(`${name}: ${decoded.problem}`);
    return { name, task: decoded.message as unknown as TaskInfo, ...rest };
  });
}

export function recorded({ task, docker, statuses }: Variant): Played {
  const run = docker.find(([verb]) => verb === 'run');
  const id = run?.[1 + run.indexOf('--name')]?.replace('mesos-', '') ?? 'none';
  const sandbox = /\/var\/lib\/mesos[^:]*\/runs\/CID/g;
  const named = (text: string): string => text.replaceAll(id, 'CID').replace(sandbox, 'SANDBOX');
  const image = task.container?.docker?.image ?? task.executor?.container?.docker?.image;
  return {
    run: run && shaped(createOptionsOf(run.map(named))),
    pulls: docker.flatMap(([verb, name]) => (verb === 'pull' && name === image ? [tagged(image ?? '')] : [])),
    execs: distinct(docker.flatMap(([verb, _name, ...words]) => (verb === 'exec' ? [words] : []))),
    stops: docker.flatMap(([verb, _t, seconds]) => (verb === 'stop' ? [Number(seconds)] : [])),
    statuses: told(statuses),
  };
}

/** Validated as a master does; then given to an agent. */
export async function play(variant: Variant): Promise<Played> {
  const problem = taskProblem(placeOf(variant.task), variant.task);
  if (problem === null) return playOnAgent(variant);
  const status = {
    state: 'TASK_ERROR',
    source: 'SOURCE_MASTER',
    reason: 'REASON_TASK_INVALID',
    message: problem,
  };
  return { run: undefined, pulls: [], execs: [], stops: [], statuses: told([status as TaskStatus]) };
}

function placeOf({ agent_id, resources, executor }: TaskInfo): Place {
  const framework = { id: executor?.framework_id?.value ?? FRAMEWORK, tasks: new Map() };
  const agent = { id: agent_id.value, executors: new Map() };
  const left = bundleOf([...resources, ...(executor?.resources ?? [])]);
  return { framework, agent, role: 'dg', left } as unknown as Place;
}

async function playOnAgent({ task, statuses: wanted }: Variant): Promise<Played> {
  const engine = new PretendEngine(['alpine:latest', 'busybox:latest', DIGEST], ['pullme:1']);
  const workDir = mkdtempSync(join(tmpdir(), 'dawn-variant-'));
  mkdirSync(join(workDir, 'agent'));
  const stops: number[] = [];
  const statuses: TaskStatus[] = [];
  let hear: (event: AgentEvent) => void = () => undefined;
  const fetch = await openFetcher({
    workDir,
    cacheBytesMax: 1 << 20,
    stallMs: 1_000,
    frameworksHome: undefined,
  });
  const connected = await engine.open();
  const framework = task.executor?.framework_id?.value ?? FRAMEWORK;
  const framework_id = { value: framework };
  const killed = wanted.some(({ state }) => state === 'TASK_KILLED') && !task.health_check;
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  const heard = (call: AgentCall): void => {
    if (call.type !== 'UPDATE') return;
    const { status } = call.update;
    statuses.push(status);
    setImmediate(() => {
      const { uuid } = status;
      if (uuid !== undefined)
        hear({ type: 'ACKNOWLEDGE', acknowledge: { framework_id, task_id: task.task_id, uuid } });
      if (status.state === 'TASK_RUNNING' && killed)
        hear({ type: 'KILL_TASK', kill_task: { framework_id, task_id: task.task_id } });
      if (TERMINAL_TASK_STATES.has(status.state)) end();
    });
  };
  const agent = new Agent({
    info: {
      hostname: 'h',
      ip: '127.0.0.1',
      port: 5051,
      resources: [],
      attributes: [],
      containerizer: 'docker',
      version: '0',
    },
    state: memoryState(),
    link: {
      start: (_subscribe, handler) => void (hear = (event) => handler.onEvent(event)),
      send: heard,
      close: () => Promise.resolve(),
    },
    clock: systemClock(),
    newId: () => 'CID',
    containerizer: (host) => {
      const { cpus, memoryBytes } = connected;
      const docker = new DockerContainerizer(
        {
          engine: connected,
          workDir,
          agentKey: 'key',
          defaultImage: 'busybox',
          cpus,
          memoryBytes,
          policy: POLICY,
        },
        host,
      );
      const kill = docker.kill.bind(docker);
      docker.kill = (id, graceMs) => {
        stops.push(graceMs / 1000);
        kill(id, graceMs);
      };
      return docker;
    },
    machine: {
      workDir,
      fetch,
      limits: {
        registrationTimeoutMs: 60_000,
        reregistrationTimeoutMs: 2_000,
        shutdownGraceMs: 5_000,
        recoveryTimeoutMs: 900_000,
      },
    },
    log: () => undefined,
    refused: () => undefined,
  });
  try {
    await agent.start();
    const agent_id = task.agent_id;
    hear({ type: 'SUBSCRIBED', subscribed: { agent_id, cluster_id: 'c', ping_timeout_seconds: 15 } });
    const info = {
      id: framework_id,
      name: 'f',
      user: 'root',
      capabilities: [{ type: 'TASK_KILLING_STATE' as const }],
    };
    // As the master hands it on, in JSON.
    const told_task = JSON.parse(JSON.stringify(faster(task))) as TaskInfo;
    hear({ type: 'RUN_TASK', run_task: { framework_id, framework: info, task: told_task } });
    await over;
    const [created] = engine.created;
    const named = (text: string): string =>
      text.replaceAll(join(workDir, 'containers', 'CID', 'sandbox'), 'SANDBOX');
    return {
      run: created && shaped(JSON.parse(named(JSON.stringify(created))) as CreateOptions),
      pulls: engine.pulled,
      execs: distinct(engine.execs),
      stops,
      statuses: told(statuses),
    };
  } finally {
    await agent.close({ killTasks: false });
    engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

function faster(task: TaskInfo): TaskInfo {
  const { health_check: check } = task;
  if (!check) return task;
  return { ...task, health_check: { ...check, interval_seconds: (check.interval_seconds ?? 10) / FASTER } };
}

/** Lists whose order means nothing, by what they are of. */
function shaped({ Env, HostConfig, ...rest }: CreateOptions): object {
  const binds = (HostConfig['Binds'] as string[]).map((bind) => {
    const [from, to = '', mode = 'rw'] = bind.split(':');
    return [to, `${from}:${mode}`];
  });
  const env = (Env as string[]).map((each) => [
    each.slice(0, each.indexOf('=')),
    each.slice(each.indexOf('=') + 1),
  ]);
  // What is false is as if it were not there.
  const host = Object.entries(HostConfig).filter(([, value]) => value !== false);
  return {
    ...rest,
    Env: Object.fromEntries(env),
    HostConfig: { ...Object.fromEntries(host), Binds: Object.fromEntries(binds) },
  };
}

/** By state; the same one again with a number. */
function told(statuses: readonly TaskStatus[]): object {
  const found: Record<string, object> = {};
  const order: string[] = [];
  for (const { state, source, reason, message, healthy } of statuses) {
    const again = order.filter((each) => each === state).length;
    order.push(state);
    found[again === 0 ? state : `${state}#${again + 1}`] = {
      source,
      reason,
      message: message?.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'CID'),
      healthy,
    };
  }
  return { order: order.join(' '), ...found };
}

function distinct(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return lists.filter((list, at) => lists.findIndex((each) => each.join(' ') === list.join(' ')) === at);
}

function tagged(image: string): string {
  return image.includes(':') ? image : `${image}:latest`;
}
