import { describe, expect, test } from 'vitest';
import { AGENT_FLAGS, containerizerOf } from '../../server/flags/agent-flags.ts';
import { AGENT_REPLACED } from '../../server/flags/agent-replaced.ts';
import type { FlagTable } from '../../server/flags/flag.ts';
import { helpText } from '../../server/flags/help.ts';
import { MASTER_FLAGS } from '../../server/flags/master-flags.ts';
import { MASTER_REPLACED } from '../../server/flags/master-replaced.ts';
import { parseFlags } from '../../server/flags/parse.ts';
import { parseQuantities } from '../../server/flags/quantities.ts';
import { parseRoles, parseWeights } from '../../server/flags/roles.ts';
import { SERVER_FLAGS } from '../../server/flags/server-flags.ts';
import { formatDuration, parseDuration } from '../../shared/mesos/durations.ts';
import { recordedFlags } from '../support/recorded-flags.ts';

const server = (...argv: string[]) => parseFlags(SERVER_FLAGS, argv, {}, MASTER_REPLACED).values;
const agent = (...argv: string[]) => parseFlags(AGENT_FLAGS, argv, {}, AGENT_REPLACED).values;

test.each([
  [['--port=1', '--work_dir=d']],
  [['--port', '1', '--work-dir', 'd']],
  [['--port', '1', '--data-dir=d']],
  [['--port=1', '--data_dir', 'd']],
])('written %j it means the same', (argv) => {
  expect(server(...argv)).toMatchObject({ port: 1, work_dir: 'd', ip: '127.0.0.1' });
});

test('values may hold anything, also what looks like a flag', () => {
  expect(agent('--attributes=a:b=c', '--default-image', '--x')).toMatchObject({
    attributes: 'a:b=c',
    default_image: '--x',
  });
});

test.each([
  [['--insecure-bind'], true],
  [['--insecure_bind=true'], true],
  [['--insecure-bind=false'], false],
  [['--no-insecure-bind'], false],
  [[], false],
])('the switch %j is %s', (argv, on) => {
  expect(server(...argv).insecure_bind).toBe(on);
});

test.each<[argv: string[], problem: RegExp]>([
  [['--prot=1'], /--prot: there is no such flag.*/],
  [['--port'], /--port: it needs a value/],
  [['--port=x'], /--port: x: a whole number from 0 to 65535/],
  [['--port='], /--port: a whole number/],
  [['--port=1', '--port=2'], /given more than once/],
  [['--work-dir=a', '--data-dir=b'], /given more than once/],
  [['--insecure-bind=perhaps'], /true or false/],
  [['--no-insecure-bind=true'], /takes no value/],
  [['--no-port'], /no such flag/],
  [['port=1'], /written as --name=value/],
  [['--agent-ping-timeout=5parsecs'], /a duration is wanted/],
  [['--agent-ping-timeout=1ms'], /from 1secs to 15mins/],
  [['--mesos-encoding=xml'], /take one of json, protobuf/],
  [['--mesos-master=zk://a/mesos'], /not looked up in ZooKeeper/],
  [['--mesos-master=http://me:secret@host:5050'], /a secret does not belong/],
  [['--zk=zk://a/mesos'], /--zk: Mesos has this flag, Dawn does not/],
  [['--quorum', '2'], /--quorum: Mesos has this flag, Dawn does not/],
])('%j is refused', (argv, problem) => {
  expect(() => server(...argv)).toThrow(problem);
});

test('what was probably meant is said', () => {
  expect(() => server('--prot=1')).toThrow(
    expect.objectContaining({ hint: 'did you mean --port?' }) as Error,
  );
  expect(() => server('--zk=x')).toThrow(
    expect.objectContaining({
      hint: expect.stringMatching(/--standby on the same --work_dir/) as string,
    }) as Error,
  );
});

describe('the environment', () => {
  const from = (env: Record<string, string>, ...argv: string[]) =>
    parseFlags(SERVER_FLAGS, argv, env, MASTER_REPLACED);

  test('sets what Mesos has, and the command line beats it', () => {
    const env = { MESOS_PORT: '7', MESOS_WORK_DIR: 'e' };
    expect(from(env).values).toMatchObject({ port: 7, work_dir: 'e' });
    expect(from(env, '--port=8').values).toMatchObject({ port: 8, work_dir: 'e' });
    expect([...from(env, '--port=8').given].sort()).toEqual(['port', 'work_dir']);
  });

  test('sets nothing of what only Dawn has, and what it does not know is left alone', () => {
    const env = { MESOS_INSECURE_BIND: 'true', MESOS_SANDBOX: '/mnt', MESOS_ZK: 'zk://a', PORT: '9' };
    expect(from(env).values).toMatchObject({ insecure_bind: false, port: 5050 });
  });

  test('names itself when it is wrong', () => {
    expect(() => from({ MESOS_PORT: 'x' })).toThrow('MESOS_PORT');
  });
});

