/** What each operation takes: one zod schema per operation for query and body; OpenAPI and the server's checks come from here. */
import { z } from 'zod';
import { isIdentifier } from '../ids.ts';
import { UPDATE_COMMANDS } from '../update-states.ts';
import type { OperationId } from './operations.ts';

const identifier = z.string().refine(isIdentifier, 'letters, digits, `-`, `_` and `.` only');
const jobKey = z.string().refine((text) => text.split('/').length === 3 && text.split('/').every(isIdentifier), 'a job key is ROLE/ENVIRONMENT/NAME');
const instance = z.int().min(0).max(1_000_000);
const ranges = z.array(z.tuple([instance, instance])).min(1).max(10_000);
const message = z.string().max(1024).optional();
const text = z.string().max(64 * 1024);
const count = z.number().min(0).max(1_000_000);
const names = z.record(z.string().max(255), z.string().max(32 * 1024));

/** Query values are text. */
const number = (max: number): z.ZodType<number | undefined> => z.coerce.number().int().min(0).max(max).optional();
const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1').optional();

const process = z.strictObject({ name: identifier, cmdline: text, maxFailures: count, daemon: z.boolean(), ephemeral: z.boolean(), final: z.boolean(), minDurationSecs: count });

const command = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('shell'), line: text }),
  z.strictObject({ kind: z.literal('argv'), argv: z.array(text).min(1).max(1000) }),
  z.strictObject({ kind: z.literal('image') }),
  z.strictObject({ kind: z.literal('processes'), processes: z.array(process).min(1).max(50), order: z.array(z.array(identifier)), maxFailures: count }),
]);

const container = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('docker'),
    image: z.string().min(1).max(512).regex(/^[^\s-][^\s]*$/, 'an image reference'),
    network: z.enum(['bridge', 'host', 'none']),
    volumes: z.array(z.strictObject({ hostPath: z.string(), containerPath: z.string(), mode: z.enum(['RO', 'RW']) })).max(50),
    forcePull: z.boolean(),
    containerPorts: z.record(z.string(), z.int().min(1).max(65535)),
    user: z.string().max(64).nullable(),
  }),
]);

const constraint = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('value'), attribute: identifier, negated: z.boolean(), values: z.array(z.string().max(255)).min(1).max(100) }),
  z.strictObject({ kind: z.literal('limit'), attribute: identifier, limit: z.int().min(1) }),
]);

const path = z.string().regex(/^\/[^\s\u0000-\u001f]*$/, 'a path on the task itself');

const healthCheck = z.strictObject({
  check: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('http'), port: z.string(), endpoint: path, expectedCodes: z.array(z.int().min(100).max(599)).max(20) }),
    z.strictObject({ kind: z.literal('tcp'), port: z.string() }),
    z.strictObject({ kind: z.literal('shell'), command: text }),
  ]),
  initialIntervalSecs: count,
  intervalSecs: z.number().positive().max(3600),
  timeoutSecs: z.number().positive().max(600),
  maxConsecutiveFailures: count,
  minConsecutiveSuccesses: z.int().min(1).max(1000),
});

const httpLifecycle = z.strictObject({ port: z.string(), gracefulShutdownEndpoint: path, shutdownEndpoint: path, gracefulShutdownWaitSecs: count, shutdownWaitSecs: count });

const task = z.strictObject({
  isService: z.boolean(),
  tier: z.enum(['preferred', 'preemptible', 'revocable']),
  priority: z.int().min(0).max(1000),
  maxTaskFailures: z.int().min(-1),
  cpu: z.number().positive().max(4096),
  ramMb: z.int().min(1).max(1e9),
  diskMb: z.int().min(1).max(1e9),
  gpus: z.int().min(0).max(64),
  ports: z.array(z.string().max(63)).max(100),
  constraints: z.array(constraint).max(50),
  container,
  command,
  env: names,
  healthCheck: healthCheck.nullable(),
  httpLifecycle: httpLifecycle.nullable(),
  killGraceSecs: z.number().min(0).max(3600),
  metadata: names,
  contact: z.string().max(255).nullable(),
});

const update = z.strictObject({
  strategy: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('queue'), groupSize: z.int().min(1) }),
    z.strictObject({ kind: z.literal('batch'), groupSize: z.int().min(1), autopauseAfterBatch: z.boolean() }),
  ]),
  watchSecs: z.number().min(0).max(86_400),
  maxPerInstanceFailures: z.int().min(0),
  maxFailedInstances: z.int().min(0),
  rollbackOnFailure: z.boolean(),
});

const environment = /^(prod|devel|test|staging\d*)$/;
const job = z.strictObject({
  key: jobKey.refine((key) => environment.test(key.split('/')[1] ?? ''), 'the environment is one of prod, devel, test, staging with or without a number'),
  instances: z.int().min(1),
  task,
  update,
});

const submit = { job, only: ranges.optional(), message };
const scale = { instances: z.int().min(0), message };
const some = { only: ranges.optional(), message };
const restart = { ...some, now: z.boolean().optional() };
const updateCommand = { command: z.enum(UPDATE_COMMANDS), update: z.string().max(64).optional(), message };

const anyCommand = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('job.submit'), ...submit }),
  z.strictObject({ kind: z.literal('job.scale'), key: jobKey, ...scale }),
  z.strictObject({ kind: z.literal('job.kill'), key: jobKey, ...some }),
  z.strictObject({ kind: z.literal('job.restart'), key: jobKey, ...restart }),
  z.strictObject({ kind: z.literal('update.command'), key: jobKey, ...updateCommand }),
]);

const logs = { stream: z.enum(['stdout', 'stderr', 'both']).default('both'), tail: number(10_000), follow: flag };
const page = { limit: number(100_000) };

/** By operation: what may stand in the query and in the body. */
export const INPUTS: Readonly<Partial<Record<OperationId, { readonly query?: z.ZodType; readonly body?: z.ZodType }>>> = {
  'job.list': { query: z.strictObject({ role: identifier.optional(), environment: identifier.optional(), match: z.string().max(255).optional() }) },
  'job.submit': { body: z.strictObject({ ...submit, ifPlan: z.string().max(64).optional() }) },
  'job.plan': { body: z.strictObject({ command: anyCommand }) },
  'job.scale': { body: z.strictObject(scale) },
  'job.restart': { body: z.strictObject(restart) },
  'job.kill': { body: z.strictObject(some) },
  'job.status': { query: z.strictObject({ ended: number(1000) }) },
  'job.history': { query: z.strictObject(page) },
  'job.logs': { query: z.strictObject({ ...logs, instances: z.string().max(1024).optional() }) },
  'update.list': { query: z.strictObject({ job: jobKey.optional(), status: z.string().max(64).optional(), ...page }) },
  'update.command': { body: z.strictObject(updateCommand) },
  'task.list': { query: z.strictObject({ job: jobKey.optional(), host: z.string().max(255).optional(), status: z.string().max(64).optional(), ...page }) },
  'task.logs': { query: z.strictObject(logs) },
  'task.files': { query: z.strictObject({ path: z.string().max(4096).default('') }) },
  events: { query: z.strictObject({ since: number(Number.MAX_SAFE_INTEGER), follow: flag, job: jobKey.optional(), ...page }) },
  watch: { query: z.strictObject({ view: z.enum(['jobs', 'job', 'update', 'task', 'hosts']), key: jobKey.optional(), id: z.string().max(300).optional() }) },
};
