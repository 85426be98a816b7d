/**
 * The corpus of bad input, from 41 on: what HTTP, Mesos's v1 APIs, RecordIO and agents are sent by mistake or on purpose. A row for each: it is sent here to every door of master and agent, or tested
 * where the row says (which is looked up), or it cannot happen, and the row says why. Nothing of it may be a fault of ours, and everybody is still answered after it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AskedAgent } from '../support/asked-agent.ts';
import { RawConnection, type RawResponse } from '../support/raw-http.ts';

const MIB = 1024 * 1024;

interface Door {
  readonly name: string;
  readonly path: string;
  readonly of: 'master' | 'agent';
  /** A call that is understood, and comes to nothing. */
  readonly good: string;
}

const SCHEDULER: Door = {
  name: 'scheduler',
  path: '/api/v1/scheduler',
  of: 'master',
  good: '{"type":"REVIVE","framework_id":{"value":"x"}}',
};
const OPERATOR: Door = { name: 'operator', path: '/api/v1', of: 'master', good: '{"type":"GET_HEALTH"}' };
const AGENT: Door = { name: 'agent', path: '/api/v1', of: 'agent', good: '{"type":"GET_HEALTH"}' };
const EXECUTOR: Door = {
  name: 'executor',
  path: '/api/v1/executor',
  of: 'agent',
  good: '{"type":"MESSAGE","framework_id":{"value":"x"},"executor_id":{"value":"x"},"message":{"data":""}}',
};
const DOORS = [SCHEDULER, OPERATOR, AGENT, EXECUTOR];

interface Sent {
  readonly name: string;
  readonly at?: readonly Door[];
  /** What goes over the wire to a door. */
  readonly bytes: (door: Door) => Buffer;
  readonly status: number;
  readonly says?: RegExp;
  readonly headers?: Readonly<Record<string, RegExp>>;
}

interface Row {
  readonly what: string;
  readonly sent?: readonly Sent[];
  /** Files, and texts that stand in them. */
  readonly tested?: Readonly<Record<string, readonly string[]>>;
  /** Why it cannot happen, or is answered otherwise than the list has it. */
  readonly not?: string;
}

type Headers = Readonly<Record<string, string>>;
const JSON_TYPE: Headers = { 'Content-Type': 'application/json' };
const PROTOBUF: Headers = { 'Content-Type': 'application/x-protobuf' };

