import { afterEach, expect, test } from 'vitest';
import { httpLink } from '../../server/agent/http-link.ts';
import type { MasterLink } from '../../server/agent/master-link.ts';
import { parseCredentials } from '../../server/http/auth/credentials.ts';
import { type Realm, realmOf } from '../../server/http/auth/realms.ts';
import { parseAcls } from '../../shared/mesos/acls.ts';
import type { AgentEvent } from '../../shared/mesos/agent.ts';
import { authorizationIn } from '../../shared/credential.ts';
import { type MesosMaster, mesosMaster } from '../support/mesos-master.ts';
import { agentInfo } from '../unit/master/test-master.ts';

const authentication = {
  credentials: parseCredentials('rack1 s1\nann s2'),
  realms: new Set<Realm>(['dawn-master-agent']),
  realmOf,
};
const ended: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function master(acls?: string): Promise<MesosMaster> {
  const limits = acls === undefined ? {} : { acls: parseAcls(acls) };
  const started = await mesosMaster({ authentication, limits });
  ended.push(() => started.close());
  return started;
}

interface Heard {
  readonly events: AgentEvent[];
  readonly logged: string[];
}

/** An agent's link, with a credential as its file has it. */
function agent({ port }: MesosMaster, credential?: string): Heard {
  const heard: Heard = { events: [], logged: [] };
  const authorization = credential === undefined ? undefined : authorizationIn(credential, 'file');
  const link: MasterLink = httpLink([new URL(`http://127.0.0.1:${port}`)], authorization, (message, detail) =>
    heard.logged.push(`${message} ${JSON.stringify(detail)}`),
  );
  link.start(
    () => ({ type: 'SUBSCRIBE', subscribe: { agent_info: agentInfo('a'), tasks: [], boot_id: 'b' } }),
    { onEvent: (event) => heard.events.push(event), onDown: () => undefined },
  );
  ended.push(async () => link.close());
  return heard;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let at = 0; at < 1000 && !isSo(); at++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isSo()).toBe(true);
}

test('an agent that says who it is is let in', async () => {
  const to = await master();
  const { events } = agent(to, '{"principal":"rack1","secret":"s1"}');
  await until(() => events.length > 0);
  expect(events[0]?.type).toBe('SUBSCRIBED');
  expect(to.core.master.agents.size).toBe(1);
});

test.each([
  ['nothing', undefined],
  ['a wrong secret', 'rack1 wrong'],
  ['a name that nobody knows', 'rack9 s1'],
])('one that says %s stays out, says why and goes on trying', async (_what, credential) => {
  const to = await master();
  const { events, logged } = agent(to, credential);
  await until(() => logged.length >= 2);
  expect(logged[0]).toContain('401');
  expect(logged[0]).toContain('name a principal and its secret with --credential');
  expect(events).toEqual([]);
  expect(to.core.master.agents.size).toBe(0);
});

test('who may register as an agent is for --acls to say', async () => {
  const only = { principals: { values: ['rack1'] }, agents: { type: 'ANY' } };
  const others = { principals: { type: 'ANY' }, agents: { type: 'NONE' } };
  const to = await master(JSON.stringify({ register_agents: [only, others] }));
  const refused = agent(to, 'ann s2');
  await until(() => refused.events.length > 0);
  expect(refused.events[0]).toEqual({
    type: 'ERROR',
    error: { message: "Not authorized to register agents as 'ann' (--acls of the master)" },
  });
  expect(to.core.master.agents.size).toBe(0);
  const allowed = agent(to, 'rack1 s1');
  await until(() => allowed.events.length > 0);
  expect(allowed.events[0]?.type).toBe('SUBSCRIBED');
});
