import { describe, expect, test } from 'vitest';
import { compileConstraints } from '../../../server/master/offer-constraints.ts';
import type { AttributeConstraint } from '../../../shared/mesos/scheduler.ts';

const AGENT = {
  hostname: 'h1',
  attributes: [
    { name: 'rack', type: 'TEXT', text: { value: 'r1' } },
    { name: 'slots', type: 'SCALAR', scalar: { value: 4 } },
  ],
} as const;

type Predicate = NonNullable<AttributeConstraint['predicate']>;
const on = (attribute_name: string, predicate: Predicate): AttributeConstraint => ({
  selector: { attribute_name },
  predicate,
});

/** Is the agent kept out of role `a` by these groups? */
function excluded(...groups: AttributeConstraint[][]): boolean | string {
  const given = {
    role_constraints: { a: { groups: groups.map((attribute_constraints) => ({ attribute_constraints })) } },
  };
  const compiled = compileConstraints(given);
  return compiled.ok ? compiled.filter.excludes('a', AGENT) : compiled.problem;
}

describe('predicates', () => {
  test.each<[string, Predicate, boolean, boolean, boolean]>([
    // what holds of rack r1, of an attribute that is not there, of one that is no text
    ['exists', { exists: {} }, true, false, true],
    ['not_exists', { not_exists: {} }, false, true, false],
    ['text_equals', { text_equals: { value: 'r1' } }, true, false, true],
    ['text_equals, another', { text_equals: { value: 'r2' } }, false, false, true],
    ['text_not_equals', { text_not_equals: { value: 'r1' } }, false, true, true],
    ['text_not_equals, another', { text_not_equals: { value: 'r2' } }, true, true, true],
    ['text_matches', { text_matches: { regex: 'r[0-9]' } }, true, false, true],
    ['text_matches only in part', { text_matches: { regex: 'r' } }, false, false, true],
    ['text_not_matches', { text_not_matches: { regex: 'r.' } }, false, true, true],
    ['text_not_matches only in part', { text_not_matches: { regex: '1' } }, true, true, true],
  ])('%s', (_name, predicate, rack, absent, scalar) => {
    const holds = (attribute: string): boolean => excluded([on(attribute, predicate)]) === false;
    expect([holds('rack'), holds('nosuch'), holds('slots')]).toEqual([rack, absent, scalar]);
  });

  test('pseudo-attributes: the host name; agents have no region and no zone', () => {
    const of = (
      pseudoattribute_type: 'HOSTNAME' | 'REGION' | 'ZONE',
      predicate: Predicate,
    ): AttributeConstraint => ({ selector: { pseudoattribute_type }, predicate });
    expect(excluded([of('HOSTNAME', { text_equals: { value: 'h1' } })])).toBe(false);
    expect(excluded([of('HOSTNAME', { text_equals: { value: 'h2' } })])).toBe(true);
    expect(excluded([of('REGION', { exists: {} })])).toBe(true);
    expect(excluded([of('ZONE', { not_exists: {} })])).toBe(false);
  });
});

describe('groups', () => {
  const yes = on('rack', { exists: {} });
  const no = on('rack', { not_exists: {} });

  test.each([
    ['one of one', [[yes]], false],
    ['all of a group', [[yes, no]], true],
    ['any group', [[no], [yes, yes]], false],
    ['none', [[no], [yes, no]], true],
  ])('%s', (_name, groups, out) => {
    expect(excluded(...groups)).toBe(out);
  });

  test('a role without constraints excludes nobody', () => {
    const compiled = compileConstraints({
      role_constraints: { a: { groups: [{ attribute_constraints: [no] }] } },
    });
    expect(compiled.ok && compiled.filter.excludes('b', AGENT)).toBe(false);
  });
});

describe('faults', () => {
  const bad = (problem: string): string => `A role a has an invalid 'AttributeConstraint': ${problem}`;
  const regex = (pattern: string): string | boolean =>
    excluded([on('rack', { text_matches: { regex: pattern } })]);

  test('of the structure', () => {
    expect(excluded()).toBe(
      "'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role a",
    );
    expect(excluded([])).toBe(
      "'OfferConstraints::RoleConstraints::groups' for role acontains an empty RoleConstraints::Group",
    );
    expect(excluded([{ predicate: { exists: {} } }])).toBe(
      bad(
        "Exactly one of 'AttributeConstraint::Selector::name' or 'AttributeConstraint::Selector::pseudoattribute_type' must be set",
      ),
    );
    expect(excluded([{ selector: { pseudoattribute_type: 'UNKNOWN' }, predicate: { exists: {} } }])).toBe(
      bad('Unknown pseudoattribute type'),
    );
    expect(excluded([on('rack', {})])).toBe(bad('Unknown predicate type'));
  });

  test.each([
    ['(', 'missing ): ('],
    ['[', 'missing ]: ['],
    ['*a', 'no argument for repetition operator: *'],
    ['a**', 'bad repetition operator: **'],
    ['a{1001}', 'invalid repetition size: {1001}'],
    ['(?=a)', 'invalid perl operator: (?='],
    ['\\8', 'invalid escape sequence: \\8'],
    ['[z-a]', 'invalid character class range: z-a'],
  ])('of the pattern %s', (pattern, problem) => {
    expect(regex(pattern)).toBe(bad(`Failed to construct regex from pattern '${pattern}': ${problem}`));
  });

  test('a pattern that is too large', () => {
    expect(regex('((a{10}){10}){10}')).toMatch(
      /Regex '.*' is too complex: program size of \d+ is larger than maximum of 100 allowed$/,
    );
  });

  test('a pattern that would take for ever elsewhere', () => {
    const given = {
      a: { groups: [{ attribute_constraints: [on('rack', { text_matches: { regex: '(a*)*b' } })] }] },
    };
    const compiled = compileConstraints({ role_constraints: given });
    const attributes = [{ name: 'rack', type: 'TEXT', text: { value: 'a'.repeat(100_000) } }] as const;
    const startedMs = performance.now();
    expect(compiled.ok && compiled.filter.excludes('a', { hostname: 'h', attributes })).toBe(true);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});