/** A request of one body, whole. */
function http(method: string, target: string, headers: Headers, body: string | Buffer = ''): Buffer {
  const all = { Host: '127.0.0.1', ...headers, 'Content-Length': String(Buffer.byteLength(body)) };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\n${head.join('')}\r\n`),
    Buffer.from(body),
  ]);
}
const post =
  (body: string | Buffer | ((door: Door) => string | Buffer), headers: Headers = JSON_TYPE): Sent['bytes'] =>
  (door) =>
    http('POST', door.path, headers, typeof body === 'function' ? body(door) : body);
const raw =
  (head: string, body = ''): Sent['bytes'] =>
  ({ path }) =>
    Buffer.from(head.replaceAll('PATH', path).replaceAll('\n', '\r\n') + body);
const good = ({ good: call }: Door): string => call;
const file = (query: string, status: number): Sent => ({
  name: query,
  at: [AGENT],
  bytes: () => http('GET', `/files/read?${query}`, {}),
  status,
});
const records = (body: string, says: RegExp): Sent => ({
  name: JSON.stringify(body.slice(0, 40)),
  at: [AGENT],
  bytes: post(body, { 'Content-Type': 'application/recordio', 'Message-Content-Type': 'application/json' }),
  status: 400,
  says,
});

const NO_TYPE = /Expecting 'type' to be present/;

const ITEMS: Readonly<Record<number, Row>> = {
  41: {
    what: 'nesting without end',
    sent: [
      { name: 'open', bytes: post('['.repeat(MIB)), status: 400, says: /Failed to parse body into JSON/ },
      { name: 'closed', bytes: post('['.repeat(MIB) + ']'.repeat(MIB)), status: 400 },
      {
        name: 'in a field',
        bytes: post((door) =>
          door.good.replace('{', `{"more":${'['.repeat(MIB)}${']'.repeat(MIB)},`).replace('"x"', '{}'),
        ),
        at: [SCHEDULER, EXECUTOR],
        status: 400,
      },
    ],
    tested: { 'test/integration/console-bad-input.test.ts': ['nesting without end'] },
  },
  42: {
    what: 'truncated JSON',
    sent: [
      {
        name: 'cut off',
        bytes: post((door) => door.good.slice(0, -1)),
        status: 400,
        says: /syntax error at line 1 near/,
      },
    ],
    tested: { 'test/integration/console-bad-input.test.ts': ['truncated JSON'] },
  },
  43: {
    what: 'duplicate keys',
    not: "Mesos's own parser takes the last of several, as JSON.parse does, and so is the call that is carried out the one that was validated",
    sent: [
      {
        name: 'the last one counts',
        bytes: post((door) => `{"type":"NONSENSE",${door.good.slice(1)}`),
        at: [OPERATOR, AGENT],
        status: 200,
      },
      {
        name: '… also where it is nonsense',
        bytes: post((door) => `${door.good.slice(0, -1)},"type":"NONSENSE"}`),
        status: 400,
      },
    ],
    tested: { 'test/integration/console-bad-input.test.ts': ['__proto__'] },
  },
  44: {
    what: 'no type, or one that there is not',
    sent: [
      ...[SCHEDULER, OPERATOR, AGENT].flatMap((door) => [
        { name: 'none', at: [door], bytes: post('{}'), status: 400, says: NO_TYPE },
        { name: 'unknown', at: [door], bytes: post('{"type":"FOO"}'), status: 400, says: NO_TYPE },
      ]),
      {
        name: 'unknown, with what is asked for first',
        at: [EXECUTOR],
        bytes: post((door) => door.good.replace('MESSAGE', 'FOO')),
        status: 400,
        says: NO_TYPE,
      },
      { name: 'of another kind', bytes: post('{"type":7}'), status: 400 },
    ],
  },
  45: {
    what: 'ACCEPT of offers that are unknown, used or taken back',
    tested: { 'test/unit/master/tasks.test.ts': ['with %s is refused, and the offers given end'] },
  },
  46: {
    what: 'a task id twice',
    tested: { 'test/unit/master/tasks.test.ts': ['an id in use is an error for the newcomer only'] },
  },
  47: {
    what: 'resources that are not there, negative, or no numbers',
    tested: {
      'test/unit/master/tasks.test.ts': [
        'negative cpus',
        'next to no cpus',
        'boundless memory',
        'too many cpus',
      ],
    },
  },
  48: {
    what: 'task ids that are no names',
    tested: {
      'test/unit/master/tasks.test.ts': [
        'a path for an id',
        'a control character in its id',
        'an id of 256 characters',
      ],
    },
  },
  49: {
    what: "KILL and ACKNOWLEDGE of another framework's task",
    not: "ids of tasks are a framework's own: another's task is one that nobody knows, and is answered as that",
    tested: {
      'test/unit/master/tasks.test.ts': [
        "another framework's task is nobody's",
        'two frameworks may use the same id',
        'of a task that nobody knows is answered like a question',
      ],
      'test/unit/master/frameworks.test.ts': ['in order: known, subscribed, with the id of its stream'],
    },
  },
  50: {
    what: 'Mesos-Stream-Id that is missing, foreign or long',
    tested: { 'test/unit/master/frameworks.test.ts': ['with the id of its stream'] },
    sent: [
      {
        name: '10 KB',
        at: [SCHEDULER],
        bytes: post(good, { ...JSON_TYPE, 'Mesos-Stream-Id': 'x'.repeat(10_240) }),
        status: 400,
      },
    ],
  },
  51: {
    what: 'ACKNOWLEDGE with something else than a UUID',
    tested: { 'test/unit/master/call-problem.test.ts': ['uuid'] },
    sent: [
      {
        name: 'no base64',
        at: [SCHEDULER],
        bytes: post(
          '{"type":"ACKNOWLEDGE","framework_id":{"value":"x"},"acknowledge":{"agent_id":{"value":"a"},"task_id":{"value":"t"},"uuid":"?!"}}',
        ),
        status: 400,
      },
    ],
  },
  52: {
    what: 'SUBSCRIBE with the id of a framework that is over',
    tested: {
      'test/unit/master/frameworks.test.ts': [
        'the id is never accepted again',
        'with an id never seen: that one',
      ],
    },
  },
  53: {
    what: 'another principal than that of the framework',
    tested: { 'test/unit/master/call-problem.test.ts': ['an authenticated sender is who it says it is'] },
  },
  54: {
    what: 'roles that are none',
    tested: { 'test/unit/master/framework-problem.test.ts': ['%j is none'] },
  },
  55: {
    what: 'types of bodies and answers that are not spoken',
    sent: [
      {
        name: 'no Content-Type',
        bytes: post(good, {}),
        status: 400,
        says: /Expecting 'Content-Type' to be present/,
      },
      { name: 'text', bytes: post(good, { 'Content-Type': 'text/plain' }), status: 415 },
      { name: 'XML', bytes: post(good, { 'Content-Type': 'application/xml' }), status: 415 },
      {
        name: 'Accept of HTML',
        at: [OPERATOR, AGENT],
        bytes: post(good, { ...JSON_TYPE, Accept: 'text/html' }),
        status: 406,
      },
    ],
    not: 'a Content-Type that is missing is a 400, as recorded (09-http-errors)',
  },
  56: {
    what: 'protobuf that is none',
    sent: (
      [
        ['chance', Buffer.from('feedfacecafebeef', 'hex')],
        ['a varint that is cut off', Buffer.from([0x08, 0x80, 0x80])],
        ['a length of 2³²', Buffer.from([0x12, 0x80, 0x80, 0x80, 0x80, 0x10])],
        ['a wrong wire type', Buffer.from([0x0f])],
        ['groups within groups', Buffer.alloc(10_000, 0x0b)],
      ] as const
    ).map(([name, body]) => ({ name, bytes: post(body, PROTOBUF), status: 400 })),
    tested: { 'test/unit/mesos/codec.test.ts': ['any bytes are a message or refused'] },
  },
  57: {
    what: 'fields of a later version',
    tested: { 'test/unit/mesos/codec.test.ts': ['fields of a later version are passed over'] },
    sent: [
      {
        name: 'in JSON',
        at: [OPERATOR, AGENT],
        bytes: post('{"type":"GET_HEALTH","later":{"than":[1]}}'),
        status: 200,
      },
      {
        name: 'in protobuf',
        at: [OPERATOR, AGENT],
        bytes: post(Buffer.from([0x08, 0x01, 0xf8, 0x7f, 0x01]), { ...PROTOBUF, Accept: 'application/json' }),
        status: 200,
      },
    ],
  },
  58: {
    what: 'a body that is too large',
    not: 'on the paths of Mesos 32 MiB are taken: a framework may accept thousands of offers at once',
    sent: [{ name: '33 MiB', bytes: post(Buffer.alloc(33 * MIB, 32)), status: 413 }],
    tested: { 'test/integration/console-bad-input.test.ts': ['a body above 2 MiB'] },
  },
  59: {
    what: 'a body that is large when it is unpacked',
    sent: [
      {
        name: '64 MiB in 64 KiB',
        bytes: post(gzipSync(Buffer.alloc(64 * MIB, 32)), { ...JSON_TYPE, 'Content-Encoding': 'gzip' }),
        status: 400,
        says: /Failed to decompress/,
      },
    ],
    not: 'it is a 400, as everything that is not unpacked; no more than 32 MiB are',
  },
  60: {
    what: 'requests that are smuggled',
    sent: [
      {
        name: 'two lengths',
        bytes: raw(
          'POST PATH HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 2\nTransfer-Encoding: chunked\n\n',
          '0\r\n\r\n',
        ),
        status: 400,
      },
      {
        name: 'bare LF',
        bytes: ({ path }) => Buffer.from(`POST ${path} HTTP/1.1\nHost: 127.0.0.1\n\n`),
        status: 400,
      },
      {
        name: 'a chunk of no size',
        bytes: raw(
          'POST PATH HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/json\nTransfer-Encoding: chunked\n\n',
          'zz\r\n',
        ),
        status: 400,
      },
    ],
  },
  61: {
    what: 'a path that cannot be decoded',
    sent: [{ name: 'half an escape', bytes: () => http('GET', '/%zz%E0%A4%A', {}), status: 404 }],
    not: 'libprocess takes the escapes as they stand: it is a path that is not there',
    tested: { 'test/integration/console-bad-input.test.ts': ['a path that is not UTF-8'] },
  },
  62: {
    what: 'no path, and one with a host in it',
    sent: [
      { name: 'none', bytes: raw('GET  HTTP/1.1\nHost: 127.0.0.1\n\n'), status: 400 },
      {
        name: 'of another host',
        bytes: raw('GET http://evil/state HTTP/1.1\nHost: evil\n\n'),
        status: 403,
        at: [OPERATOR, AGENT],
      },
    ],
  },
  63: {
    what: 'another Host, or two',
    sent: [
      { name: 'another', bytes: post(good, { ...JSON_TYPE, Host: 'evil.com' }), status: 403 },
      {
        name: 'two',
        bytes: raw('GET /state HTTP/1.1\nHost: evil.com\nHost: 127.0.0.1\n\n'),
        status: 403,
        at: [OPERATOR, AGENT],
      },
    ],
    not: "on the paths of Mesos it is a 403: what is kept out is a page of a browser, and Mesos's clients need no name of ours",
    tested: { 'test/integration/console-bad-input.test.ts': ['another Host', 'two Hosts'] },
  },
  64: {
    what: 'a page of another origin',
    sent: [{ name: 'Origin', bytes: post(good, { ...JSON_TYPE, Origin: 'https://evil' }), status: 403 }],
  },
  65: {
    what: 'a preflight of such a page',
    sent: [
      {
        name: 'OPTIONS',
        bytes: ({ path }) =>
          http('OPTIONS', path, { Origin: 'https://evil', 'Access-Control-Request-Method': 'POST' }),
        status: 403,
      },
    ],
  },
  66: {
    what: 'a head of 17 KB',
    sent: [
      {
        name: 'a long header',
        bytes: post(good, { ...JSON_TYPE, 'X-Long': 'x'.repeat(17 * 1024) }),
        status: 431,
      },
    ],
  },
  67: {
    what: 'one byte a second',
    not: 'of time alone: requests have a while to come whole (HEADERS_MS and REQUEST_MS of servers, headersTimeout and REQUEST_MS_MAX of agents), which Node sees to',
    tested: {
      'server/http/server.ts': ['headersTimeout: HEADERS_MS', 'requestTimeout: REQUEST_MS', '[408, '],
      'server/agent/endpoint.ts': ['headersTimeout: 5_000', 'REQUEST_MS_MAX'],
    },
  },
  68: {
    what: 'methods that there are not',
    sent: [
      ...['HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'].map((method) => ({
        name: method,
        bytes: ({ path }: Door) => http(method, path, {}),
        status: 405,
        headers: { Allow: /^POST$/ },
      })),
      { name: 'FOO', bytes: raw('FOO PATH HTTP/1.1\nHost: 127.0.0.1\n\n'), status: 400 },
    ],
    not: 'a method that HTTP does not have is a 400',
  },
  69: {
    what: 'tokens that are none',
    tested: {
      'test/unit/http/jwt.test.ts': ['no algorithm, and signed', 'expired', 'kid', 'a megabyte', 'two parts'],
      'test/unit/http/authentication.test.ts': ['is told no more than that it is not enough'],
      'test/integration/agent-executor-token.test.ts': ['%s is not enough'],
    },
  },
  70: {
    what: 'files that are not of a sandbox',
    sent: [
      file('path=/frameworks/f/executors/e/runs/latest/../../../../../../etc/passwd', 404),
      file('path=%2e%2e/%2e%2e/etc/passwd', 404),
      file('path=/etc/passwd%00', 404),
      file('path=/etc', 404),
      file('path=/etc/passwd&offset=x', 400),
      file('path=/etc/passwd&length=1e12', 400),
      file('path=/etc/passwd&offset=-1', 404),
      file('', 400),
    ],
    tested: { 'test/unit/agent/files.test.ts': ['no way out by %s', 'a link to outside is not'] },
  },
  71: {
    what: 'limits that are none, and filters that take for ever',
    tested: {
      'test/integration/console-bad-input.test.ts': [
        'a limit below none',
        'a limit without limit',
        'a regular expression',
      ],
    },
  },
  72: {
    what: 'an idempotency key with another body',
    not: 'there are no such keys; what somebody looked at before is named by the id of its plan',
    tested: { 'server/http/console/run-command.ts': ['changed since it was planned; nothing was done'] },
  },
  73: {
    what: '10,000 subscriptions of one',
    not: 'a framework has one stream, and of 1,000 streams of operators the oldest goes, as in Mesos',
    tested: {
      'server/http/mesos/operator/stream.ts': ['const SUBSCRIBERS_MAX = 1000'],
      'test/integration/console-streams.test.ts': ['a thousand streams, and not one more'],
    },
  },
  74: {
    what: 'lengths of records that are none',
    sent: [
      records('abc\n', /Failed to decode length 'abc'/),
      records('-5\nhello', /Failed to decode length '-5'/),
      records(' 5\nhello', /Failed to decode length ' 5'/),
      records('5\r\nhello', /Failed to decode length '5\r'/),
      records(`${'9'.repeat(30)}\n`, /Failed to decode length '9{30}'/),
      records('2147483648\n', /a record of 2147483648 bytes is larger than/),
    ],
    tested: { 'test/unit/mesos/recordio.test.ts': ['%s is an error, and stays one'] },
  },
  75: {
    what: 'an empty record',
    sent: [records('0\n', /Failed to parse body into JSON/)],
    tested: { 'test/unit/mesos/recordio.test.ts': ['a record is its length in bytes'] },
  },
  76: {
    what: 'records cut anywhere',
    tested: {
      'test/unit/mesos/recordio.test.ts': ['any records, cut anyhow', 'survive a cut at every byte'],
    },
  },
  77: {
    what: 'a character over two chunks',
    tested: { 'test/unit/mesos/recordio.test.ts': ['inside a character too'] },
  },
  78: {
    what: 'a record that is no message',
    sent: [
      records('5\nhello', /Failed to parse body into JSON/),
      { ...records('2\n{}', /is not supported for/), status: 415 },
    ],
  },
  79: {
    what: 'an agent that speaks for another',
    not: 'agents have no certificates: what comes on the stream of one is of that one, whatever id it names',
    tested: {
      'test/unit/master/agents.test.ts': [
        'an id that is not ours is replaced',
        'what the first says or does no longer matters',
      ],
      'test/integration/agent-authentication.test.ts': ['one that says %s stays out'],
    },
  },
  80: {
    what: 'a status of a task that is unknown, or on another agent',
    tested: {
      'test/unit/master/tasks.test.ts': ['one %s changes nothing', 'of a task that runs on another agent'],
    },
  },
  81: {
    what: 'RUNNING after the end',
    tested: { 'test/unit/master/tasks.test.ts': ['a late update does not bring a task back'] },
  },
  82: {
    what: 'an earlier life of an agent that still speaks',
    tested: {
      'test/unit/master/agents.test.ts': [
        'a second stream of an agent replaces the first; what the first says or does no longer matters',
      ],
    },
  },
  83: {
    what: 'a master of before that still speaks',
    not: 'an agent hears one stream, that of the master it subscribed with last; the store lets one master at a time write (its epoch)',
    tested: { 'test/integration/sqlite-journal.test.ts': ['epoch'] },
  },
  84: {
    what: 'resources of an agent that are none',
    tested: { 'test/unit/mesos/agent-call-problem.test.ts': ['negative cpus', 'cpus beyond any machine'] },
  },
  85: {
    what: '100,000 tasks in one registration',
    tested: { 'server/http/agents/endpoint.ts': ['bodyLimit: BODY_BYTES_MAX'] },
    not: 'what an agent may say at once is limited by its bytes, not by its tasks: an agent that runs many has to be able to say so',
  },
  86: {
    what: 'an agent whose clock is off',
    not: "nothing is decided by an agent's clock: times of statuses are passed on, and the master goes by its own",
    tested: { 'test/tidy.test.ts': ['reads the clock; take env.now'] },
  },
  87: {
    what: 'attributes with control characters, or named __proto__',
    tested: {
      'test/unit/mesos/agent-call-problem.test.ts': [
        'an attribute with an escape sequence',
        'an attribute named __proto__',
      ],
    },
  },
};

let agent: AskedAgent;
beforeAll(async () => {
  agent = await new AskedAgent().start({});
});
afterAll(() => agent.close());

const portOf = ({ of }: Door): number => (of === 'master' ? agent.masterPort : agent.port);

async function answerTo(port: number, bytes: Buffer): Promise<RawResponse> {
  const connection = await RawConnection.open(port);
  try {
    connection.send(bytes);
    // The rest of an answer to HEAD never comes.
    return await connection.until((response) => response, 20_000);
  } finally {
    connection.close();
  }
}

test('there is a row for each', () => {
  const numbers = Object.keys(ITEMS).map(Number);
  expect(numbers).toEqual(Array.from({ length: 87 - 41 + 1 }, (_, at) => 41 + at));
  for (const [number, { sent, tested, not }] of Object.entries(ITEMS))
    expect([number, sent !== undefined || tested !== undefined || not !== undefined]).toEqual([number, true]);
});

describe('what is tested elsewhere is there', () => {
  const named = Object.entries(ITEMS).flatMap(([number, { what, tested = {} }]) =>
    Object.entries(tested).map(([path, texts]) => [`${number} ${what}`, path, texts] as const),
  );
  test.each(named)('%s: %s', (_what, path, texts) => {
    expect(existsSync(path)).toBe(true);
    const text = readFileSync(path, 'utf8');
    expect(texts.filter((each) => !text.includes(each))).toEqual([]);
  });
});

describe('what is sent here', () => {
  const sent = Object.entries(ITEMS).flatMap(([number, { what, sent: list = [] }]) =>
    list.flatMap((each) =>
      (each.at ?? DOORS).map((door) => [`${number} ${what}`, each.name, door.name, each, door] as const),
    ),
  );
  test.each(sent)(
    '%s: %s, to %s',
    async (_what, _name, _door, { bytes, status, says, headers = {} }, door) => {
      const response = await answerTo(portOf(door), bytes(door));
      const text = Buffer.concat([...response.chunks]).toString();
      expect([response.status, text.slice(0, 300)]).toEqual([
        status,
        says ? expect.stringMatching(says) : expect.anything(),
      ]);
      for (const [name, pattern] of Object.entries(headers))
        expect(response.headers.find(([each]) => each === name)?.[1]).toMatch(pattern);
    },
  );

  test('and everybody is still answered', async () => {
    for (const door of [OPERATOR, AGENT]) {
      const response = await answerTo(portOf(door), http('POST', door.path, JSON_TYPE, door.good));
      expect([door.name, response.status]).toEqual([door.name, 200]);
    }
    expect(agent.faults).toEqual([]);
  });
});
