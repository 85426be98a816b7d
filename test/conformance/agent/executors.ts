/** What two executors and a real agent said to each other (13-executor/ex1 and ex2), said again to our agent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from '../../../server/agent/agent.ts';
import { Access } from '../../../server/agent/api/access.ts';
import { SandboxFiles } from '../../../server/agent/api/files.ts';
import { agentRoutes } from '../../../server/agent/routes.ts';
import { memoryState } from '../../../server/agent/state.ts';
import { SimulatedContainerizer } from '../../../server/agent/simulated/simulated.ts';
import { mesosDoor } from '../../../server/libprocess/door.ts';
import { LoggingLevel } from '../../../server/libprocess/logging-level.ts';
import type { AgentCall, AgentEvent } from '../../../shared/mesos/agent.ts';
import { VirtualClock } from '../../sim/virtual-clock.ts';
import { RawConnection } from '../../support/raw-http.ts';
import { type Difference, compare } from '../compare.ts';
import { compareHead, compareResponse } from '../exchange.ts';
import { Names } from '../names.ts';
import type { Exchange, JsonObject, Outcome } from '../recorded.ts';

const FRAMEWORK = '46a47447-07c0-4499-892f-7d553c3edd3a-0000';
const AGENT = '46a47447-07c0-4499-892f-7d553c3edd3a-S0';

/** What happens beside the executor's own calls: after the exchange of that name. */
const MEANWHILE: Readonly<Record<string, (stage: Stage) => void>> = {
  '13-executor/ex1/17-heartbeat': (stage) => stage.launch('c2'),
  '13-executor/ex1/25-heartbeat': (stage) =>
    stage.hear({
      type: 'KILL_TASK',
      kill_task: { framework_id: { value: FRAMEWORK }, task_id: { value: 'c1' } },
    }),
  '13-executor/ex1/26-update-killed': (stage) =>
    stage.hear({
      type: 'FRAMEWORK_MESSAGE',
      framework_message: {
        framework_id: { value: FRAMEWORK },
        executor_id: { value: 'ex1' },
        data: 'ZmluaXNo',
      },
    }),
  '13-executor/ex1/27-update-finished': (stage) =>
    stage.hear({
      type: 'SHUTDOWN_EXECUTOR',
      shutdown_executor: { framework_id: { value: FRAMEWORK }, executor_id: { value: 'ex1' } },
    }),
};

/** An agent whose master acknowledges everything at once, and which starts nothing: the executor is the recording. */
class Stage {
  private readonly faults: string[] = [];
  readonly agent: Agent;
  private readonly server: Server;
  private readonly first: JsonObject;
  private readonly executor: string;
  private readonly directory = mkdtempSync(join(tmpdir(), 'dawn-executor-'));
  hear: (event: AgentEvent) => void = () => undefined;

  constructor(executor: string, exchanges: readonly Exchange[]) {
    this.executor = executor;
    const stream = exchanges.find(({ events }) => events)?.events ?? [];
    this.first = (stream[0]?.event['subscribed'] ?? {}) as JsonObject;
    const clock = new VirtualClock();
    const state = memoryState();
    const link = {
      start: (_subscribe: () => AgentCall, handler: { onEvent(event: AgentEvent): void }) =>
        void (this.hear = (event) => handler.onEvent(event)),
      send: (call: AgentCall) => this.heard(call),
      close: () => Promise.resolve(),
    };
    const { resources = [], attributes = [] } = (this.first['agent_info'] ?? {}) as Record<string, never[]>;
    const info = {
      hostname: 'localhost',
      ip: '127.0.0.1',
      port: 5261,
      resources,
      attributes,
      containerizer: 'process',
      version: '1.12.0',
    };
    this.agent = new Agent({
      info,
      state,
      link,
      clock,
      newId: () => String((this.first['container_id'] as JsonObject | undefined)?.['value'] ?? 'c'),
      containerizer: (host) =>
        new SimulatedContainerizer({ startMs: () => 0, end: () => null, stopMs: () => 0 }, clock, host),
      machine: {
        workDir: this.directory,
        fetch: () => Promise.resolve(),
        limits: {
          registrationTimeoutMs: 60_000,
          reregistrationTimeoutMs: 2_000,
          shutdownGraceMs: 5_000,
          recoveryTimeoutMs: 900_000,
        },
      },
      log: () => undefined,
      refused: (message) => void this.faults.push(message),
    });
    const { containerizer, nested, alone } = this.agent;
    const files = new SandboxFiles({ state, sandbox: (id) => containerizer.sandbox(id) });
    const logging = new LoggingLevel(clock);
    const routes = agentRoutes(this.agent, {
      state,
      link,
      info,
      clock,
      startedAtMs: 0,
      flags: {},
      files,
      logging,
      access: () => new Access(undefined, undefined),
      subject: () => undefined,
      containers: { state, nested, alone, containerizer, runsCommands: true },
    });
    const door = mesosDoor({
      process: 'slave(1)',
      routes,
      hosts: [],
      log: (message, detail) => void this.faults.push(`${message} ${JSON.stringify(detail)}`),
    });
    this.server = createServer((request, response) => void door(request, response));
  }

