import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadMaster, saveMaster } from '../../../server/master/checkpoint.ts';
import { apply, emptyMaster } from '../../../server/master/world.ts';
import type { FrameworkId } from '../../../shared/ids.ts';
import type { AgentTask } from '../../../shared/mesos/agent.ts';
import type { TaskState } from '../../../shared/mesos/v1.ts';
import { SMALL, TestMaster, status, taskInfo } from './test-master.ts';

type Step =
  | { do: 'agent'; agent: number; keeps: boolean; small: boolean }
  | { do: 'close-agent' | 'unregister' | 'pong'; agent: number }
  | { do: 'subscribe' | 'close' | 'teardown' | 'revive' | 'suppress'; framework: number }
  | {
      do: 'accept';
      framework: number;
      take: number;
      task: number;
      cpus: number;
      port: number;
      refuse: number;
    }
  | { do: 'decline'; framework: number; take: number; refuse: number }
  | {
      do: 'update';
      agent: number;
      framework: number;
      task: number;
      state: TaskState;
      latest: TaskState | undefined;
    }
  | { do: 'acknowledge' | 'kill'; agent: number; framework: number; task: number }
  | { do: 'reconcile'; framework: number }
  | { do: 'pass'; seconds: number };

const agent = fc.nat(3);
const framework = fc.nat(1);
const task = fc.nat(5);
const state = fc.constantFrom<TaskState>('TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED', 'TASK_FAILED');
const refuse = fc.constantFrom(0, 1, 5, 600, -1);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('agent' as const),
      agent,
      keeps: fc.boolean(),
      small: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('close-agent' as const, 'unregister' as const, 'pong' as const),
      agent,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'subscribe' as const,
        'subscribe' as const,
        'close' as const,
        'teardown' as const,
        'revive' as const,
        'suppress' as const,
      ),
      framework,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('accept' as const),
      framework,
      take: fc.nat(2),
      task,
      cpus: fc.integer({ min: -1, max: 4 }),
      port: fc.integer({ min: 30_999, max: 31_010 }),
      refuse,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('decline' as const), framework, take: fc.nat(2), refuse }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      agent,
      framework,
      task,
      state,
      latest: fc.option(state, { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('acknowledge' as const, 'kill' as const),
      agent,
      framework,
      task,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconcile' as const), framework }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.constantFrom(1, 5, 15, 100, 700) }),
  },
);

/** Agents, frameworks and operators that do anything at any time; TestMaster checks the invariants after each decision. */
class Chaos {
  readonly master = new TestMaster();
  private readonly agentStream = new Map<number, string>();
  private readonly agentId = new Map<number, string>();
  private readonly frameworkId = new Map<number, FrameworkId>();
  private streams = 0;

  do(now: Step): void {
    const { master } = this;
    if ('framework' in now && now.do !== 'subscribe' && !this.frameworkId.has(now.framework)) return;
    const f = 'framework' in now ? `f${now.framework}` : '';
    switch (now.do) {
      case 'agent':
        return this.register(now);
      case 'close-agent':
        return master.closeAgent(this.agentStream.get(now.agent) ?? '');
      case 'unregister':
      case 'pong': {
        const type = now.do === 'pong' ? 'PONG' : 'UNREGISTER';
        return master.agent(this.agentStream.get(now.agent) ?? '', {
          type,
          agent_id: { value: this.agentId.get(now.agent) ?? '' },
        });
      }
      case 'subscribe': {
        const before = this.frameworkId.get(now.framework);
        const id = master.subscribe(f, before ? { id: { value: before } } : {});
        if (id === '') this.frameworkId.delete(now.framework);
        else this.frameworkId.set(now.framework, id);
        return;
      }
      case 'close':
        return master.closeFramework(f);
      case 'teardown':
        return master.framework(f, { type: 'TEARDOWN' });
      case 'revive':
        return master.framework(f, { type: 'REVIVE' });
      case 'suppress':
        return master.framework(f, { type: 'SUPPRESS' });
      case 'accept': {
        const offers = this.offers(now.framework, now.take);
        const resources = {
          cpusMilli: now.cpus * 1000,
          memMb: 64,
          ports: [[now.port, now.port + 1]] as const,
        };
        const info = taskInfo(
          `t${now.task}`,
          master.world.offers.get((offers[0]?.value ?? '') as never)?.agent ?? 'm-S0',
          resources,
        );
        const operations = [
          {
            type: 'LAUNCH' as const,
            launch: { task_infos: [info, { ...info, task_id: { value: 'always' } }] },
          },
        ];
        return master.framework(f, {
          type: 'ACCEPT',
          accept: { offer_ids: offers, operations, filters: { refuse_seconds: now.refuse } },
        });
      }
      case 'decline':
        return master.framework(f, {
          type: 'DECLINE',
          decline: {
            offer_ids: this.offers(now.framework, now.take),
            filters: { refuse_seconds: now.refuse },
          },
        });
      case 'update':
        return master.update(
          this.agentStream.get(now.agent) ?? '',
          this.frameworkId.get(now.framework)!,
          status(`t${now.task}`, now.state, now.state),
          now.latest,
        );
      case 'acknowledge':
        return master.framework(f, {
          type: 'ACKNOWLEDGE',
          acknowledge: {
            agent_id: { value: this.agentId.get(now.agent) ?? '' },
            task_id: { value: `t${now.task}` },
            uuid: 'TASK_FINISHED',
          },
        });
      case 'kill':
        return master.framework(f, { type: 'KILL', kill: { task_id: { value: `t${now.task}` } } });
      case 'reconcile':
        return master.framework(f, { type: 'RECONCILE', reconcile: { tasks: [] } });
      case 'pass':
        return master.pass(now.seconds);
    }
  }

