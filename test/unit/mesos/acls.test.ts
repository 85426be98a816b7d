import { describe, expect, test } from 'vitest';
import type { Action } from '../../../shared/mesos/acls.ts';
import { authorize, parseAcls } from '../../../shared/mesos/acls.ts';

const some = (...values: string[]): object => ({ values });
const ANY = { type: 'ANY' };
const NONE = { type: 'NONE' };
const acls = (rules: object) => parseAcls(JSON.stringify(rules));

/** Rules; who, does what, to what; whether they may. */
test.each<
  [
    name: string,
    rules: object,
    principal: string | undefined,
    action: Action,
    object: string | undefined,
    may: boolean,
  ]
>([
  ['nothing is said', {}, 'a', 'run_tasks', 'root', true],
  ['nothing is said and nothing is allowed', { permissive: false }, 'a', 'run_tasks', 'root', false],
  [
    'of this action nothing is said',
    { permissive: false, run_tasks: [{ principals: ANY, users: ANY }] },
    'a',
    'register_frameworks',
    'web',
    false,
  ],
  [
    'named',
    { permissive: false, run_tasks: [{ principals: some('a'), users: some('root') }] },
    'a',
    'run_tasks',
    'root',
    true,
  ],
  [
    'another principal',
    { permissive: false, run_tasks: [{ principals: some('a'), users: some('root') }] },
    'b',
    'run_tasks',
    'root',
    false,
  ],
  [
    'another object',
    { permissive: false, run_tasks: [{ principals: some('a'), users: some('root') }] },
    'a',
    'run_tasks',
    'me',
    false,
  ],
  [
    'forbidden to somebody',
    { run_tasks: [{ principals: some('a'), users: NONE }] },
    'a',
    'run_tasks',
    'root',
    false,
  ],
  [
    '… and not to others',
    { run_tasks: [{ principals: some('a'), users: NONE }] },
    'b',
    'run_tasks',
    'root',
    true,
  ],
  [
    'forbidden to everybody',
    { run_tasks: [{ principals: NONE, users: some('root') }] },
    'a',
    'run_tasks',
    'root',
    false,
  ],
  [
    '… what is not named stays allowed',
    { run_tasks: [{ principals: NONE, users: some('root') }] },
    'a',
    'run_tasks',
    'me',
    true,
  ],
  [
    'the first rule decides',
    {
      run_tasks: [
        { principals: some('a'), users: ANY },
        { principals: ANY, users: NONE },
      ],
    },
    'a',
    'run_tasks',
    'root',
    true,
  ],
  [
    'the next is for whom the first does not name',
    {
      run_tasks: [
        { principals: some('a'), users: ANY },
        { principals: ANY, users: NONE },
      ],
    },
    'b',
    'run_tasks',
    'root',
    false,
  ],
  [
    'nobody knows who, everybody may',
    { permissive: false, run_tasks: [{ principals: ANY, users: ANY }] },
    undefined,
    'run_tasks',
    'root',
    true,
  ],
  [
    'nobody knows who, some may',
    { permissive: false, run_tasks: [{ principals: some('a'), users: ANY }] },
    undefined,
    'run_tasks',
    'root',
    false,
  ],
  [
    'to anything, any',
    { permissive: false, view_flags: [{ principals: some('a'), flags: ANY }] },
    'a',
    'view_flags',
    undefined,
    true,
  ],
  [
    'to anything, some',
    { permissive: false, view_roles: [{ principals: some('a'), roles: some('web') }] },
    'a',
    'view_roles',
    undefined,
    false,
  ],
  [
    'a role below',
    { permissive: false, register_frameworks: [{ principals: ANY, roles: some('web/%') }] },
    'a',
    'register_frameworks',
    'web/eu/1',
    true,
  ],
  [
    '… is not the role itself',
    { permissive: false, register_frameworks: [{ principals: ANY, roles: some('web/%') }] },
    'a',
    'register_frameworks',
    'web',
    false,
  ],
  [
    '… nor one that begins like it',
    { permissive: false, register_frameworks: [{ principals: ANY, roles: some('web/%') }] },
    'a',
    'register_frameworks',
    'webber/x',
    false,
  ],
  [
    'users are no roles',
    { permissive: false, run_tasks: [{ principals: ANY, users: some('a/%') }] },
    'a',
    'run_tasks',
    'a/b',
    false,
  ],
])('%s', (_name, rules, principal, action, object, may) => {
  expect(authorize(acls(rules), principal, action, object)).toBe(may);
});

test('without rules everything is allowed', () => {
  expect(authorize(undefined, undefined, 'teardown_frameworks', undefined)).toBe(true);
});

describe('a rule that is misspelt would allow what it should forbid', () => {
  test.each<[string, RegExp]>([
    ['{', /no JSON/],
    ['[]', /an object is wanted/],
    ['null', /an object is wanted/],
    ['{"permissive":"no"}', /"permissive"/],
    ['{"run_task":[]}', /no action "run_task"/],
    ['{"toString":[]}', /no action "toString"/],
    ['{"run_tasks":{}}', /no list/],
    ['{"run_tasks":[null]}', /run_tasks\[0\] is no object/],
    ['{"run_tasks":[{"principals":{"type":"ANY"}}]}', /run_tasks\[0\]\.users is missing/],
    ['{"run_tasks":[{"principals":{"type":"ANY"},"users":{"type":"ALL"}}]}', /SOME, ANY or NONE/],
    ['{"run_tasks":[{"principals":{"values":[1]},"users":{"type":"ANY"}}]}', /a list of texts/],
    ['{"run_tasks":[{"principals":{"type":"ANY"},"users":{"type":"ANY"},"roles":{}}]}', /no field "roles"/],
  ])('%s', (text, why) => {
    expect(() => parseAcls(text)).toThrow(why);
  });
});
