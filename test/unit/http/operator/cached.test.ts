/** What is remembered between answers is never out of date, whatever happens to the cluster. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sumByRole, usedOfAgent } from '../../../../server/http/mesos/operator/holdings.ts';
import { OperatorLists } from '../../../../server/http/mesos/operator/lists.ts';
import { writeFields } from '../../../../server/libprocess/wire-tree.ts';
import { LegacyLists } from '../../../../server/http/mesos/legacy/lists.ts';
import type { FrameworkId } from '../../../../shared/ids.ts';
import { resourcesOf } from '../../../../shared/mesos/bundle-format.ts';
import { TestMaster, agentInfo, status, taskInfo } from '../../master/test-master.ts';

const AGENTS = ['a', 'b'];
const steps = [
  'launch',
  'run',
  'finish',
  'lose',
  'return',
  'decline',
  'wait',
  'second',
  'subscribe',
  'teardown',
] as const;
type Step = readonly [(typeof steps)[number], number];

function act(master: TestMaster, [step, choice]: Step, ids: Map<string, string>, at: number): void {
  const { world } = master;
  const connection = AGENTS[choice % AGENTS.length]!;
  const agent = world.agents.get(ids.get(connection) as never);
  const framework = world.frameworkByConnection.get('f' as never) ?? ('' as FrameworkId);
  const tasks = [...(world.tasks.get(framework)?.values() ?? [])].filter((task) => task.agent === agent?.id);
  const task = tasks[choice % Math.max(1, tasks.length)];
  switch (step) {
    case 'launch':
      if (agent) master.launch('f', agent.id, [taskInfo(`t${at}`, agent.id, { cpusMilli: 100, memMb: 10 })]);
      break;
    case 'run':
    case 'finish': {
      if (!task) break;
      const uuid = btoa(`u${at}`);
      master.update(
        connection,
        framework,
        status(task.id, step === 'run' ? 'TASK_RUNNING' : 'TASK_FINISHED', uuid),
      );
      const acknowledge = { agent_id: { value: task.agent }, task_id: { value: task.id }, uuid };
      if (choice % 2 === 0) master.framework('f', { type: 'ACKNOWLEDGE', acknowledge });
      break;
    }
    case 'lose':
      master.closeAgent(connection);
      break;
    case 'return': {
      const held = tasks.map((each) => ({
        framework_id: { value: each.framework },
        task: each.info,
        status: each.status,
      }));
      if (agent)
        master.agent(connection, {
          type: 'SUBSCRIBE',
          subscribe: {
            agent_info: agentInfo(connection, { id: { value: agent.id } }),
            tasks: held,
            boot_id: `b${at}`,
          },
        });
      break;
    }
    case 'decline':
      master.framework('f', {
        type: 'DECLINE',
        decline: {
          offer_ids: [...world.offers.keys()].map((value) => ({ value })),
          filters: { refuse_seconds: choice % 3 },
        },
      });
      break;
    case 'wait':
      master.pass(choice);
      break;
    case 'second':
      if (!world.frameworkByConnection.has('g' as never)) master.subscribe('g');
      break;
    case 'subscribe':
      master.closeFramework('f');
      master.subscribe('f', framework === '' ? {} : { id: { value: framework } });
      break;
    case 'teardown':
      master.framework('g', { type: 'TEARDOWN' });
      break;
  }
}

test('remembered and fresh answers are the same', () => {
  const step = fc.tuple(fc.constantFrom(...steps), fc.nat(100));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (walk) => {
      const master = new TestMaster();
      const ids = new Map(AGENTS.map((name) => [name, master.addAgent(name)]));
      master.subscribe('f');
      const { world } = master;
      const operator = new OperatorLists(world, 'application/json');
      const legacy = new LegacyLists(world);
      const text = (lists: OperatorLists): string =>
        Buffer.concat(writeFields(lists.getState(), 'application/json')).toString();
      const old = (lists: LegacyLists): string =>
        Buffer.concat([
          ...lists.slaves({ isFull: true, only: null }),
          Buffer.from(','),
          ...lists.frameworks(null),
        ]).toString();
      walk.forEach((each, at) => {
        act(master, each, ids, at);
        expect(text(operator)).toBe(text(new OperatorLists(world, 'application/json')));
        expect(old(legacy)).toBe(old(new LegacyLists(world)));
        JSON.parse(text(operator));
        JSON.parse(`{${old(legacy)}}`);
        for (const agent of world.agents.values()) {
          if (agent.state !== 'reachable') continue;
          const anew = sumByRole([...agent.tasks].filter(({ released }) => !released));
          const plain = (sums: typeof anew): unknown =>
            [...sums].map(([role, bundle]) => [role, resourcesOf(bundle)]);
          expect(plain(usedOfAgent(agent))).toEqual(plain(anew));
        }
      });
    }),
    { numRuns: 150 },
  );
});

test('what a task held is free when it ended, though nothing is offered anew', () => {
  const master = new TestMaster();
  const agent = master.addAgent('a');
  const framework = master.subscribe('f');
  const lists = new LegacyLists(master.world);
  const used = (): string | undefined =>
    /"used_resources":\{[^}]*\}/.exec(
      Buffer.concat([...lists.slaves({ isFull: false, only: null })]).toString(),
    )?.[0];
  master.launch('f', agent, [taskInfo('t', agent)], 60);
  master.framework('f', { type: 'SUPPRESS' });
  expect(used()).toContain('"cpus":1.0');
  master.update('a', framework, status('t', 'TASK_FINISHED', btoa('u')));
  expect(used()).toContain('"cpus":0.0');
});
