import { describe, expect, test } from 'vitest';
import { INPUTS } from '../../../shared/api/inputs.ts';
import type { OperationId } from '../../../shared/api/operations.ts';
import { loadJobs } from '../../../shared/job/load.ts';
import type { TaskConfig } from '../../../shared/job/config.ts';
import { job } from '../../support/jobs.ts';

function problemOf(operation: OperationId, part: 'query' | 'body', value: unknown): string | null {
  const result = INPUTS[operation]?.[part]?.safeParse(value);
  if (!result) throw new Error(`${operation} takes no ${part}`);
  const issue = result.error?.issues[0];
  return issue ? `${issue.path.join('.')}: ${issue.message}` : null;
}

const docker = (change: object): Partial<TaskConfig> => ({
  container: {
    kind: 'docker',
    image: 'busybox',
    network: 'bridge',
    volumes: [],
    forcePull: false,
    containerPorts: {},
    user: null,
    ...change,
  },
});
const mount = (hostPath: string): Partial<TaskConfig> =>
  docker({ volumes: [{ hostPath, containerPath: '/x', mode: 'RW' }] });
const timing = {
  initialIntervalSecs: 1,
  intervalSecs: 1,
  timeoutSecs: 1,
  maxConsecutiveFailures: 0,
  minConsecutiveSuccesses: 1,
};

describe('a job that comes straight through the API is held to what a job file could ask for', () => {
  test.each<[string, Partial<TaskConfig>, string]>([
    ['the Docker socket', mount('/var/run/docker.sock'), 'never mounted'],
    ['the root of the host', mount('/'), 'never mounted'],
    ['a path that climbs', mount('/srv/../etc'), 'never mounted'],
    ['an image that is an option', docker({ image: '--privileged' }), 'an image reference'],
    ['a mapped port it does not have', docker({ containerPorts: { http: 80 } }), 'no port http'],
    ['a variable with = in its name', { env: { 'A=B': 'c' } }, 'job.task.env.A=B'],
    ['a NUL in a command', { command: { kind: 'shell', line: 'echo \0' } }, 'no NUL'],
    ['no cores', { cpu: 0 }, 'more than 0 cores'],
    ['infinite cores', { cpu: Number.POSITIVE_INFINITY }, 'cpu'],
    ['half a megabyte', { ramMb: 0.5 }, 'ramMb'],
    ['a port twice', { ports: ['http', 'http'] }, 'named twice'],
    [
      'a check of a port it does not have',
      { healthCheck: { check: { kind: 'tcp', port: 'http' }, ...timing } },
      'no port http',
    ],
    [
      'a check of another host',
      {
        ports: ['p'],
        healthCheck: {
          check: { kind: 'http', port: 'p', endpoint: '//evil/', expectedCodes: [] },
          ...timing,
        },
      },
      'other hosts are not called',
    ],
    ['nothing to run', { command: { kind: 'image' } }, 'nothing to run'],
    [
      'an order of processes it does not have',
      {
        command: {
          kind: 'processes',
          maxFailures: 1,
          order: [['a', 'b']],
          processes: [
            {
              name: 'a',
              cmdline: 'x',
              maxFailures: 1,
              daemon: false,
              ephemeral: false,
              final: false,
              minDurationSecs: 1,
            },
          ],
        },
      },
      'no process b',
    ],
  ])('refuses %s', (_name, change, why) => {
    expect(problemOf('job.submit', 'body', { job: job('www/prod/web', 1, change) })).toContain(why);
  });

  test.each([
    [{ job: job('www/nowhere/web', 1) }, 'the environment is one of'],
    [{ job: job('www/prod', 1) }, 'ROLE/ENVIRONMENT/NAME'],
    [{ job: job('www/prod/web', 0) }, 'job.instances'],
    [{ job: job('www/prod/web', 1, {}, { watchSecs: -1 }) }, 'watchSecs'],
    [{ job: job('www/prod/web', 1), message: 'x'.repeat(1025) }, 'message'],
    [{ job: job('www/prod/web', 1), only: [[5, 1]] }, 'the smaller one first'],
    [
      {
        job: job('www/prod/web', 1),
        only: [
          [0, 1_000_000],
          [0, 1_000_000],
        ],
      },
      'at most 100000 instances',
    ],
    [{}, 'job'],
  ])('refuses the request %#', (body, why) => {
    expect(problemOf('job.submit', 'body', body)).toContain(why);
  });

  test('takes whatever the loader of job files makes', () => {
    const text = `
role: www
environment: prod
name: web
image: localhost:5000/web:1
command: ['run', '{{thermos.ports[8080]}}']
ports: { http: 80 }
env: { A: 1 }
volumes: ['/srv/data:/data']
constraints: { rack: 'limit:1', host: '!a,b' }
health: { http: /health, port: http }
lifecycle: { http: {} }
metadata: { team: web }
`;
    const loaded = loadJobs(text, { file: 'web.yaml', defaultRole: 'www' });
    expect(loaded).toMatchObject({ ok: true });
    if (loaded.ok) expect(problemOf('job.submit', 'body', { job: loaded.jobs[0] })).toBeNull();
  });
});

test.each<[OperationId, unknown, string | null]>([
  ['update.list', { limit: '10' }, null],
  ['update.list', { limit: '0' }, 'limit'],
  ['update.list', { limit: '-1' }, 'a whole number'],
  ['update.list', { limit: '1e9' }, 'a whole number'],
  ['update.list', { limit: 'abc' }, 'a whole number'],
  ['update.list', { limit: '' }, 'a whole number'],
  ['update.list', { limit: ['1', '2'] }, 'limit'],
  ['update.list', { limit: '100001' }, 'limit'],
  ['update.list', { status: 'active' }, null],
  ['update.list', { status: 'rolling_back' }, null],
  ['update.list', { status: 'SOON' }, 'one of ROLLING_FORWARD'],
  ['task.list', { status: 'running', host: 'a' }, null],
  ['task.list', { status: 'TASK_RUNNING' }, 'one of THROTTLED'],
  ['task.list', { job: 'a/b' }, 'ROLE/ENVIRONMENT/NAME'],
  ['task.logs', { follow: '1', tail: '0', stream: 'stderr' }, null],
  ['task.logs', { follow: 'yes' }, 'follow'],
  ['task.logs', { tail: '10001' }, 'tail'],
  ['watch', { view: 'everything' }, 'view'],
  ['events', { since: '9'.repeat(17) }, 'a whole number'],
])('query of %s: %j', (operation, query, problem) => {
  const found = problemOf(operation, 'query', query);
  if (problem === null) expect(found).toBeNull();
  else expect(found).toContain(problem);
});
