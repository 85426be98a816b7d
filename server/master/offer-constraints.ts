/**
 * Offer constraints: which agents a framework wants no offers of, role by role. Groups are alternatives, the constraints of a group hold together. Patterns are
 * RE2's, which takes time linear in the text: a framework must not be able to hold the master up.
 */
import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { AgentInfo } from '../../shared/mesos/agent.ts';
import type { AttributeConstraint, OfferConstraints } from '../../shared/mesos/scheduler.ts';
import type { Attribute } from '../../shared/mesos/v1.ts';

/** Mesos's `--offer_constraints_re2_max_program_size`. */
const PROGRAM_SIZE_MAX = 100;

export interface ConstraintsFilter {
  /** As the framework gave them. */
  readonly given: OfferConstraints;
  /** No offer of this agent to this role. A role without constraints excludes nobody. */
  excludes(role: string, agent: Pick<AgentInfo, 'hostname' | 'attributes'>): boolean;
}

export type CompiledConstraints =
  | { readonly ok: true; readonly filter: ConstraintsFilter }
  | { readonly ok: false; readonly problem: string };

/** What a selector finds at an agent: nothing, the value of a pseudo-attribute, or an attribute. */
type Found = undefined | string | Attribute;
type Holds = (agent: Pick<AgentInfo, 'hostname' | 'attributes'>) => boolean;
type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: string };

export function compileConstraints(given: OfferConstraints): CompiledConstraints {
  const roles = new Map<string, Holds[][]>();
  for (const [role, { groups = [] }] of Object.entries(given.role_constraints ?? {})) {
    if (groups.length === 0) {
      const problem = `'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role ${role}`;
      return { ok: false, problem };
    }
    const compiled: Holds[][] = [];
    for (const { attribute_constraints: constraints = [] } of groups) {
      const group = compileGroup(role, constraints);
      if (!group.ok) return group;
      compiled.push(group.value);
    }
    roles.set(role, compiled);
  }
  const excludes: ConstraintsFilter['excludes'] = (role, agent) => {
    const groups = roles.get(role);
    return groups !== undefined && !groups.some((group) => group.every((holds) => holds(agent)));
  };
  return { ok: true, filter: { given, excludes } };
}

function compileGroup(role: string, constraints: readonly AttributeConstraint[]): Checked<Holds[]> {
  if (constraints.length === 0) {
    // The missing space is Mesos's.
    const problem = `'OfferConstraints::RoleConstraints::groups' for role ${role}contains an empty RoleConstraints::Group`;
    return { ok: false, problem };
  }
  const group: Holds[] = [];
  for (const { selector, predicate } of constraints) {
    const find = compileSelector(selector ?? {});
    const holds = find.ok ? compilePredicate(predicate ?? {}) : find;
    if (!find.ok || !holds.ok) {
      const { problem } = (find.ok ? holds : find) as { problem: string };
      return { ok: false, problem: `A role ${role} has an invalid 'AttributeConstraint': ${problem}` };
    }
    group.push((agent) => holds.value(find.value(agent)));
  }
  return { ok: true, value: group };
}

function compileSelector(
  selector: NonNullable<AttributeConstraint['selector']>,
): Checked<(agent: Pick<AgentInfo, 'hostname' | 'attributes'>) => Found> {
  const { attribute_name: wanted, pseudoattribute_type: pseudo } = selector;
  if (wanted !== undefined)
    return { ok: true, value: ({ attributes }) => attributes.find(({ name }) => name === wanted) };
  if (pseudo === 'HOSTNAME') return { ok: true, value: ({ hostname }) => hostname };
  // Agents have no fault domain yet: there is no such value anywhere.
  if (pseudo === 'REGION' || pseudo === 'ZONE') return { ok: true, value: () => undefined };
  if (pseudo !== undefined) return { ok: false, problem: 'Unknown pseudoattribute type' };
  const either =
    "'AttributeConstraint::Selector::name' or 'AttributeConstraint::Selector::pseudoattribute_type'";
  return { ok: false, problem: `Exactly one of ${either} must be set` };
}

function compilePredicate(
  predicate: NonNullable<AttributeConstraint['predicate']>,
): Checked<(found: Found) => boolean> {
  const {
    exists,
    not_exists: notExists,
    text_equals: equals,
    text_not_equals: differs,
    text_matches: matches,
    text_not_matches: matchesNot,
  } = predicate;
  if (exists) return { ok: true, value: (found) => found !== undefined };
  if (notExists) return { ok: true, value: (found) => found === undefined };
  if (equals) return { ok: true, value: onText(false, (text) => text === equals.value) };
  if (differs) return { ok: true, value: onText(true, (text) => text !== differs.value) };
  if (matches ?? matchesNot) {
    const pattern = compilePattern((matches ?? matchesNot)?.regex ?? '');
    if (!pattern.ok) return pattern;
    const { value } = pattern;
    return {
      ok: true,
      value: matches ? onText(false, (text) => value(text)) : onText(true, (text) => !value(text)),
    };
  }
  return { ok: false, problem: 'Unknown predicate type' };
}

/** An attribute that is no text passes every predicate on text; none at all is as the predicate has it. */
function onText(whenAbsent: boolean, test: (text: string) => boolean): (found: Found) => boolean {
  return (found) => {
    if (found === undefined) return whenAbsent;
    if (typeof found === 'string') return test(found);
    return found.type !== 'TEXT' || test(found.text?.value ?? '');
  };
}

/** A pattern that has to match the whole text. */
function compilePattern(regex: string): Checked<(text: string) => boolean> {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(regex);
  } catch (error) {
    const problem = error instanceof RE2JSSyntaxException ? syntaxProblem(regex, error) : String(error);
    return { ok: false, problem: `Failed to construct regex from pattern '${regex}': ${problem}` };
  }
  const size = compiled.programSize();
  if (size > PROGRAM_SIZE_MAX) {
    const limit = `program size of ${size} is larger than maximum of ${PROGRAM_SIZE_MAX} allowed`;
    return { ok: false, problem: `Regex '${regex}' is too complex: ${limit}` };
  }
  return { ok: true, value: (text) => compiled.testExact(text) };
}

/** RE2's own words for what this port of it words as Go does. */
const SYNTAX_PROBLEMS: Readonly<Record<string, string>> = {
  'missing closing )': 'missing )',
  'missing closing ]': 'missing ]',
  'unexpected )': 'unexpected )',
  'trailing backslash at end of expression': 'trailing \\',
  'missing argument to repetition operator': 'no argument for repetition operator',
  'invalid nested repetition operator': 'bad repetition operator',
  'invalid repeat count': 'invalid repetition size',
  'invalid or unsupported Perl syntax': 'invalid perl operator',
  'invalid named capture': 'invalid named capture group',
  'duplicate capture group name': 'invalid named capture group',
};

function syntaxProblem(regex: string, error: RE2JSSyntaxException): string {
  const told = error.getDescription();
  return `${SYNTAX_PROBLEMS[told] ?? told}: ${error.getPattern() ?? regex}`;
}
