/** What each operation takes: one zod schema per operation for query and body; OpenAPI and the server's checks come from here. */
import { z } from 'zod';
import { isIdentifier } from '../ids.ts';
import { TASK_STATUSES } from '../task-states.ts';
import { UPDATE_COMMANDS, UPDATE_STATUSES } from '../update-states.ts';
import { jobInput, jobKeyInput as jobKey } from './job-input.ts';
import type { OperationId } from './operations.ts';

/** One command names at most this many instances, so that a typo cannot eat memory. */
const INSTANCES_MAX = 100_000;

const identifier = z.string().refine(isIdentifier, 'letters, digits, `-`, `_` and `.` only');
const instance = z.int().min(0).max(1_000_000);
const ranges = z
  .array(z.tuple([instance, instance]))
  .min(1)
  .max(10_000)
  .refine(
    (list) => list.every(([first, last]) => first <= last),
    'a range is [first, last], the smaller one first',
  )
  .refine(
    (list) => list.reduce((sum, [first, last]) => sum + last - first + 1, 0) <= INSTANCES_MAX,
    `at most ${INSTANCES_MAX} instances`,
  );
const message = z.string().max(1024).optional();
const updateId = z.string().max(64);

/** Query values are text. */
const number = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'a whole number')
    .meta({ type: 'integer', minimum: min, maximum: max })
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .optional();
const flag = z
  .enum(['true', 'false', '1', '0'])
  .transform((value) => value === 'true' || value === '1')
  .optional();
/** One of some words, in any case. */
const word = (words: readonly string[]) =>
  z
    .string()
    .refine((text) => words.includes(text.toUpperCase()), `one of ${words.join(', ')}`)
    .transform((text) => text.toUpperCase())
    .optional();

const submit = { job: jobInput, only: ranges.optional(), message };
const scale = { instances: z.int().min(0).max(1_000_000), message };
const some = { only: ranges.optional(), message };
const restart = { ...some, now: z.boolean().optional() };
const updateCommand = { command: z.enum(UPDATE_COMMANDS), update: updateId.optional(), message };

const anyCommand = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('job.submit'), ...submit }),
    z.strictObject({ kind: z.literal('job.scale'), key: jobKey, ...scale }),
    z.strictObject({ kind: z.literal('job.kill'), key: jobKey, ...some }),
    z.strictObject({ kind: z.literal('job.restart'), key: jobKey, ...restart }),
    z.strictObject({ kind: z.literal('update.command'), key: jobKey, ...updateCommand }),
  ],
  { error: 'kind is one of job.submit, job.scale, job.kill, job.restart, update.command' },
);

const logs = {
  stream: z.enum(['stdout', 'stderr', 'both']).default('both'),
  tail: number(0, 10_000),
  follow: flag,
};
const page = { limit: number(1, 100_000) };

/** By operation: what may stand in the query and in the body. What is not listed takes nothing. */
export const INPUTS: Readonly<
  Partial<Record<OperationId, { readonly query?: z.ZodType; readonly body?: z.ZodType }>>
> = {
  'job.list': {
    query: z.strictObject({
      role: identifier.optional(),
      environment: identifier.optional(),
      match: z.string().max(255).optional(),
    }),
  },
  'job.submit': { body: z.strictObject({ ...submit, ifPlan: z.string().max(64).optional() }) },
  'job.plan': { body: z.strictObject({ command: anyCommand }) },
  'job.scale': { body: z.strictObject(scale) },
  'job.restart': { body: z.strictObject(restart) },
  'job.kill': { body: z.strictObject(some) },
  'job.status': { query: z.strictObject({ ended: number(0, 1000) }) },
  'job.history': { query: z.strictObject(page) },
  'job.logs': { query: z.strictObject({ ...logs, instances: z.string().max(1024).optional() }) },
  'update.list': {
    query: z.strictObject({
      job: jobKey.optional(),
      status: word([...UPDATE_STATUSES, 'ACTIVE', 'ALL']),
      ...page,
    }),
  },
  'update.command': { body: z.strictObject(updateCommand) },
  'task.list': {
    query: z.strictObject({
      job: jobKey.optional(),
      host: z.string().max(255).optional(),
      status: word(TASK_STATUSES),
      ...page,
    }),
  },
  'task.logs': { query: z.strictObject(logs) },
  'task.files': { query: z.strictObject({ path: z.string().max(4096).default('') }) },
  events: {
    query: z.strictObject({
      since: number(0, Number.MAX_SAFE_INTEGER),
      follow: flag,
      job: jobKey.optional(),
      ...page,
    }),
  },
  watch: {
    query: z.strictObject({
      view: z.enum(['jobs', 'job', 'update', 'task', 'hosts']),
      key: jobKey.optional(),
      id: z.string().max(1024).optional(),
    }),
  },
};
