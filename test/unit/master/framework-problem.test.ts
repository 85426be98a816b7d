import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  frameworkOptions,
  frameworkProblem,
  keepFixed,
  rolesOfInfo,
  updateProblem,
} from '../../../server/master/framework-problem.ts';
import { roleProblem } from '../../../shared/mesos/role-problem.ts';
import type { FrameworkInfo } from '../../../shared/mesos/v1.ts';

const MULTI_ROLE = [{ type: 'MULTI_ROLE' }];
const info = (more: Partial<FrameworkInfo> = {}): FrameworkInfo => ({ user: 'u', name: 'n', ...more });
const multi = (...roles: string[]): FrameworkInfo => info({ roles, capabilities: MULTI_ROLE });

describe('a role', () => {
  test.each(['*', 'a', 'a/b/c', 'a-b', 'a.b', 'a_b', '...', 'é', '\\', 'a*'])('%j is one', (role) => {
    expect(roleProblem(role)).toBeNull();
  });

  test.each([
    ['', 'Role names cannot be the empty string'],
    ['/', "Role '/' cannot start with a slash"],
    ['/a', "Role '/a' cannot start with a slash"],
    ['a/', "Role 'a/' cannot end with a slash"],
    ['a//b', "Role 'a//b' cannot contain two adjacent slashes"],
    ['.', "Role '.' cannot include '.' as a component"],
    ['a/..', "Role 'a/..' cannot include '..' as a component"],
    ['a/*', "Role 'a/*' cannot include '*' as a component"],
    ['-a', "Role component '-a' is invalid because it starts with a dash"],
    ['a/-', "Role component '-' is invalid because it starts with a dash"],
    ['a b', "Role component 'a b' is invalid because it contains backspace or whitespace"],
    ['x/a\tb', "Role component 'a\tb' is invalid because it contains backspace or whitespace"],
    ['\b', "Role component '\b' is invalid because it contains backspace or whitespace"],
    ['a\u000bb', "Role component 'a\u000bb' is invalid because it contains backspace or whitespace"],
  ])('%j is none', (role, problem) => {
    expect(roleProblem(role)).toBe(problem);
  });

  test('whatever passes has good components only', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '/', '.', '*', '-', ' ', '\t') }), (role) => {
        if (roleProblem(role) !== null || role === '*') return;
        for (const component of role.split('/')) {
          expect(component).not.toMatch(/^$|^\.{1,2}$|^\*$|^-|[ \t]/);
        }
      }),
    );
  });
});

