/** Any job that the loader could have made: what the properties of job files are tried on. */
import * as fc from 'fast-check';
import { type JobKey, jobKey } from '../../../shared/ids.ts';
import type { Command, Constraint, Container, Job, TaskConfig } from '../../../shared/job/config.ts';

const NOT_FIELDS = new Set(['__proto__', 'constructor', 'prototype']);

const identifier = fc
  .oneof(
    fc.constantFrom('web', 'null', 'true', '1e5', '0x10', '~a', '-', 'a.b_c-d'),
    fc.stringMatching(/^[\w.-]{1,20}$/),
  )
  .filter((text) => /^[\w.-]+$/.test(text) && text !== '.' && text !== '..' && !NOT_FIELDS.has(text));

const name = fc.stringMatching(/^[A-Za-z][\w.-]{0,10}$/);

/** Any characters but NUL, control and bidirectional ones included; references are tried apart. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '',
      'yes',
      '010',
      '# no comment',
      'a: b',
      '- a',
      ' x ',
      'a\nb\n',
      '\ttab',
      "it's",
      '{{mesos.instance}}',
    ),
  )
  .filter((value) => !value.includes('\0') && (value === '{{mesos.instance}}' || !value.includes('{{')));
const line = text.filter((value) => value.length > 0);

const constraint: fc.Arbitrary<Constraint> = fc.oneof(
  fc.record({
    kind: fc.constant('limit' as const),
    attribute: identifier,
    limit: fc.integer({ min: 1, max: 1e6 }),
  }),
  fc.record({
    kind: fc.constant('value' as const),
    attribute: identifier,
    negated: fc.boolean(),
    values: fc
      .array(
        fc.stringMatching(/^[\w.:/()+$*-]{1,8}$/).filter((value) => !value.startsWith('limit:')),
        {
          minLength: 1,
          maxLength: 4,
        },
      )
      .map((values) => values.sort()),
  }),
);

const processes: fc.Arbitrary<Command> = fc
  .uniqueArray(identifier, { minLength: 1, maxLength: 4 })
  .chain((names) =>
    fc.record({
      kind: fc.constant('processes' as const),
      processes: fc.tuple(
        ...names.map((each) =>
          fc.record({
            name: fc.constant(each),
            cmdline: line,
            maxFailures: fc.nat(100),
            daemon: fc.boolean(),
            ephemeral: fc.boolean(),
            final: fc.boolean(),
            minDurationSecs: fc.nat(60),
          }),
        ),
      ),
      order: fc.array(fc.subarray(names), { maxLength: 3 }),
      maxFailures: fc.nat(5),
    }),
  );

const container = (ports: readonly string[]): fc.Arbitrary<Container> =>
  fc.oneof(
    fc.record({ kind: fc.constant('none' as const) }),
    fc.record({
      kind: fc.constant('docker' as const),
      image: fc.constantFrom(
        'nginx',
        'nginx:1.27',
        'localhost:5000/a/b-c',
        `busybox@sha256:${'a'.repeat(64)}`,
      ),
      network: fc.constantFrom('bridge' as const, 'host' as const, 'none' as const),
      volumes: fc.array(
        fc.record({
          hostPath: fc.stringMatching(/^\/srv\/[\w: -]{1,10}$/),
          containerPath: fc.stringMatching(/^\/data\/[\w: -]{1,10}$/),
          mode: fc.constantFrom('RO' as const, 'RW' as const),
        }),
        { maxLength: 3 },
      ),
      forcePull: fc.boolean(),
      containerPorts: fc
        .boolean()
        .map((own) => (own ? Object.fromEntries(ports.map((port, at) => [port, 80 + at])) : {})),
      user: fc.option(text),
    }),
  );

const seconds = fc.nat(3600);

function healthCheck(ports: readonly string[]): fc.Arbitrary<TaskConfig['healthCheck']> {
  const port = fc.constantFrom(...(ports.length > 0 ? ports : ['http']));
  const shell = fc.record({ kind: fc.constant('shell' as const), command: line });
  const checks = [
    fc.record({
      kind: fc.constant('http' as const),
      port,
      endpoint: fc.webPath().map((path) => `/h${path}`),
      expectedCodes: fc.array(fc.integer({ min: 1, max: 599 }), { maxLength: 1 }),
    }),
    fc.record({ kind: fc.constant('tcp' as const), port }),
  ];
  return fc.option(
    fc.record({
      check: ports.length > 0 ? fc.oneof(shell, ...checks) : shell,
      initialIntervalSecs: seconds,
      intervalSecs: fc.integer({ min: 1, max: 3600 }),
      timeoutSecs: fc.integer({ min: 1, max: 600 }),
      maxConsecutiveFailures: fc.nat(9),
      minConsecutiveSuccesses: fc.integer({ min: 1, max: 9 }),
    }),
  );
}

const taskConfig: fc.Arbitrary<TaskConfig> = fc
  .uniqueArray(name, { maxLength: 4 })
  .map((ports) => ports.filter((port) => !NOT_FIELDS.has(port)).sort())
  .chain((ports) =>
    fc.record({
      isService: fc.boolean(),
      tier: fc.constantFrom('preferred' as const, 'preemptible' as const, 'revocable' as const),
      priority: fc.nat(1000),
      maxTaskFailures: fc.integer({ min: -1, max: 9 }),
      cpu: fc.integer({ min: 1, max: 64_000 }).map((milli) => milli / 1000),
      ramMb: fc.integer({ min: 1, max: 1 << 20 }),
      diskMb: fc.integer({ min: 1, max: 1 << 20 }),
      gpus: fc.nat(4),
      ports: fc.constant(ports),
      constraints: fc
        .uniqueArray(constraint, { maxLength: 3, selector: ({ attribute }) => attribute })
        .map((list) => list.sort((a, b) => (a.attribute < b.attribute ? -1 : 1))),
      container: container(ports),
      command: fc.oneof(
        fc.record({ kind: fc.constant('shell' as const), line }),
        fc.record({
          kind: fc.constant('argv' as const),
          argv: fc.array(text, { minLength: 1, maxLength: 4 }),
        }),
        processes,
      ),
      env: fc.dictionary(
        fc.stringMatching(/^[A-Za-z_]\w{0,8}$/).filter((key) => !NOT_FIELDS.has(key)),
        text,
        {
          maxKeys: 4,
          noNullPrototype: true,
        },
      ),
      healthCheck: healthCheck(ports),
      httpLifecycle: fc.option(
        fc.record({
          port: name,
          gracefulShutdownEndpoint: fc.constant('/quit'),
          shutdownEndpoint: fc.constant('/abort'),
          gracefulShutdownWaitSecs: seconds,
          shutdownWaitSecs: seconds,
        }),
      ),
      killGraceSecs: seconds,
      metadata: fc.dictionary(identifier, text, { maxKeys: 3, noNullPrototype: true }),
      contact: fc.option(text),
    }),
  );

const update = (instances: number): fc.Arbitrary<Job['update']> => {
  const groupSize = fc.integer({ min: 1, max: instances });
  return fc.record({
    strategy: fc.oneof(
      fc.record({ kind: fc.constant('queue' as const), groupSize }),
      fc.record({ kind: fc.constant('batch' as const), groupSize, autopauseAfterBatch: fc.boolean() }),
    ),
    watchSecs: seconds,
    maxPerInstanceFailures: fc.nat(9),
    maxFailedInstances: fc.nat(instances - 1),
    rollbackOnFailure: fc.boolean(),
  });
};

const key: fc.Arbitrary<JobKey> = fc
  .record({
    role: identifier,
    environment: fc.constantFrom('prod', 'devel', 'test', 'staging', 'staging12'),
    name: identifier,
  })
  .map(jobKey);

export const arbitraryJob: fc.Arbitrary<Job> = fc
  .integer({ min: 1, max: 4000 })
  .chain((instances) =>
    fc.record({ key, instances: fc.constant(instances), task: taskConfig, update: update(instances) }),
  );

/** The same task in a docker container that runs the image's own command. */
export const withImageCommand = (job: Job): Job =>
  job.task.container.kind === 'docker' ? { ...job, task: { ...job.task, command: { kind: 'image' } } } : job;
