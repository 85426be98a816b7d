import { readFileSync, readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, fromJson } from '../../../shared/mesos/wire/codec.ts';
import { type MessageType, messageNames, messageType } from '../../../shared/mesos/wire/schema.ts';
import { messages } from '../../support/wire-messages.ts';

const JSON_TYPE = 'application/json';
const PROTOBUF = 'application/x-protobuf';
const CALL = 'mesos.v1.scheduler.Call';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** Defaults that are shown come back as values. */
function withDefaults(type: MessageType, message: Record<string, unknown>): Record<string, unknown> {
  const full: Record<string, unknown> = {};
  for (const field of type.fields) {
    const given = message[field.name] ?? field.shownDefault;
    if (given === undefined) continue;
    const { type: inner } = field;
    const deep = (each: unknown): unknown =>
      typeof inner !== 'string' && inner.kind === 'message'
        ? withDefaults(inner, each as Record<string, unknown>)
        : each;
    if (field.label === 'repeated') full[field.name] = (given as unknown[]).map(deep);
    else if (field.label === 'map')
      full[field.name] = Object.fromEntries(
        Object.entries(given as object).map(([key, each]) => [key, deep(each)]),
      );
    else full[field.name] = deep(given);
  }
  return full;
}

describe('every message', () => {
  test('is in the schema with its nested ones', () => {
    expect(messageNames().length).toBeGreaterThan(290);
  });

  test.each(messageNames())(
    '%s comes back from protobuf as it was, and from JSON with its defaults',
    (name) => {
      const type = messageType(name);
      fc.assert(
        fc.property(messages(type, 2), (message) => {
          expect(decodeMessage(name, PROTOBUF, encodeMessage(name, PROTOBUF, message))).toEqual({
            ok: true,
            message,
          });
          expect(decodeMessage(name, JSON_TYPE, encodeMessage(name, JSON_TYPE, message))).toEqual({
            ok: true,
            message: withDefaults(type, message),
          });
        }),
        { numRuns: 8 },
      );
    },
  );
});

/** Of a later version of Mesos: a number that no field of the message has, as each wire type there is. */
function unknownFields({ byNumber }: MessageType): Uint8Array[] {
  let number = 1000;
  while (byNumber.has(number)) number += 1;
  const tag = (wireType: number): number[] => {
    const key = number * 8 + wireType;
    return [(key & 127) | 128, key >> 7];
  };
  return [
    [...tag(0), 0x96, 0x01],
    [...tag(1), 1, 2, 3, 4, 5, 6, 7, 8],
    [...tag(2), 3, 0x0a, 1, 0xff],
    [...tag(5), 1, 2, 3, 4],
  ].map((field) => Uint8Array.from(field));
}

describe('what a later version adds is passed over', () => {
  test.each(messageNames())('%s', (name) => {
    const type = messageType(name);
    fc.assert(
      fc.property(messages(type, 1), (message) => {
        const body = encodeMessage(name, PROTOBUF, message);
        for (const unknown of unknownFields(type)) {
          expect(decodeMessage(name, PROTOBUF, Buffer.concat([unknown, body, unknown]))).toEqual({
            ok: true,
            message,
          });
          // Its length promises more than there is.
          expect(decodeMessage(name, PROTOBUF, Buffer.concat([body, unknown.subarray(0, -1)])).ok).toBe(
            false,
          );
        }
        const json = text(encodeMessage(name, JSON_TYPE, message));
        const more = `{"later_field":{"a":[1,{}]}${json === '{}' ? '' : ','}${json.slice(1)}`;
        expect(decodeMessage(name, JSON_TYPE, bytes(more))).toEqual(
          decodeMessage(name, JSON_TYPE, bytes(json)),
        );
      }),
      { numRuns: 3 },
    );
  });

  test('a message that is cut short anywhere is refused or a shorter one, never more', () => {
    const body = encodeMessage(CALL, PROTOBUF, {
      type: 'REQUEST',
      framework_id: { value: 'é😀' },
      request: { requests: [{ agent_id: { value: 'a' } }] },
    });
    for (let end = 0; end < body.length; end++) {
      const decoded = decodeMessage(CALL, PROTOBUF, body.subarray(0, end));
      if (decoded.ok) expect(encodeMessage(CALL, PROTOBUF, decoded.message).length).toBeLessThanOrEqual(end);
    }
    expect(decodeMessage(CALL, PROTOBUF, body)).toMatchObject({
      message: { request: { requests: [{ agent_id: { value: 'a' } }] } },
    });
  });
});

