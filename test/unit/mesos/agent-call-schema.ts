/** What an agent may say, as a schema: what `agentCallProblem` does by hand is held against it. */
import { z } from 'zod';
import { TASK_STATES } from '../../../shared/mesos/v1.ts';

/** Far above any machine; far below where thousandths of it stop being exact. */
const SCALAR_MAX = 1e12;
const PORT_MAX = 65_535;
const RANGES_MAX = 10_000;
const TASKS_MAX = 20_000;
const MESSAGE_LENGTH_MAX = 64 * 1024;
const PRINTABLE = /^[^\u0000-\u001f\u007f]*$/;

const id = z.strictObject({ value: z.string().min(1).max(512).regex(PRINTABLE, 'control characters') });
const name = z
  .string()
  .regex(/^[\w.-]{1,255}$/)
  .refine((text) => text !== '__proto__', 'not a name');
const scalar = z.looseObject({ value: z.number().min(0).max(SCALAR_MAX) });
const port = z.int().min(0).max(PORT_MAX);
const range = z
  .looseObject({ begin: port, end: port })
  .refine(({ begin, end }) => begin <= end, 'a range ends before it begins');
const ranges = z.looseObject({ range: z.array(range).max(RANGES_MAX) });
const text = z.string().max(255).regex(PRINTABLE, 'control characters');

const resource = z.looseObject({
  name,
  type: z.enum(['SCALAR', 'RANGES', 'SET']),
  scalar: scalar.optional(),
  ranges: ranges.optional(),
});
const attribute = z.looseObject({
  name,
  type: z.enum(['SCALAR', 'RANGES', 'SET', 'TEXT']),
  text: z.looseObject({ value: text }).optional(),
  set: z.looseObject({ item: z.array(text).max(1000) }).optional(),
  scalar: scalar.optional(),
  ranges: ranges.optional(),
});

const status = z.looseObject({
  task_id: id,
  state: z.enum(TASK_STATES),
  message: z.string().max(MESSAGE_LENGTH_MAX).optional(),
  uuid: z.string().min(1).max(64).optional(),
});
const task = z.looseObject({
  name: z.string().max(1024),
  task_id: id,
  agent_id: id,
  resources: z.array(resource).max(100),
});
const agentInfo = z.looseObject({
  id: id.optional(),
  hostname: z
    .string()
    .max(255)
    .regex(/^[\w.-]+$/),
  port,
  ip: z.string().max(64),
  resources: z.array(resource).max(100),
  attributes: z.array(attribute).max(100),
  containerizer: z.string().max(32),
  version: z.string().max(64),
});

export const agentCallSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('SUBSCRIBE'),
    subscribe: z.looseObject({
      agent_info: agentInfo,
      tasks: z.array(z.looseObject({ framework_id: id, task, status })).max(TASKS_MAX),
      executors: z
        .array(z.looseObject({ framework_id: id, executor: z.looseObject({ executor_id: id }) }))
        .max(TASKS_MAX)
        .optional(),
      boot_id: z.string().min(1).max(64),
    }),
  }),
  z.looseObject({ type: z.literal('PONG'), agent_id: id }),
  z.looseObject({
    type: z.literal('UPDATE'),
    agent_id: id,
    update: z.looseObject({ framework_id: id, status, latest_state: z.enum(TASK_STATES).optional() }),
  }),
  z.looseObject({
    type: z.literal('FRAMEWORK_MESSAGE'),
    agent_id: id,
    framework_message: z.looseObject({
      framework_id: id,
      executor_id: id,
      data: z.base64().max(MESSAGE_LENGTH_MAX),
    }),
  }),
  z.looseObject({
    type: z.literal('EXITED_EXECUTOR'),
    agent_id: id,
    exited_executor: z.looseObject({ framework_id: id, executor_id: id, status: z.int() }),
  }),
  z.looseObject({ type: z.literal('UNREGISTER'), agent_id: id }),
]);
