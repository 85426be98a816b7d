/**
 * What people write: Aurora's field names and defaults, with short forms for the common case. The one source of validation, types and the
 * reference that `dawn job schema` prints.
 */
import { z } from 'zod';
import {
  coded,
  commandText,
  containerPath,
  count,
  cpu,
  endpoint,
  environment,
  envName,
  envValue,
  hostPath,
  identifier,
  image,
  portName,
  portNumber,
  seconds,
  size,
} from './fields.ts';

const volume = z.union(
  [
    z.string().transform((text, context) => {
      const [host = '', container = '', mode = 'ro', ...rest] = text.split(':');
      const parsed = z
        .object({ host: hostPath, container: containerPath, mode: z.enum(['ro', 'rw', 'RO', 'RW']) })
        .safeParse({ host, container, mode });
      if (parsed.success && rest.length === 0)
        return { host_path: host, container_path: container, mode: mode.toUpperCase() as 'RO' | 'RW' };
      const issue =
        parsed.error?.issues[0]?.message ?? coded('E_MOUNT', 'HOST:CONTAINER or HOST:CONTAINER:rw');
      context.addIssue({ code: 'custom', message: issue });
      return z.NEVER;
    }),
    z.strictObject({
      host_path: hostPath,
      container_path: containerPath,
      mode: z.enum(['RO', 'RW']).default('RO'),
    }),
  ],
  { error: () => coded('E_MOUNT', 'HOST:CONTAINER[:rw], or host_path, container_path and mode') },
);

const ports = z.union([z.array(portName).max(100), z.record(portName, portNumber)], {
  error: () => coded('E_PORT', 'a list of names, or names with the port inside the container (1 to 65535)'),
});

const constraint = z.string().max(1024);

const process = z.strictObject({
  name: identifier,
  cmdline: commandText,
  max_failures: count.max(100).default(1).describe('0: without limit'),
  daemon: z.boolean().default(false),
  ephemeral: z.boolean().default(false),
  final: z.boolean().default(false),
  min_duration: seconds.default(5),
});

const resources = z.strictObject({ cpu, ram: size, disk: size, gpu: count.max(64).default(0) });

const task = z.strictObject({
  name: identifier.optional(),
  processes: z.array(process).min(1).max(50),
  constraints: z.array(z.strictObject({ order: z.array(z.string()) })).default([]),
  resources: resources.optional(),
  max_failures: count.default(1),
  finalization_wait: seconds.default(30),
});

const updateStrategy = z.union(
  [
    z.strictObject({ queue: z.strictObject({ batch_size: z.int().min(1).default(1) }) }),
    z.strictObject({
      batch: z.strictObject({
        batch_size: z.int().min(1).default(1),
        autopause_after_batch: z.boolean().default(false),
      }),
    }),
  ],
  {
    error: () =>
      coded('E_UPDATE_STRATEGY', 'queue: {batch_size} or batch: {batch_size, autopause_after_batch}'),
  },
);

const updateConfig = z.strictObject({
  batch_size: z
    .int()
    .min(1, { error: () => coded('E_UPDATE', 'a batch is at least 1 instance') })
    .default(1),
  watch_secs: z
    .number()
    .min(0, { error: () => coded('E_UPDATE', 'not negative') })
    .max(86_400)
    .default(45),
  max_per_shard_failures: count.default(0),
  max_total_failures: count.default(0),
  rollback_on_failure: z.boolean().default(true),
  wait_for_batch_completion: z.boolean().default(false),
  update_strategy: updateStrategy.optional(),
});

const healthTiming = {
  initial_interval_secs: seconds.default(15),
  interval_secs: z.number().positive().max(3600).default(10),
  timeout_secs: z.number().positive().max(600).default(1),
  max_consecutive_failures: count.default(0),
  min_consecutive_successes: z.int().min(1).default(1),
};

const httpCheck = z.strictObject({
  endpoint: endpoint.default('/health'),
  port: portName.default('health'),
  expected_response_code: z.int().min(0).max(599).default(0),
});