describe('JSON, by Mesos’s rules', () => {
  const kill = (rest: string): Uint8Array => bytes(`{"type":"KILL","kill":{"task_id":{"value":"t"}${rest}}}`);

  test.each<[string, string, string]>([
    ['nothing', '', 'Failed to parse body into JSON: syntax error at line 1 near: '],
    ['half an object', '{', 'Failed to parse body into JSON: syntax error at line 1 near: '],
    ['null', 'null', 'Failed to convert JSON into Call protobuf: Expecting a JSON object'],
    [
      'something behind it',
      '{"type":"REVIVE"} x',
      'Failed to parse body into JSON: Parsed JSON included non-whitespace trailing characters:  x',
    ],
    [
      'a number for an enum',
      '{"type":9}',
      "Failed to convert JSON into Call protobuf: Not expecting a JSON number for field 'type'",
    ],
    [
      'a number for a message',
      '{"type":"RECONCILE","reconcile":5}',
      "Failed to convert JSON into Call protobuf: Not expecting a JSON number for field 'reconcile'",
    ],
    [
      'a field that is required',
      '{"type":"KILL","kill":{}}',
      'Failed to convert JSON into Call protobuf: Missing required fields: kill.task_id',
    ],
    [
      'no base64',
      '{"acknowledge":{"agent_id":{"value":"a"},"task_id":{"value":"t"},"uuid":"!!!"}}',
      "Failed to convert JSON into Call protobuf: Failed to base64 decode bytes field 'uuid': Invalid character '!'",
    ],
  ])('refused: %s', (_what, body, problem) => {
    expect(decodeMessage(CALL, JSON_TYPE, bytes(body))).toEqual({ ok: false, problem });
  });

  test.each<[string, string, object]>([
    ['unknown fields', '{"type":"REVIVE","typo":1,"frameworkId":{"value":"x"}}', { type: 'REVIVE' }],
    ['an unknown name of an enum', '{"type":"NO_SUCH"}', {}],
    ['null', '{"type":"REVIVE","revive":null}', { type: 'REVIVE' }],
    [
      'one object for a list',
      '{"type":"DECLINE","decline":{"offer_ids":{"value":"o"}}}',
      { type: 'DECLINE', decline: { offer_ids: [{ value: 'o' }] } },
    ],
    [
      'a number as text',
      '{"decline":{"filters":{"refuse_seconds":"5"}}}',
      { decline: { filters: { refuse_seconds: 5 } } },
    ],
    [
      'base64 without its end',
      '{"acknowledge":{"agent_id":{"value":"a"},"task_id":{"value":"t"},"uuid":"A A\\nA"}}',
      { acknowledge: { agent_id: { value: 'a' }, task_id: { value: 't' }, uuid: 'AAA=' } },
    ],
  ])('taken: %s', (_what, body, message) => {
    expect(decodeMessage(CALL, JSON_TYPE, bytes(body))).toEqual({ ok: true, message });
  });

  test('times keep all their digits, both ways', () => {
    const body =
      '{"kill":{"task_id":{"value":"t"},"kill_policy":{"grace_period":{"nanoseconds":1795319572104232193}}}}';
    const decoded = decodeMessage(CALL, JSON_TYPE, bytes(body));
    expect(decoded.ok && decoded.message['kill']).toMatchObject({
      kill_policy: { grace_period: { nanoseconds: 1795319572104232193n } },
    });
    expect(decoded.ok && text(encodeMessage(CALL, JSON_TYPE, decoded.message))).toBe(body);
  });

  test('a duration is an object; its text is not understood', () => {
    const drain = (grace: unknown) =>
      fromJson('mesos.v1.master.Call', {
        type: 'DRAIN_AGENT',
        drain_agent: { agent_id: { value: 'a' }, max_grace_period: grace },
      });
    expect(drain({ seconds: 3 })).toMatchObject({ ok: true });
    expect(drain('3s')).toEqual({
      ok: false,
      problem:
        "Failed to convert JSON into Call protobuf: Not expecting a JSON string for field 'max_grace_period'",
    });
  });

  test('written: defaults that count, doubles with a fraction, nothing that is not in the schema', () => {
    const info = { user: 'u', name: 'n', failover_timeout: 60, nonsense: 1, roles: [] };
    expect(text(encodeMessage('mesos.v1.FrameworkInfo', JSON_TYPE, info))).toBe(
      '{"user":"u","name":"n","failover_timeout":60.0,"checkpoint":false}',
    );
  });

  test('no key reaches a prototype', () => {
    const decoded = decodeMessage(
      'mesos.v1.quota.QuotaConfig',
      JSON_TYPE,
      bytes('{"role":"r","__proto__":{"polluted":1},"limits":{"__proto__":{"value":1}}}'),
    );
    expect(decoded.ok).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(({} as Record<string, unknown>)['value']).toBeUndefined();
  });

  test('any text is a message or a sentence', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        const decoded = decodeMessage(CALL, JSON_TYPE, bytes(body));
        expect(decoded.ok || decoded.problem.length > 0).toBe(true);
      }),
    );
    expect(decodeMessage(CALL, JSON_TYPE, kill(''))).toMatchObject({ ok: true });
    const deep = `{"type":"KILL","x":${'['.repeat(200_000)}`;
    expect(decodeMessage(CALL, JSON_TYPE, bytes(deep)).ok).toBe(false);
  });
});

