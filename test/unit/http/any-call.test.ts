import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCall } from '../../../server/http/mesos/call.ts';
import { callProblem } from '../../../server/master/call-problem.ts';
import { saveMaster } from '../../../server/master/checkpoint.ts';
import { decodeMessage, encodeMessage } from '../../../shared/mesos/wire/codec.ts';
import { messageType } from '../../../shared/mesos/wire/schema.ts';
import { messages } from '../../support/wire-messages.ts';
import { TestMaster, taskInfo } from '../master/test-master.ts';

const CALL = messageType('mesos.v1.scheduler.Call');
const BODIES = CALL.fields.filter(
  ({ type, name }) => typeof type !== 'string' && name !== 'framework_id' && name !== 'type',
);
const NAMES = ['cpus', 'mem', 'disk', 'ports', 'gpus', 'bananas'];

/** A call with a body, of the type that goes with it. */
const calls = fc.constantFrom(...BODIES).chain((field) => {
  if (typeof field.type === 'string' || field.type.kind !== 'message') throw new Error(field.name);
  return fc.record({
    type: fc.constant(field.name.toUpperCase()),
    framework_id: fc.constant({ value: 'f' }),
    [field.name]: messages(field.type, 4),
  });
});

/** Something of what is really there in place of what chance made of ids and names, so that calls get past the first question. */
function aimed(
  value: unknown,
  real: Readonly<Record<string, readonly string[]>>,
  pick: () => number,
): unknown {
  if (Array.isArray(value)) return value.map((each) => aimed(each, real, pick));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const ids = real[name];
      if (ids && ids.length > 0 && pick() % 4 > 0) {
        const id = { value: ids[pick() % ids.length] };
        return [name, Array.isArray(each) ? [id] : id];
      }
      if (name === 'name' && pick() % 2 > 0) return [name, NAMES[pick() % NAMES.length]];
      if (name === 'type' && (each === 'SET' || each === 'TEXT' || each === 'RANGES') && pick() % 2 > 0)
        return [name, 'SCALAR'];
      return [name, aimed(each, real, pick)];
    }),
  );
}

test.each(['application/json', 'application/x-protobuf'] as const)(
  'whatever a framework says in %s, the master answers and stays right',
  (type) => {
    fc.assert(
      fc.property(
        fc.array(calls, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat(1000)),
        (given, stream) => {
          const pick = (): number => Number(stream.next().value ?? 0);
          const master = new TestMaster();
          const framework = master.subscribe('f', { capabilities: [{ type: 'RESERVATION_REFINEMENT' }] });
          const agent = master.addAgent('a');
          master.launch('f', agent, [taskInfo('t', agent)]);
          for (const each of given) {
            const real = {
              framework_id: [framework],
              agent_id: [agent],
              task_id: ['t', 'u'],
              offer_ids: [...master.world.offers.keys()],
              executor_id: ['e'],
            };
            const sent = encodeMessage(CALL.name, type, aimed(each, real, pick) as object);
            const decoded = decodeMessage(CALL.name, type, sent);
            if (!decoded.ok || callProblem(decoded.message) !== null) continue;
            // What is wrong with the world after it, TestMaster throws.
            master.framework('f', toCall(decoded.message));
          }
          // Agents and frameworks are told in JSON, and the registry is kept in it.
          const told = [...master.agentHeard('a'), ...master.heard('f')];
          expect(JSON.stringify([told, master.writes, saveMaster(master.world)])).toContain('"');
        },
      ),
      { numRuns: 400 },
    );
  },
);
