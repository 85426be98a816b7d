/** What operators and tools asked a real agent (12-agent), asked of ours: one task runs, one has ended. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Access } from '../../../server/agent/api/access.ts';
import type { ApiParts } from '../../../server/agent/api/calls.ts';
import { SandboxFiles } from '../../../server/agent/api/files.ts';
import { AloneContainers } from '../../../server/agent/nested/alone.ts';
import { mainRoutes } from '../../../server/agent/routes.ts';
import { NestedContainers } from '../../../server/agent/nested/nested.ts';
import { ProcessContainerizer } from '../../../server/agent/process/process.ts';
import { sandboxPath } from '../../../server/agent/sandboxes.ts';
import { type AgentState, memoryState } from '../../../server/agent/state.ts';
import { mesosDoor } from '../../../server/libprocess/door.ts';
import { LoggingLevel } from '../../../server/libprocess/logging-level.ts';
import type { TaskState, TaskStatus } from '../../../shared/mesos/v1.ts';
import { RawConnection } from '../../support/raw-http.ts';
import { Listener, run } from '../../unit/agent/agent-fixtures.ts';
import { compareResponse } from '../exchange.ts';
import { Names } from '../names.ts';
import type { Exchange, Outcome } from '../recorded.ts';

const FRAMEWORK = 'feb2f7bb-f109-436a-8e01-28862bd42996-0000';
const AGENT = 'feb2f7bb-f109-436a-8e01-28862bd42996-S0';
const RUNNING = '061d9626-f178-4498-a2b4-b0220406d0fe';
const ENDED = '2400c4cc-c1b9-4925-b38b-80fe584cb771';
const directoryOf = (task: string, container: string): string =>
  `/var/lib/mesos3/agent/a1/slaves/${AGENT}/frameworks/${FRAMEWORK}/executors/${task}/runs/${container}`;

/** Asks them one after another of an agent in the recorded situation. */
export async function askAgent(exchanges: readonly Exchange[]): Promise<Outcome[]> {
  const workDir = mkdtempSync(join(tmpdir(), 'dawn-agent-api-'));
  const names = new Names();
  for (const container of [RUNNING, ENDED]) {
    const sandbox = sandboxPath(workDir, container);
    mkdirSync(sandbox, { recursive: true });
    writeFileSync(join(sandbox, 'stdout'), 'out\n');
    writeFileSync(join(sandbox, 'stderr'), 'err\n');
  }
  names.learn(directoryOf('ag-run', RUNNING), sandboxPath(workDir, RUNNING));
  names.learn(directoryOf('ag-done', ENDED), sandboxPath(workDir, ENDED));
  const state = situation();
  const heard = new Listener();
  const containerizer = new ProcessContainerizer(workDir, heard);
  containerizer.launch(run(RUNNING, 'sleep 1000'));
  const nested = new NestedContainers(state, containerizer);
  const alone = new AloneContainers({ state, containerizer, preparation: undefined });
  const faults: string[] = [];
  const door = mesosDoor({
    process: 'slave(1)',
    routes: routesOf({ state, nested, alone, containerizer }, workDir),
    hosts: [],
    log: (message, detail) => void faults.push(`${message} ${JSON.stringify(detail)}`),
  });
  const server = createServer((request, response) => void door(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const outcomes: Outcome[] = [];
  try {
    for (const exchange of exchanges) {
      const connection = await RawConnection.open((server.address() as AddressInfo).port);
      const body = Buffer.from(names.toOurs(exchange.body.toString()));
      const head = names
        .toOurs(exchange.head)
        .replace(/content-length: \d+/i, `Content-Length: ${body.length}`);
      connection.send(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]));
      outcomes.push({ exchange, differences: compareResponse(exchange, await connection.whole(), names) });
      connection.close();
    }
  } finally {
    await nested.close();
    containerizer.kill(RUNNING, 0);
    await heard.over(RUNNING);
    await containerizer.close();
    server.closeAllConnections();
    server.close();
    rmSync(workDir, { recursive: true, force: true });
  }
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return outcomes;
}

function routesOf(
  containers: Omit<ApiParts['containers'], 'runsCommands'>,
  workDir: string,
): ReturnType<typeof mainRoutes> {
  const { state } = containers;
  const scalar = (name: string, value: number): object => ({ name, type: 'SCALAR', scalar: { value } });
  const text = (name: string, value: string): object => ({ name, type: 'TEXT', text: { value } });
  const clock = { now: () => 1_795_315_273_000, at: () => () => undefined };
  const parts = {
    state,
    clock,
    info: {
      hostname: 'localhost',
      ip: '127.0.0.1',
      port: 5261,
      resources: [
        scalar('cpus', 4),
        scalar('mem', 4096),
        scalar('disk', 8192),
        { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31000, end: 32000 }] } },
      ],
      attributes: [text('rack', 'r1'), text('zone', 'z1')],
      containerizer: 'process',
      version: '1.12.0',
    },
    startedAtMs: clock.now() - 5_000,
    flags: {},
    files: new SandboxFiles({ state, sandbox: (container) => sandboxPath(workDir, container) }),
    logging: new LoggingLevel(clock),
    access: () => new Access(undefined, undefined),
    containers: { ...containers, runsCommands: true },
  } as unknown as ApiParts;
  return mainRoutes(parts);
}

function situation(): AgentState {
  const state = memoryState();
  state.setAgentId(AGENT);
  state.addFramework({
    id: { value: FRAMEWORK },
    user: 'root',
    name: 'ag',
    failover_timeout: 0,
    checkpoint: true,
    principal: 'p',
    roles: ['dev'],
  });
  const add = (id: string, container: string, command: string, states: readonly TaskState[]): void => {
    const scalar = (name: string, value: number): object => ({
      name,
      type: 'SCALAR',
      scalar: { value },
      allocation_info: { role: 'dev' },
    });
    const statusOf = (of: TaskState): TaskStatus => ({
      task_id: { value: id },
      state: of,
      ...(of === 'TASK_FINISHED' ? { message: 'Command exited with status 0' } : {}),
      source: 'SOURCE_EXECUTOR',
      agent_id: { value: AGENT },
      executor_id: { value: id },
      timestamp: 1_795_315_270,
      uuid: 'YcZQeqG2QRWj8fHb/U0diw==',
      container_status: {
        container_id: { value: container },
        executor_pid: 1,
        network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: '127.0.0.1' }] }],
      },
    });
    const [first, ...later] = states.map(statusOf);
    state.addTask(
      {
        framework: FRAMEWORK,
        container,
        sinceMs: 0,
        status: first!,
        task: {
          name: id,
          task_id: { value: id },
          agent_id: { value: AGENT },
          resources: [scalar('cpus', 0.1), scalar('mem', 32)] as never,
          command: { value: command },
          ...(id === 'ag-run' ? { labels: { labels: [{ key: 'k', value: 'v' }] } } : {}),
        },
      },
      [first!],
    );
    for (const status of later) state.addStatus(`${FRAMEWORK}/${id}`, status);
  };
  add('ag-done', ENDED, 'exit 0', ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
  state.forget(`${FRAMEWORK}/ag-done`);
  add('ag-run', RUNNING, 'echo out; echo err >&2; sleep 1000', ['TASK_STARTING', 'TASK_RUNNING']);
  return state;
}