describe('protobuf', () => {
  test('any bytes are a message or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        const decoded = decodeMessage(CALL, PROTOBUF, body);
        if (!decoded.ok) expect(decoded.problem).toBe('Failed to parse body into Call protobuf');
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, number[]]>([
    ['a length beyond the end', [0x0a, 0x7f, 1]],
    ['a number of eleven bytes', [0x10, ...Array<number>(11).fill(0x80)]],
    ['an end in the middle', [0x10]],
    ['the field number 0', [0x00, 0x01]],
    ['a wire type that does not exist', [0x17]],
    ['a text that is not UTF-8', [0x0a, 3, 0x0a, 1, 0xff]],
    ['another wire type than the field has', [0x15, 0, 0, 0, 0]],
  ])('refused: %s', (_what, body) => {
    expect(decodeMessage(CALL, PROTOBUF, Uint8Array.from(body)).ok).toBe(false);
  });

  test('fields of a later version are passed over; the last of a field wins', () => {
    const again = [0x10, 0x05, 0x10, 0x0c, 0xfa, 0x3e, 0x01, 0x41, 0xf5, 0x3e, 1, 2, 3, 4];
    expect(decodeMessage(CALL, PROTOBUF, Uint8Array.from(again))).toEqual({
      ok: true,
      message: { type: 'SUPPRESS' },
    });
  });

  test('containers nested in each other have an end', () => {
    let body: Uint8Array = bytes('');
    for (let depth = 0; depth < 200; depth++)
      body = Uint8Array.from([0x0a, 0, 0x12, ...lengthOf(body), ...body]);
    expect(decodeMessage('mesos.v1.ContainerID', PROTOBUF, body).ok).toBe(false);
  });
});

function lengthOf(data: Uint8Array): number[] {
  return data.length < 128 ? [data.length] : [(data.length & 127) | 128, data.length >> 7];
}

/** What a real master and its clients said to each other: read, written, and read again it is the same. */
describe('recordings', () => {
  const root = new URL('../../../fixtures/mesos/recordings/', import.meta.url);
  const events = readdirSync(root, { recursive: true })
    .map(String)
    .filter(
      (file) => file.endsWith('.events.jsonl') && !/operator|executor|10-|08-maintenance\/33/.test(file),
    );

  test.each(events)('%s', (file) => {
    const lines = readFileSync(new URL(file, root), 'utf8').trim().split('\n');
    for (const line of lines) {
      const { event } = JSON.parse(line) as { event?: unknown };
      if (typeof event !== 'object' || event === null) continue;
      const name = 'mesos.v1.scheduler.Event';
      const read = fromJson(name, event);
      if (!read.ok) throw new Error(`${file}: ${read.problem}`);
      const again = decodeMessage(name, PROTOBUF, encodeMessage(name, PROTOBUF, read.message));
      expect(again).toEqual(read);
      expect(decodeMessage(name, JSON_TYPE, encodeMessage(name, JSON_TYPE, read.message))).toEqual({
        ok: true,
        message: withDefaults(messageType(name), read.message),
      });
    }
  });
});
