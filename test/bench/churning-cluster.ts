/** 20,000 tasks on 500 agents, of which some get another status now and then: what `state.ts` asks for. */
import type { FrameworkId, TaskId } from '../../shared/ids.ts';
import { bundleOf } from '../../shared/mesos/bundle.ts';
import { toMesos } from '../../shared/resources.ts';
import { decide } from '../../server/master/decide.ts';
import { MASTER_LIMITS, type Connection, type MasterEnv } from '../../server/master/facts.ts';
import { noteStatus } from '../../server/master/history.ts';
import { addTask } from '../../server/master/tasks.ts';
import { MasterTx } from '../../server/master/tx.ts';
import { emptyMaster, type MasterWorld } from '../../server/master/world.ts';
import { seededRandom } from '../../server/random.ts';

export const TASKS = 20_000;
export const AGENTS = 500;
/** How many tasks one `change` moves. */
export const CHURN_TASKS = 20;
const env: MasterEnv = { now: 1_700_000_000_000, random: seededRandom(1), limits: MASTER_LIMITS };

export function cluster(): MasterWorld {
  const world = emptyMaster('11111111-2222-3333-4444-555555555555');
  for (let each = 0; each < AGENTS; each++) {
    decide(
      world,
      {
        kind: 'agent-call',
        connection: `a${each}` as Connection,
        call: {
          type: 'SUBSCRIBE',
          subscribe: {
            agent_info: {
              hostname: `host-${each}`,
              ip: '127.0.0.1',
              port: 5051,
              resources: toMesos({
                cpusMilli: 64_000,
                memMb: 262_144,
                diskMb: 1_000_000,
                gpus: 0,
                ports: [[31000, 32000]],
              }),
              attributes: [],
              containerizer: 'simulated',
              version: '0',
            },
            tasks: [],
            boot_id: `b${each}`,
          },
        },
      },
      env,
    );
  }
  const framework_info = {
    user: 'u',
    name: 'bench',
    roles: ['bench'],
    capabilities: [{ type: 'MULTI_ROLE' }],
  };
  const connection = 'f' as Connection;
  decide(
    world,
    { kind: 'framework-call', connection, call: { type: 'SUBSCRIBE', subscribe: { framework_info } } },
    env,
  );
  const framework = world.frameworkByConnection.get(connection) as FrameworkId;
  const agents = [...world.agents.values()];
  const labels = Array.from({ length: 10 }, (_, each) => ({ key: `label-${each}`, value: `value-${each}` }));
  for (let each = 0; each < TASKS; each++) {
    const agent = agents[each % AGENTS]!;
    const id = `service-${Math.floor(each / 100)}.${each}`;
    const resources = toMesos({
      cpusMilli: 1000,
      memMb: 1024,
      diskMb: 0,
      gpus: 0,
      ports: [[31000 + (each % 1000), 31000 + (each % 1000)]],
    });
    const info = {
      name: id,
      task_id: { value: id },
      agent_id: { value: agent.id },
      resources,
      labels: { labels },
    };
    const status = {
      task_id: { value: id },
      state: 'TASK_RUNNING',
      uuid: btoa(id),
      timestamp: 1_700_000_000.5,
    } as const;
    addTask(world, agent, {
      id: id as TaskId,
      framework,
      agent: agent.id,
      info: { ...info, command: { value: 'sleep 1' } },
      role: 'bench',
      resources: bundleOf(resources),
      status,
      inFlight: null,
      kill: null,
      released: false,
      number: (world.nextTask += 1),
      state: 'TASK_RUNNING',
      statuses: [{ ...status, state: 'TASK_STARTING' }, status],
    });
  }
  return world;
}

/** Gives some tasks another status, each time it is called. */
export function change(world: MasterWorld): () => void {
  const [tasks] = world.tasks.values();
  const all = [...(tasks?.values() ?? [])];
  return () => {
    const tx = new MasterTx(world, env);
    for (let each = 0; each < CHURN_TASKS; each++) {
      const task = all[Math.floor(Math.random() * all.length)];
      if (task) noteStatus(tx, task, { ...task.status, timestamp: 1_700_000_000 + Math.random() });
    }
  };
}