  async open(): Promise<number> {
    await this.agent.start();
    this.hear({
      type: 'SUBSCRIBED',
      subscribed: { agent_id: { value: AGENT }, cluster_id: 'c', ping_timeout_seconds: 15 },
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  launch(id: string): void {
    const scalar = (name: string, value: number): object => ({
      name,
      type: 'SCALAR',
      scalar: { value },
      allocation_info: { role: 'dev' },
    });
    const executor = this.first['executor_info'] ?? { executor_id: { value: this.executor } };
    const framework = this.first['framework_info'] ?? {
      user: 'root',
      name: 'cust',
      id: { value: FRAMEWORK },
    };
    this.hear({
      type: 'RUN_TASK',
      run_task: {
        framework_id: { value: FRAMEWORK },
        framework,
        task: {
          name: id,
          task_id: { value: id },
          agent_id: { value: AGENT },
          resources: [scalar('cpus', 0.1), scalar('mem', 32)],
          executor,
          ...(id === 'c1' ? { data: 'dGFzayBkYXRh' } : {}),
        },
      },
    } as unknown as AgentEvent);
  }

  async close(): Promise<void> {
    await this.agent.close({ killTasks: false });
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.directory, { recursive: true, force: true });
    if (this.faults.length > 0) throw new Error(this.faults.join('\n'));
  }

  private heard(call: AgentCall): void {
    if (call.type !== 'UPDATE' || call.update.status.uuid === undefined) return;
    const { framework_id, status } = call.update;
    const acknowledge = { framework_id, task_id: status.task_id, uuid: status.uuid! };
    queueMicrotask(() => this.hear({ type: 'ACKNOWLEDGE', acknowledge }));
  }
}

/** What two executors said to a real agent (13-executor/ex1 and ex2), and a request of nobody, to an agent of ours; and what the first was told on its stream. */
export async function playExecutors(exchanges: readonly Exchange[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const executor of ['ex1', 'ex2']) {
    const mine = exchanges.filter(({ name }) => name.startsWith(`13-executor/${executor}/`));
    if (mine.length > 0) outcomes.push(...(await playExecutor(executor, mine)));
  }
  const others = exchanges.filter(({ name }) => !name.startsWith('13-executor/'));
  return others.length > 0 ? [...outcomes, ...(await playExecutor('', others))] : outcomes;
}

async function playExecutor(executor: string, exchanges: readonly Exchange[]): Promise<Outcome[]> {
  const stage = new Stage(executor, exchanges);
  const outcomes: Outcome[] = [];
  let stream: { exchange: Exchange; connection: RawConnection } | undefined;
  try {
    const port = await stage.open();
    const post = async (head: string, body: Buffer): Promise<RawConnection> => {
      const connection = await RawConnection.open(port);
      connection.send(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]));
      return connection;
    };
    if (executor !== '') stage.launch(executor === 'ex1' ? 'c1' : 'c4');
    for (const exchange of exchanges) {
      // Two requests are missing in the recordings, though not what came of them: the second executor's SUBSCRIBE, and the first update of the first one.
      if (exchange.name.includes('ex2/10-')) await subscribe(post, executor);
      if (exchange.name.includes('ex1/15-')) await start(post, executor);
      const connection = await post(exchange.head, exchange.body);
      if (exchange.events) {
        stream = { exchange, connection };
        await connection.until((response) => response && response.chunks.length >= 2);
      } else {
        const differences = compareResponse(exchange, await connection.whole(), new Names());
        outcomes.push({ exchange, differences });
      }
      MEANWHILE[exchange.name]?.(stage);
    }
    if (stream) outcomes.push(await toldTo(stream.exchange, stream.connection));
  } finally {
    await stage.close();
  }
  return outcomes;
}

/** Event by event. */
async function toldTo(exchange: Exchange, connection: RawConnection): Promise<Outcome> {
  const recorded = (exchange.events ?? []).map(({ event }) => event);
  const response = await connection.until((each) =>
    each?.chunks.length === recorded.length ? each : undefined,
  );
  const ours = response.chunks.map(
    (chunk) => JSON.parse(chunk.toString().replace(/^\d+\n/, '')) as JsonObject,
  );
  const differences: Difference[] = [];
  compare(exchange.response?.status, response.status, 'status', differences);
  if (exchange.response) compareHead(exchange.response, response, new Names(), differences);
  for (const [at, event] of recorded.entries()) compare(event, ours[at], `event ${at}`, differences);
  return { exchange, differences };
}

type Post = (head: string, body: Buffer) => Promise<RawConnection>;

async function subscribe(post: Post, executor: string): Promise<void> {
  const connection = await call(post, executor, { type: 'SUBSCRIBE', subscribe: {} });
  await connection.until((response) => response && response.chunks.length >= 2);
}

async function start(post: Post, executor: string): Promise<void> {
  const status = {
    task_id: { value: 'c1' },
    state: 'TASK_STARTING',
    source: 'SOURCE_EXECUTOR',
    uuid: 'z1zhVV0oTIuIa+fRHF1rGg==',
  };
  const answer = await (await call(post, executor, { type: 'UPDATE', update: { status } })).whole();
  if (answer.status !== 202) throw new Error(`the first update was answered ${answer.status}`);
}

function call(post: Post, executor: string, what: object): Promise<RawConnection> {
  const who = { framework_id: { value: FRAMEWORK }, executor_id: { value: executor } };
  const body = Buffer.from(JSON.stringify({ ...who, ...what }));
  const head = `POST /api/v1/executor HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  return post(head, body);
}
