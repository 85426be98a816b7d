import { bundleOf, scalarOf } from '../../../shared/mesos/bundle.ts';
import type { OperatorCall, QuotaConfig } from '../../../shared/mesos/operator.ts';
import { addQuantities, named, quantitiesOf } from '../allocator/quantities.ts';
import { top, type Quota } from '../allocator/quota.ts';
import type { CallAnswer } from '../facts.ts';
import { rescindOffer } from '../offers.ts';
import { roleProblem } from '../../../shared/mesos/role-problem.ts';
import type { MasterTx } from '../tx.ts';
import type { MasterWorld } from '../world.ts';

type Amounts = NonNullable<QuotaConfig['guarantees']>;

const DONE: CallAnswer = { status: 200 };
const bad = (message: string): CallAnswer => ({ status: 400, message });

/** All of them, or none. A role with neither guarantees nor limits has no quota any more. */
export function updateQuota(tx: MasterTx, configs: readonly QuotaConfig[], force: boolean): CallAnswer {
  const wanted = new Map<string, Quota>();
  for (const config of configs) {
    const problem = configProblem(config);
    if (problem !== null) return bad(`Invalid QuotaConfig: ${problem}`);
    if (wanted.has(config.role)) return bad(`Invalid QuotaConfig: duplicate role '${config.role}'`);
    wanted.set(config.role, { guarantees: milli(config.guarantees), limits: milli(config.limits) });
  }
  if (!force) {
    const problem = capacityProblem(tx.world, wanted);
    if (problem !== null) return bad(`Invalid QuotaConfig: ${problem}`);
  }
  for (const { role, guarantees = {}, limits = {} } of configs)
    tx.write({ w: 'quota', role, guarantees: plain(guarantees), limits: plain(limits) });
  // Offers that exceed what a role may have now end; the next allocation makes the ones that may be.
  for (const offer of tx.world.offers.values()) if (wanted.has(top(offer.role))) rescindOffer(tx, offer);
  tx.world.freed.all = true;
  return DONE;
}

/** The call of before limits: what is guaranteed is the limit as well. */
export function setQuota(
  tx: MasterTx,
  {
    role = '',
    guarantee = [],
    force = false,
  }: Extract<OperatorCall, { type: 'SET_QUOTA' }>['set_quota']['quota_request'],
): CallAnswer {
  if (tx.world.quotas.has(role))
    return {
      status: 409,
      message: `Failed to validate set quota request: Quota already set for role '${role}'`,
    };
  const bundle = bundleOf(guarantee);
  const names = [...new Set(guarantee.map(({ name }) => name))];
  const amounts = Object.fromEntries(names.map((name) => [name, { value: scalarOf(bundle, name) / 1000 }]));
  return updateQuota(tx, [{ role, guarantees: amounts, limits: amounts }], force);
}

export function removeQuota(tx: MasterTx, role: string): CallAnswer {
  if (!tx.world.quotas.has(role)) return bad(`Failed to remove quota: Role '${role}' has no quota set`);
  return updateQuota(tx, [{ role }], true);
}

export function updateWeights(
  tx: MasterTx,
  infos: readonly { readonly weight: number; readonly role?: string }[],
): CallAnswer {
  for (const { weight, role = '*' } of infos) {
    const problem = roleProblem(role);
    if (problem !== null)
      return bad(`Failed to validate update weights request JSON: Invalid role '${role}': ${problem}`);
    if (!(weight > 0) || !Number.isFinite(weight))
      return bad(
        `Failed to validate update weights request JSON for role '${role}': Invalid weight '${weight}': Weights must be positive`,
      );
  }
  for (const { weight, role = '*' } of infos) tx.write({ w: 'weight', role, weight });
  tx.world.freed.all = true;
  return DONE;
}

function configProblem({ role, guarantees = {}, limits = {} }: QuotaConfig): string | null {
  const problem = roleProblem(role);
  if (problem !== null) return `Invalid role '${role}': ${problem}`;
  if (role.includes('/')) return `Quota can only be set on top-level roles; '${role}' is nested`;
  for (const [what, amounts] of [
    ['guarantee', guarantees],
    ['limit', limits],
  ] as const) {
    for (const [name, { value }] of Object.entries(amounts)) {
      const told = (why: string): string => `Invalid ${what} configuration {'${name}': ${value}}: ${why}`;
      if (Number.isNaN(value)) return told('NaN not supported');
      if (!Number.isFinite(value)) return told('Infinite values not supported');
      if (value < 0) return told('Negative values not supported');
    }
  }
  const exceeds = Object.entries(guarantees).some(
    ([name, { value }]) => value > (limits[name]?.value ?? Infinity),
  );
  if (!exceeds) return null;
  return `'QuotaConfig.guarantees' ${braces(guarantees)} is not contained within the 'QuotaConfig.limits' ${braces(limits)}`;
}

function capacityProblem(world: MasterWorld, wanted: ReadonlyMap<string, Quota>): string | null {
  const sum = new Map<string, number>();
  for (const { guarantees } of new Map([...world.quotas, ...wanted]).values())
    for (const [name, amount] of guarantees) sum.set(name, (sum.get(name) ?? 0) + amount);
  const total = named(world.roles.total);
  if ([...sum].every(([name, amount]) => amount <= (total.get(name) ?? 0))) {
    for (const [role, { limits }] of wanted) {
      const consumed = consumedBy(world, role);
      for (const [name, limit] of limits)
        if ((consumed.get(name) ?? 0) > limit)
          return `Role '${role}' is already consuming '${list(consumed)}'; this is more than the requested limits '${list(limits)}' (use 'force' flag to bypass this check)`;
    }
    return null;
  }
  return `total quota guarantees '${list(sum)}' exceed cluster capacity '${list(total)}' (use 'force' flag to bypass this check)`;
}

/** What runs; offers can still be taken back. */
function consumedBy(world: MasterWorld, role: string): ReadonlyMap<string, number> {
  const consumed = [...(world.roles.find(role)?.allocated ?? [])];
  for (const offer of world.offers.values())
    if (top(offer.role) === role) addQuantities(consumed, quantitiesOf(offer.resources), -1);
  return named(consumed);
}

function milli(amounts: Amounts = {}): Map<string, number> {
  return new Map(Object.entries(amounts).map(([name, { value }]) => [name, Math.round(value * 1000)]));
}

function plain(amounts: Amounts): Record<string, number> {
  return Object.fromEntries(Object.entries(amounts).map(([name, { value }]) => [name, value]));
}

function list(amounts: ReadonlyMap<string, number>): string {
  const named = [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
  return named.map(([name, amount]) => `${name}:${amount / 1000}`).join('; ');
}

function braces(amounts: Amounts): string {
  const named = Object.entries(amounts).map(([name, { value }]) => `${name}: ${value}`);
  return named.length === 0 ? '{}' : `{ ${named.join(', ')} }`;
}
