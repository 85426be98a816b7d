import { expect, test } from 'vitest';
import { parseJsonBody } from '../../../server/http/json-body.ts';

test.each([
  ['', 'is not JSON'],
  ['{"a": 1', 'is not JSON'],
  ['{"a": tru}', 'is not JSON'],
  ['{"a": "unended', 'is not JSON'],
  ['['.repeat(1_000_000), 'nested deeper than 32'],
  [`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 'nested deeper than 32'],
  ['{"type": "SUBSCRIBE", "type": "KILL"}', 'type is given twice'],
  ['{"a": {"b": 1, "c": [{}], "b" \n: 2}}', 'b is given twice'],
  ['{"a": 1, "\\u0061": 2}', 'a is given twice'],
  [`{${Array.from({ length: 40 }, (_, at) => `"k${at}": ${at},`).join('')} "k7": 1}`, 'k7 is given twice'],
  ['[{"a": {"x": 1}, "b": [{"x": 1, "y": {}, "x": 2}]}]', 'x is given twice'],
  ['{"__proto__": {"admin": true}}', 'unknown field __proto__'],
  ['{"x": [{"\\u005f_proto__": 1}]}', 'unknown field __proto__'],
])('refuses %j', (text, why) => {
  expect(() => parseJsonBody(text)).toThrow(why);
});

test.each([
  '{"a": {"b": 1}, "c": {"b": 2}}',
  // Of one hash.
  '{"Aa": 1, "BB": 2}',
  `{${Array.from({ length: 40 }, (_, at) => `"k${at}":${at}`).join(',')}}`,
  '[{"a": 1}, {"a": 1}]',
  '{"a": "a", "b": "a", "c": ["a", "a"]}',
  '{"text": "{\\"a\\": 1, \\"a\\": 2, [[[ \\\\"}',
  `${'['.repeat(32)}${']'.repeat(32)}`,
  '"a"',
  'null',
])('takes %s', (text) => {
  expect(parseJsonBody(text)).toEqual(JSON.parse(text));
});