test.each<[string, number]>([
  ['15', 15_000],
  ['500ms', 500],
  ['15secs', 15_000],
  ['1.5mins', 90_000],
  ['2hrs', 7_200_000],
  ['1days', 86_400_000],
])('the duration %s', (text, ms) => {
  expect(server(`--offer-timeout=${text}`).offer_timeout).toBe(ms);
});

test('how an agent recovers', () => {
  expect(agent()).toMatchObject({ recover: 'reconnect', strict: false, switch_user: false });
  const asked = agent('--recover=cleanup', '--strict', '--switch_user');
  expect(asked).toMatchObject({ recover: 'cleanup', strict: true, switch_user: true });
  expect(() => agent('--recover=forget')).toThrow('reconnect, cleanup');
});

test('durations are printed as they are read', () => {
  for (const text of ['1secs', '10mins', '3weeks', '500ms', '1hrs', '21days'])
    expect(parseDuration(formatDuration(parseDuration(text) ?? NaN))).toBe(parseDuration(text));
  expect(formatDuration(0)).toBe('0ns');
  for (const text of ['', '5', 'secs', '5 parsecs', '5s']) expect(parseDuration(text), text).toBeUndefined();
});

test.each([
  ['docker', 'docker'],
  ['mesos', 'process'],
  ['process', 'process'],
  ['docker,mesos', 'auto'],
  ['auto', 'auto'],
])('containerizers %s', (text, kind) => {
  expect(containerizerOf(text)).toBe(kind);
});

test('roles and weights', () => {
  expect(parseRoles('a, b/c,*')).toEqual(['a', 'b/c', '*']);
  expect([...parseWeights('a=2,b/c=0.5')]).toEqual([
    ['a', 2],
    ['b/c', 0.5],
  ]);
  for (const role of ['.', '..', '-a', 'a//b', '/a', 'a/', 'a b', 'a/*', 'a/./b'])
    expect(() => parseRoles(role), role).toThrow(/^Role /);
  for (const text of ['a', 'a=', 'a=0', 'a=-1', 'a=x', 'a=1,a=2', '=1'])
    expect(() => parseWeights(text), text).toThrow(/^Role |role=weight|named twice/);
});

test('least amounts', () => {
  const parsed = (text: string) => parseQuantities(text).map((each) => Object.fromEntries(each));
  expect(parsed('cpus:0.01|mem:32')).toEqual([{ cpus: 10 }, { mem: 32_000 }]);
  expect(parsed(' disk:1 | cpus:1; mem:32 ')).toEqual([{ disk: 1000 }, { cpus: 1000, mem: 32_000 }]);
  expect(parsed('')).toEqual([]);
  for (const text of ['cpus', 'cpus:', 'cpus:x', 'cpus:-1', ':1', 'cpus=1', 'cpus:1;mem'])
    expect(() => parseQuantities(text), text).toThrow('resource:amount is wanted');
  expect(() => server('--min-allocatable-resources=cpus')).toThrow(/--min.allocatable.resources: cpus/);
  expect(server('--min_allocatable_resources=').min_allocatable_resources).toBe('');
});

describe.each<[string, FlagTable, ReadonlyMap<string, string>]>([
  ['master', MASTER_FLAGS, MASTER_REPLACED],
  ['agent', AGENT_FLAGS, AGENT_REPLACED],
])('every flag of a real %s', (kind, table, replaced) => {
  test.each(recordedFlags(kind))('%s is there, or it is said what to do instead', (name) => {
    expect(name in table || replaced.has(name)).toBe(true);
  });
});

test('help names every flag that is for people, and what it starts with', () => {
  const help = helpText('dawn server [flags]', SERVER_FLAGS);
  for (const [name, flag] of Object.entries(SERVER_FLAGS))
    expect(help.includes(`--${name}`)).toBe(!flag.hidden);
  expect(help).toMatch(/--port N.*default 5050/);
});
