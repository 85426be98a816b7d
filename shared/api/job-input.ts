import { z } from 'zod';
import { parseJobKey } from '../ids.ts';
import {
  commandText,
  containerPath,
  cpu,
  endpoint,
  environment,
  envName,
  hostPath,
  identifier,
  image,
  portNumber,
  seconds,
} from '../job/fields.ts';

/**
 * A job as the server takes it (shared/job/config.ts), with the field types of job files: whoever speaks to the API directly can ask for no
 * more than a job file could, no mount of the Docker socket either.
 */
export const jobKeyInput = z
  .string()
  .refine((text) => parseJobKey(text) !== undefined, 'a job key is ROLE/ENVIRONMENT/NAME');

/** Names of ports, those that a template refers to included. */
const port = z.string().regex(/^[\w.-]{1,63}$/, 'a port name: letters, digits, `-`, `_` and `.`');
const count = z.int().min(0).max(1_000_000);
const envValue = z
  .string()
  .max(32 * 1024)
  .refine((text) => !text.includes('\0'), 'no NUL in a value');

const process = z.strictObject({
  name: identifier,
  cmdline: commandText,
  maxFailures: count,
  daemon: z.boolean(),
  ephemeral: z.boolean(),
  final: z.boolean(),
  minDurationSecs: seconds,
});

const command = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('shell'), line: commandText }),
    z.strictObject({
      kind: z.literal('argv'),
      argv: z
        .array(z.string().max(64 * 1024))
        .min(1)
        .max(1000),
    }),
    z.strictObject({ kind: z.literal('image') }),
    z.strictObject({
      kind: z.literal('processes'),
      processes: z.array(process).min(1).max(50),
      order: z.array(z.array(identifier).max(50)).max(50),
      maxFailures: count,
    }),
  ],
  { error: 'kind is one of shell, argv, image, processes' },
);

const volume = z.strictObject({ hostPath, containerPath, mode: z.enum(['RO', 'RW']) });

const container = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({
      kind: z.literal('docker'),
      image,
      network: z.enum(['bridge', 'host', 'none']),
      volumes: z.array(volume).max(50),
      forcePull: z.boolean(),
      containerPorts: z.record(port, portNumber),
      user: z.string().max(64).nullable(),
    }),
  ],
  { error: 'kind is one of none, docker' },
);

const constraint = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('value'),
      attribute: identifier,
      negated: z.boolean(),
      values: z.array(z.string().max(1024)).min(1).max(100),
    }),
    z.strictObject({ kind: z.literal('limit'), attribute: identifier, limit: z.int().min(1) }),
  ],
  { error: 'kind is one of value, limit' },
);

const healthCheck = z.strictObject({
  check: z.discriminatedUnion(
    'kind',
    [
      z.strictObject({
        kind: z.literal('http'),
        port,
        endpoint,
        expectedCodes: z.array(z.int().min(100).max(599)).max(20),
      }),
      z.strictObject({ kind: z.literal('tcp'), port }),
      z.strictObject({ kind: z.literal('shell'), command: commandText }),
    ],
    { error: 'kind is one of http, tcp, shell' },
  ),
  initialIntervalSecs: seconds,
  intervalSecs: z.number().positive().max(3600),
  timeoutSecs: z.number().positive().max(600),
  maxConsecutiveFailures: count,
  minConsecutiveSuccesses: z.int().min(1).max(1000),
});

const httpLifecycle = z.strictObject({
  port,
  gracefulShutdownEndpoint: endpoint,
  shutdownEndpoint: endpoint,
  gracefulShutdownWaitSecs: seconds,
  shutdownWaitSecs: seconds,
});

const taskFields = z.strictObject({
  isService: z.boolean(),
  tier: z.enum(['preferred', 'preemptible', 'revocable']),
  priority: z.int().min(0).max(1000),
  maxTaskFailures: z.int().min(-1).max(1_000_000),
  cpu,
  ramMb: z.int().min(1).max(1e9),
  diskMb: z.int().min(1).max(1e9),
  gpus: z.int().min(0).max(64),
  ports: z.array(port).max(100),
  constraints: z.array(constraint).max(50),
  container,
  command,
  env: z.record(envName, envValue),
  healthCheck: healthCheck.nullable(),
  httpLifecycle: httpLifecycle.nullable(),
  killGraceSecs: z.number().min(0).max(3600),
  metadata: z.record(identifier, z.string().max(1024)),
  contact: z.string().max(255).nullable(),
});

const task = taskFields.superRefine((config, context) => {
  for (const { path, message } of contradictions(config)) context.addIssue({ code: 'custom', path, message });
});

const groupSize = z.int().min(1).max(1_000_000);

const update = z.strictObject({
  strategy: z.discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('queue'), groupSize }),
      z.strictObject({ kind: z.literal('batch'), groupSize, autopauseAfterBatch: z.boolean() }),
    ],
    { error: 'kind is one of queue, batch' },
  ),
  watchSecs: z.number().min(0).max(86_400),
  maxPerInstanceFailures: count,
  maxFailedInstances: count,
  rollbackOnFailure: z.boolean(),
});

export const jobInput = z.strictObject({
  key: jobKeyInput.refine(
    (key) => environment.safeParse(key.split('/')[1]).success,
    'the environment is one of prod, devel, test, staging with or without a number',
  ),
  instances: z.int().min(1).max(1_000_000),
  task,
  update,
});

interface Contradiction {
  readonly path: string[];
  readonly message: string;
}

/** What no single field can see; the loader of job files refuses the same (shared/job/normalise.ts). */
function contradictions(config: z.infer<typeof taskFields>): Contradiction[] {
  const { ports, healthCheck: health, container: box, command: runs } = config;
  const found: Contradiction[] = [];
  const complain = (path: string, message: string): void =>
    void found.push({ path: path.split('.'), message });
  if (new Set(ports).size < ports.length) complain('ports', 'a port is named twice');
  const check = health?.check;
  if (check && check.kind !== 'shell' && !ports.includes(check.port)) {
    complain('healthCheck.check.port', `the job has no port ${check.port}`);
  }
  if (box.kind === 'none' && runs.kind === 'image') complain('command', 'nothing to run without an image');
  const unmapped =
    box.kind === 'docker' ? Object.keys(box.containerPorts).find((name) => !ports.includes(name)) : undefined;
  if (unmapped !== undefined) complain('container.containerPorts', `the job has no port ${unmapped}`);
  if (runs.kind !== 'processes') return found;
  const names = runs.processes.map(({ name }) => name);
  if (new Set(names).size < names.length) complain('command.processes', 'two processes have the same name');
  const unknown = runs.order.flat().find((name) => !names.includes(name));
  if (unknown !== undefined) complain('command.order', `there is no process ${unknown}`);
  return found;
}