const healthCheckConfig = z.strictObject({
  health_checker: z.union(
    [
      z.strictObject({ http: httpCheck }),
      z.strictObject({ shell: z.strictObject({ shell_command: commandText }) }),
      z.strictObject({ tcp: z.strictObject({ port: portName }) }),
    ],
    { error: () => coded('E_HEALTH', 'http: {endpoint, port}, shell: {shell_command} or tcp: {port}') },
  ),
  ...healthTiming,
});

const health = z
  .strictObject({
    http: endpoint.optional(),
    tcp: portName.optional(),
    command: commandText.optional(),
    port: portName.optional(),
    ...healthTiming,
  })
  .refine(
    (short) => [short.http, short.tcp, short.command].filter((kind) => kind !== undefined).length === 1,
    coded('E_HEALTH', 'exactly one of http, tcp and command'),
  );

const lifecycle = z.strictObject({
  http: z.strictObject({
    port: portName.default('health'),
    graceful_shutdown_endpoint: endpoint.default('/quitquitquit'),
    shutdown_endpoint: endpoint.default('/abortabortabort'),
    graceful_shutdown_wait_secs: seconds.default(5),
    shutdown_wait_secs: seconds.default(5),
  }),
});

const container = z.strictObject({
  docker: z.strictObject({
    image,
    network: z.enum(['bridge', 'host', 'none']).default('bridge'),
    volumes: z.array(volume).max(50).default([]),
    force_pull: z.boolean().default(false),
    user: z.string().max(64).optional(),
    parameters: z
      .array(z.unknown())
      .max(0, coded('E_DOCKER_PARAM', 'no parameters are passed on to Docker'))
      .default([]),
  }),
});

/** One job as people write it. */
export const jobFileSchema = z.strictObject({
  role: identifier.optional().describe('who it belongs to; default: your login name'),
  environment: environment.default('devel'),
  name: identifier,
  instances: z
    .int({
      error: (issue) =>
        issue.code === 'too_big' ? coded('E_INSTANCES', 'above the limit of every cluster') : undefined,
    })
    .min(1, { error: () => coded('E_INSTANCES', 'at least 1') })
    .default(1),
  service: z.boolean().default(true).describe('restarted for ever; false: runs to its end'),

  image: image.optional().describe('short for container: {docker: {image}}'),
  command: z
    .union([commandText, z.array(z.string()).min(1).max(1000)], {
      error: () => coded('E_COMMAND', 'a line for the shell, or a list of words'),
    })
    .optional(),
  cpu: cpu.optional(),
  ram: size.optional(),
  disk: size.optional(),
  gpu: count.max(64).optional(),
  ports: ports.optional(),
  env: z.record(envName, envValue).default({}),
  volumes: z.array(volume).max(50).optional(),
  network: z.enum(['bridge', 'host', 'none']).optional(),
  user: z.string().max(64).optional(),
  kill_grace_secs: seconds.max(3600).optional(),

  task: task.optional(),
  container: container.optional(),
  constraints: z.record(identifier, constraint).default({}).describe("attribute: 'limit:1', 'a,b' or '!a,b'"),
  tier: z.enum(['preferred', 'preemptible', 'revocable']).default('preemptible'),
  priority: z.int().min(0).max(1000).default(0),
  max_task_failures: z.int().min(-1).default(1).describe('-1: without limit; services ignore it'),
  contact: z.string().max(255).optional(),
  metadata: z.record(identifier, z.string().max(1024)).default({}),
  update_config: updateConfig.prefault({}),
  health_check_config: healthCheckConfig.optional(),
  health: health.optional(),
  lifecycle: lifecycle.optional(),
});

/** A job file after its schema, before it is made whole (shared/job/normalise.ts). */
export type JobFile = z.infer<typeof jobFileSchema>;

/** The JSON Schema of a job file, for editors and for people. */
export function jobJsonSchema(): unknown {
  return z.toJSONSchema(jobFileSchema, { io: 'input', unrepresentable: 'any' });
}