  private register({ agent: n, keeps, small }: Extract<Step, { do: 'agent' }>): void {
    const stream = `a${n}-${this.streams++}`;
    const id = this.agentId.get(n);
    const known = id === undefined ? undefined : this.master.world.agents.get(id as never);
    const tasks: AgentTask[] = keeps
      ? [...(known?.tasks ?? [])].map((held) => ({
          framework_id: { value: held.framework },
          task: held.info,
          status: held.status,
        }))
      : [];
    const total = small ? { ...SMALL, cpusMilli: 2000 } : SMALL;
    const given = this.master.addAgent(stream, {
      info: { hostname: `h${n}`, ...(id ? { id: { value: id } } : {}) },
      tasks,
      total,
    });
    if (given === ('' as never)) return;
    this.agentStream.set(n, stream);
    this.agentId.set(n, given);
  }

  private offers(n: number, take: number): { value: string }[] {
    const own = this.master.world.frameworks.get(this.frameworkId.get(n)!)?.offers ?? [];
    return own.slice(0, take).map(({ id }) => ({ value: id }));
  }
}

test('whatever happens in whatever order, the books balance and the registry is what was written', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const chaos = new Chaos();
      for (const each of steps) chaos.do(each);
      const replayed = emptyMaster('m');
      for (const write of chaos.master.writes) apply(replayed, write);
      expect(saveMaster(replayed)).toEqual(saveMaster(loadMaster(saveMaster(replayed))));
      expect({ ...saveMaster(replayed), agents: [] }).toEqual({
        ...saveMaster(chaos.master.world),
        agents: [],
      });
      expect(saveMaster(replayed).agents.map(({ id, state: is, info }) => [id, is, info])).toEqual(
        saveMaster(chaos.master.world).agents.map(({ id, state: is, info }) => [id, is, info]),
      );
    }),
    { numRuns: 400, seed: 7 },
  );
});

test('no task id is launched on an agent while one of that name is there', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const chaos = new Chaos();
      const { master } = chaos;
      for (const each of steps) {
        const before = new Set(
          [...master.world.agents.values()].flatMap(({ tasks }) =>
            [...tasks].map((held) => `${held.framework}/${held.id}`),
          ),
        );
        chaos.do(each);
        for (const { connection } of master.world.agents.values()) {
          if (connection === null) continue;
          const run = master
            .agentHeard(connection)
            .flatMap((event) => (event.type === 'RUN_TASK' ? [event.run_task] : []));
          for (const { framework_id, task: info } of run) {
            const name = `${framework_id.value}/${info.task_id.value}`;
            expect(before).not.toContain(name);
            before.add(name);
          }
        }
      }
    }),
    { numRuns: 300, seed: 11 },
  );
});
