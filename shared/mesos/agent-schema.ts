/** What an agent may say, checked at the door: the master trusts what has passed here. */
import { z } from 'zod';

const id = z.strictObject({ value: z.string().min(1).max(512) });
const name = z.string().regex(/^[\w.-]{1,255}$/).refine((text) => text !== '__proto__', 'not a name');
const scalar = z.looseObject({ value: z.number().min(0).max(1e12) });
const ranges = z.looseObject({ range: z.array(z.looseObject({ begin: z.int().min(0).max(65535), end: z.int().min(0).max(65535) })).max(10_000) });
const valueType = z.enum(['SCALAR', 'RANGES', 'SET', 'TEXT']);

const resource = z.looseObject({ name, type: z.enum(['SCALAR', 'RANGES', 'SET']), scalar: scalar.optional(), ranges: ranges.optional() });
const attribute = z.looseObject({ name, type: valueType, text: z.looseObject({ value: z.string().max(255).regex(/^[^\u0000-\u001f\u007f]*$/) }).optional(), scalar: scalar.optional(), ranges: ranges.optional() });

const status = z.looseObject({ task_id: id, state: z.string().regex(/^TASK_[A-Z_]+$/), message: z.string().max(64 * 1024).optional(), uuid: z.string().max(64).optional() });
const task = z.looseObject({ name: z.string().max(1024), task_id: id, agent_id: id, resources: z.array(resource).max(100) });

export const agentCallSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('SUBSCRIBE'),
    subscribe: z.looseObject({
      agent_info: z.looseObject({
        id: id.optional(),
        hostname: z.string().min(1).max(255).regex(/^[\w.-]+$/),
        port: z.int().min(0).max(65535),
        ip: z.string().max(64),
        resources: z.array(resource).max(100),
        attributes: z.array(attribute).max(100),
        containerizer: z.string().max(32),
        version: z.string().max(64),
      }),
      tasks: z.array(z.looseObject({ framework_id: id, task, status })).max(20_000),
      boot_id: z.string().min(1).max(64),
    }),
  }),
  z.looseObject({ type: z.literal('PONG'), agent_id: id }),
  z.looseObject({ type: z.literal('UPDATE'), agent_id: id, update: z.looseObject({ framework_id: id, status }) }),
  z.looseObject({ type: z.literal('UNREGISTER'), agent_id: id }),
]);
