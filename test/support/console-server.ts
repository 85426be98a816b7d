import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Core, CoreOptions } from '../../server/core.ts';
import { startCore } from '../../server/core.ts';
import { systemClock } from '../../server/engine/clock.ts';
import { type Authentication, authenticateRequests } from '../../server/http/auth/authenticate.ts';
import { FRAMEWORK_USER } from '../../server/scheduler/framework.ts';
import type { Acls } from '../../shared/mesos/acls.ts';
import { ownFleet } from '../../server/http/console/fleet/own.ts';
import { consoleRoutes } from '../../server/http/console/routes.ts';
import { httpServer } from '../../server/http/server.ts';
import type { Connection } from '../../server/master/facts.ts';
import { MASTER_LIMITS } from '../../server/master/facts.ts';
import { seededRandom } from '../../server/random.ts';
import { LIMITS } from '../../server/scheduler/facts.ts';
import { plan } from '../../server/scheduler/plan.ts';
import type { AgentEvent } from '../../shared/mesos/agent.ts';
import type { Id, TaskState } from '../../shared/mesos/v1.ts';
import { toMesos } from '../../shared/resources.ts';
import { MemoryJournal } from './memory-journal.ts';

export interface ConsoleServer {
  readonly app: FastifyInstance;
  readonly core: Core;
  readonly journal: MemoryJournal;
  readonly logged: string[];
  /** Listens on a free port of loopback; gives the URL. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export interface ConsoleServerOptions extends Pick<CoreOptions, 'filterCalls'> {
  readonly acls?: Acls;
  readonly authentication?: Authentication;
}

/** The real cores, engine and console API over a journal in memory: everything of a server but its store and its agents. */
export function consoleServer({
  acls,
  authentication,
  ...options
}: ConsoleServerOptions = {}): ConsoleServer {
  const journal = new MemoryJournal().open();
  const clock = systemClock();
  const random = seededRandom('console');
  const logged: string[] = [];
  const log = (message: string, detail?: Record<string, unknown>): void =>
    void logged.push(`${message} ${JSON.stringify(detail)}`);
  const core = startCore({
    journal,
    clock,
    random,
    limits: LIMITS,
    masterLimits: MASTER_LIMITS,
    ...options,
    fatal: (error) => {
      throw error;
    },
  });
  const fleet = ownFleet(core.master);
  let url = '';
  const app = httpServer({ hosts: [], log });
  if (authentication) authenticateRequests(app, authentication);
  consoleRoutes(app, {
    info: { name: 'test', version: '0.0.0', pid: 1, startedAtMs: clock.now(), store: 'memory' },
    url: () => url,
    scheduler: () => core.engine.world,
    fleet,
    acls,
    frameworkUser: FRAMEWORK_USER,
    journal,
    now: () => clock.now(),
    command: (command, actor) => core.engine.command(command, actor),
    plan: (command, actor) =>
      plan(
        core.engine.world,
        command,
        actor,
        { now: clock.now(), random: seededRandom('plan'), limits: LIMITS },
        fleet.agents(),
      ),
    onCommitted: (listener) => core.engine.onCommitted(listener),
    log,
  });
  return {
    app,
    core,
    journal,
    logged,
    listen: async () => (url = await app.listen({ host: '127.0.0.1', port: 0 })),
    async close() {
      await app.close();
      core.close();
    },
  };
}

/** Until nothing is being decided any more: the journal stood still for several turns of the event loop. */
export async function settled({ journal }: ConsoleServer): Promise<void> {
  for (let still = 0, seq = -1; still < 5; still = journal.seq === seq ? still + 1 : 0) {
    seq = journal.seq;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export interface FakeAgent {
  /** Ends a task of this agent. */
  end(taskId: string, state: TaskState): void;
  leave(): void;
}

/** An agent that runs whatever it is given at once, without running anything; `port` is where its logs are asked for. */
export function fakeAgent({ agents }: Core, hostname: string, port = 1): FakeAgent {
  const connection = `fake/${hostname}` as Connection;
  const frameworks = new Map<string, Id>();
  let agent: Id | undefined;
  let sent = 0;
  const say = (taskId: string, state: TaskState): void => {
    const framework = frameworks.get(taskId);
    if (!framework || !agent) throw new Error(`${hostname} does not have ${taskId}`);
    const status = {
      task_id: { value: taskId },
      state,
      agent_id: agent,
      uuid: Buffer.alloc(16, (sent += 1)).toString('base64'),
    };
    agents.call(connection, { type: 'UPDATE', agent_id: agent, update: { framework_id: framework, status } });
  };
  const hear = (event: AgentEvent): void => {
    if (event.type === 'SUBSCRIBED') agent = event.subscribed.agent_id;
    else if (event.type === 'RUN_TASK') {
      const { framework_id: framework, task } = event.run_task;
      frameworks.set(task.task_id.value, framework);
      say(task.task_id.value, 'TASK_RUNNING');
    } else if (event.type === 'KILL_TASK') say(event.kill_task.task_id.value, 'TASK_KILLED');
  };
  agents.open(connection, { send: hear, close: () => undefined });
  const resources = toMesos({ cpusMilli: 8000, memMb: 8192, diskMb: 8192, gpus: 0, ports: [[31000, 32000]] });
  const info = {
    hostname,
    ip: '127.0.0.1',
    port,
    resources,
    attributes: [],
    containerizer: 'simulated',
    version: '0.0.0',
  };
  agents.call(connection, {
    type: 'SUBSCRIBE',
    subscribe: { agent_info: info, tasks: [], boot_id: hostname },
  });
  return { end: say, leave: () => agents.closed(connection) };
}

/** An agent's HTTP door that answers as the test says. */
export async function fakeDoor(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ port: number; close(): void }> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
