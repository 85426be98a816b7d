/**
 * Mesos's validation of what a framework says about itself, in Mesos's order: the first fault is the one that is told. Each function gives a sentence, or null
 * when nothing is wrong.
 */
import type { OfferConstraints } from '../../shared/mesos/scheduler.ts';
import type { FrameworkInfo } from '../../shared/mesos/v1.ts';
import { compileConstraints, type ConstraintsFilter } from './offer-constraints.ts';
import { idProblem } from './id-problem.ts';
import { roleProblem } from '../../shared/mesos/role-problem.ts';

/** NAME_MAX: ids become names of directories. */
/** Durations are nanoseconds in 64 bits. */
const DURATION_SECONDS_MAX = 2 ** 63 / 1e9;
const SUBNORMAL_BELOW = 2.2250738585072014e-308;

/** Roles, then id, then offer filters, then the failover timeout. */
export function frameworkProblem(info: FrameworkInfo): string | null {
  return rolesProblem(info) ?? givenIdProblem(info) ?? filtersProblem(info) ?? timeoutProblem(info);
}

/**
 * What a framework that is known may not change. UPDATE_FRAMEWORK refuses each; a subscription keeps the old user and checkpoint silently, so only the principal
 * is refused there (`keepFixed`).
 */
export function updateProblem(before: FrameworkInfo, info: FrameworkInfo): string | null {
  if (before.principal !== info.principal) return "Changing framework's principal is not allowed.";
  if (before.user !== info.user) return unsupported('user', before.user, info.user);
  const [was, wanted] = [before.checkpoint ?? false, info.checkpoint ?? false];
  return was === wanted ? null : unsupported('checkpoint', String(was), String(wanted));
}

/** Mesos ignores a change of user or of checkpointing at re-subscription. */
export function keepFixed(info: FrameworkInfo, before: FrameworkInfo): FrameworkInfo {
  const { checkpoint: _checkpoint, ...changed } = info;
  const fixed = before.checkpoint === undefined ? {} : { checkpoint: before.checkpoint };
  return { ...changed, ...fixed, user: before.user };
}

export type FrameworkOptions =
  | { readonly ok: true; readonly constraints: ConstraintsFilter | null }
  | { readonly ok: false; readonly problem: string };

/** Suppressed roles and offer constraints, which come beside the FrameworkInfo and are replaced as a whole. */
export function frameworkOptions(
  info: FrameworkInfo,
  suppressed: readonly string[],
  constraints: OfferConstraints | undefined,
): FrameworkOptions {
  const roles = new Set(rolesOfInfo(info));
  const foreign = [...new Set(suppressed)].filter((role) => !roles.has(role));
  if (foreign.length > 0)
    return no(`Suppressed roles ${setText(foreign)} are not contained in the set of roles`);
  for (const role of Object.keys(constraints?.role_constraints ?? {})) {
    // The missing space is Mesos's.
    if (!roles.has(role))
      return no(
        `Offer constraints specify \`role_constraints\` for a role '${role}'not contained in the set of roles`,
      );
  }
  if (!constraints) return { ok: true, constraints: null };
  const compiled = compileConstraints(constraints);
  return compiled.ok
    ? { ok: true, constraints: compiled.filter }
    : no(`Offer constraints are not valid: ${compiled.problem}`);
}

/** Those that it subscribed with: `roles` of a MULTI_ROLE framework (none is allowed: it gets no offers), else its one `role`, `*` where it named none. */
export function rolesOfInfo(info: FrameworkInfo): readonly string[] {
  return hasCapability(info, 'MULTI_ROLE') ? (info.roles ?? []) : [info.role ?? '*'];
}

export function hasCapability(info: FrameworkInfo, wanted: string): boolean {
  return info.capabilities?.some(({ type }) => type === wanted) ?? false;
}

function rolesProblem(info: FrameworkInfo): string | null {
  if (!hasCapability(info, 'MULTI_ROLE')) {
    if ((info.roles ?? []).length > 0)
      return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable";
    const problem = roleProblem(info.role ?? '*');
    return problem === null ? null : `'FrameworkInfo.role' is not a valid role: ${problem}`;
  }
  if (info.role !== undefined)
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable";
  const roles = info.roles ?? [];
  const twice = roles.filter((role, at) => roles.indexOf(role) < at);
  if (twice.length > 0)
    return `'FrameworkInfo.roles' contains duplicate items: ${setText([...new Set(twice)])}`;
  const problem = roles.map(roleProblem).find((each) => each !== null);
  return problem === undefined ? null : `'FrameworkInfo.roles' contains invalid role: ${problem}`;
}

/** One that is absent or empty asks for a new one. */
function givenIdProblem({ id }: FrameworkInfo): string | null {
  return id === undefined || id.value === '' ? null : idProblem(id.value);
}

function filtersProblem(info: FrameworkInfo): string | null {
  for (const filter of Object.values(info.offer_filters ?? {})) {
    for (const { quantities = {} } of filter.min_allocatable_resources?.quantities ?? []) {
      const named = Object.entries(quantities);
      if (named.length === 0) return 'Resource quantities must contain at least one quantity';
      for (const [name, { value }] of named) {
        const problem = quantityProblem(value);
        if (problem !== null) return `Invalid resource quantity for '${name}': ${problem}`;
      }
    }
  }
  return null;
}

function quantityProblem(value: number): string | null {
  if (Number.isNaN(value)) return 'NaN not supported';
  if (!Number.isFinite(value)) return 'Infinite values not supported';
  if (value !== 0 && Math.abs(value) < SUBNORMAL_BELOW) return 'Subnormal values not supported';
  return value < 0 ? 'Negative values not supported' : null;
}

/** Negative is valid (it is over at once); what does not fit a duration is not. */
function timeoutProblem({ failover_timeout: seconds = 0 }: FrameworkInfo): string | null {
  const fits = Math.abs(seconds) < DURATION_SECONDS_MAX;
  return fits ? null : `The framework failover_timeout (${numberText(seconds)}) is invalid`;
}

function unsupported(field: string, from: string, to: string): string {
  return `Updating 'FrameworkInfo.${field}' is unsupported; attempted to update from '${from}' to '${to}'`;
}

function no(problem: string): FrameworkOptions {
  return { ok: false, problem };
}

/** A set as stout prints it: sorted, between braces. */
function setText(items: readonly string[]): string {
  return `{ ${[...items].sort().join(', ')} }`;
}

/** A double as C++ streams print it: six significant digits, exponents of two digits at least. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [digits = '', exponent = ''] = value.toExponential(5).split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  const trimmed = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return `${trimmed}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
}