describe('a FrameworkInfo', () => {
  test.each<[string, FrameworkInfo]>([
    ['user and name only', info()],
    ['nothing in either', info({ user: '', name: '' })],
    ['one role', info({ role: 'dev' })],
    ['several roles', multi('a', 'b/c', '*')],
    ['MULTI_ROLE without roles', info({ capabilities: MULTI_ROLE })],
    ['no roles, as an empty list', info({ roles: [] })],
    ['a capability that nobody knows', info({ capabilities: [{ type: 'NO_SUCH' }] })],
    ['a negative failover timeout', info({ failover_timeout: -1 })],
    ['the longest failover timeout', info({ failover_timeout: 9_223_372_036 })],
    ['an empty id', info({ id: { value: '' } })],
    ['an id of 255', info({ id: { value: 'x'.repeat(255) } })],
    [
      'an offer filter without quantities',
      info({ offer_filters: { '*': { min_allocatable_resources: {} } } }),
    ],
  ])('%s', (_name, good) => {
    expect(frameworkProblem(good)).toBeNull();
  });

  const quantity = (value: number): FrameworkInfo =>
    info({
      offer_filters: {
        '*': { min_allocatable_resources: { quantities: [{ quantities: { cpus: { value } } }] } },
      },
    });
  test.each<[string, FrameworkInfo, string]>([
    [
      'role with MULTI_ROLE',
      info({ role: 'dev', capabilities: MULTI_ROLE }),
      "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable",
    ],
    [
      'roles without MULTI_ROLE',
      info({ roles: ['dev'] }),
      "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable",
    ],
    [
      'roles twice',
      multi('b', 'a', 'b', 'a', 'b'),
      "'FrameworkInfo.roles' contains duplicate items: { a, b }",
    ],
    [
      'a bad role among them',
      multi('a', ''),
      "'FrameworkInfo.roles' contains invalid role: Role names cannot be the empty string",
    ],
    [
      'a bad role',
      info({ role: '/a' }),
      "'FrameworkInfo.role' is not a valid role: Role '/a' cannot start with a slash",
    ],
    ['an id with a slash', info({ id: { value: 'a/b' } }), "'a/b' contains invalid characters"],
    ['an id that is a dot', info({ id: { value: '..' } }), "'..' is disallowed"],
    ['an id of 256', info({ id: { value: 'x'.repeat(256) } }), 'ID must not be greater than 255 characters'],
    [
      'a timeout beyond 64 bits of nanoseconds',
      info({ failover_timeout: 1e300 }),
      'The framework failover_timeout (1e+300) is invalid',
    ],
    [
      'a timeout just beyond',
      info({ failover_timeout: 9_223_372_037 }),
      'The framework failover_timeout (9.22337e+09) is invalid',
    ],
    [
      'a timeout below',
      info({ failover_timeout: -1e10 }),
      'The framework failover_timeout (-1e+10) is invalid',
    ],
    [
      'an endless timeout',
      info({ failover_timeout: Infinity }),
      'The framework failover_timeout (inf) is invalid',
    ],
    [
      'a quantity of nothing',
      info({ offer_filters: { '*': { min_allocatable_resources: { quantities: [{}] } } } }),
      'Resource quantities must contain at least one quantity',
    ],
    [
      'a negative quantity',
      quantity(-1),
      "Invalid resource quantity for 'cpus': Negative values not supported",
    ],
    [
      'an endless quantity',
      quantity(Infinity),
      "Invalid resource quantity for 'cpus': Infinite values not supported",
    ],
    ['no quantity', quantity(NaN), "Invalid resource quantity for 'cpus': NaN not supported"],
    [
      'a quantity too small',
      quantity(5e-324),
      "Invalid resource quantity for 'cpus': Subnormal values not supported",
    ],
    [
      'several faults: roles come first',
      info({ role: '', id: { value: '/' }, failover_timeout: 1e300 }),
      "'FrameworkInfo.role' is not a valid role: Role names cannot be the empty string",
    ],
    ['then the id', info({ id: { value: '/' }, failover_timeout: 1e300 }), "'/' contains invalid characters"],
  ])('%s', (_name, bad, problem) => {
    expect(frameworkProblem(bad)).toBe(problem);
  });

  test('its roles are one or several', () => {
    expect(rolesOfInfo(info())).toEqual(['*']);
    expect(rolesOfInfo(info({ role: 'dev' }))).toEqual(['dev']);
    expect(rolesOfInfo(multi())).toEqual([]);
    expect(rolesOfInfo(multi('a', 'b'))).toEqual(['a', 'b']);
  });
});

describe('what a known framework may change', () => {
  const before = info({ principal: 'p', checkpoint: true });

  test.each<[string, FrameworkInfo]>([
    ['nothing', before],
    ['its name', { ...before, name: 'other' }],
    ['its roles', { ...before, roles: ['a'], capabilities: MULTI_ROLE }],
    ['its failover timeout', { ...before, failover_timeout: 60 }],
  ])('%s', (_name, after) => {
    expect(updateProblem(before, after)).toBeNull();
  });

  test('a checkpoint that is absent is false', () => {
    expect(updateProblem(info(), info({ checkpoint: false }))).toBeNull();
  });

  const { principal: _none, ...nobody } = before;
  test.each<[string, FrameworkInfo, string]>([
    ['principal', { ...before, principal: 'q' }, "Changing framework's principal is not allowed."],
    ['principal to none', nobody, "Changing framework's principal is not allowed."],
    [
      'user',
      { ...before, user: 'root' },
      "Updating 'FrameworkInfo.user' is unsupported; attempted to update from 'u' to 'root'",
    ],
    [
      'checkpoint',
      { ...before, checkpoint: false },
      "Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to update from 'true' to 'false'",
    ],
  ])('not its %s', (_name, after, problem) => {
    expect(updateProblem(before, after)).toBe(problem);
  });

  test('a subscription keeps the old user and checkpoint instead', () => {
    expect(keepFixed(info({ user: 'root', name: 'new' }), before)).toEqual({
      user: 'u',
      name: 'new',
      checkpoint: true,
    });
    expect(keepFixed(info({ checkpoint: true }), info())).toEqual(info());
  });
});

describe('suppressed roles and offer constraints', () => {
  test('are of the roles it has', () => {
    expect(frameworkOptions(multi('a'), ['a'], undefined)).toMatchObject({ ok: true });
    expect(frameworkOptions(multi('a'), ['z', 'a', 'b', 'z'], undefined)).toMatchObject({
      problem: 'Suppressed roles { b, z } are not contained in the set of roles',
    });
    expect(frameworkOptions(multi('a'), [], { role_constraints: { b: {} } })).toMatchObject({
      problem: "Offer constraints specify `role_constraints` for a role 'b'not contained in the set of roles",
    });
  });

  test('must make sense', () => {
    expect(frameworkOptions(multi('a'), [], { role_constraints: { a: {} } })).toMatchObject({
      problem:
        "Offer constraints are not valid: 'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role a",
    });
  });
});
