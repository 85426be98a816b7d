import type { TaskConfig } from '../../shared/job/config.ts';
import type { Needs } from './placement/tests.ts';
import { staticVeto } from './placement/tests.ts';
import type { Capacity, VetoCount } from './capacity.ts';
import { amount } from './capacity.ts';

const RESOURCES = [
  ['cpu', 'cpusMilli'],
  ['ram', 'memMb'],
  ['disk', 'diskMb'],
  ['gpu', 'gpus'],
  ['ports', 'ports'],
] as const;

/** What would let the group be placed, computed from the agents there are; best first. Nothing is done about it. */
export function remediesFor(
  config: TaskConfig,
  needs: Needs,
  vetoes: readonly VetoCount[],
  capacities: readonly Capacity[],
): string[] {
  if (vetoes.length === 0 || capacities.length === 0) return ['add an agent'];
  return [
    ...lowerOne(config, needs, capacities),
    ...dropConstraint(config, vetoes),
    ...waitFor(config, needs, capacities),
    addAgent(needs),
  ];
}

/** One resource lowered to what an agent has free now, where the rest fits. */
function lowerOne(config: TaskConfig, needs: Needs, capacities: readonly Capacity[]): string[] {
  const possible = capacities.filter(({ slot }) => staticVeto(config, slot) === null);
  return RESOURCES.flatMap(([kind, field]) => {
    const others = RESOURCES.filter(([, other]) => other !== field);
    const short = possible.filter(
      ({ free }) =>
        free[field] < needs[field] &&
        free[field] > 0 &&
        others.every(([, other]) => free[other] >= needs[other]),
    );
    const best = Math.max(0, ...short.map(({ free }) => free[field]));
    const fits = short.filter(({ free }) => free[field] >= best).length;
    return fits > 0
      ? [
          `lower ${kind} from ${amount(kind, needs[field])} to ${amount(kind, best)}: fits ${fits} ${fits === 1 ? 'agent' : 'agents'} now`,
        ]
      : [];
  });
}

function dropConstraint(config: TaskConfig, vetoes: readonly VetoCount[]): string[] {
  return vetoes
    .filter(
      (veto) =>
        (veto.kind === 'constraint' || veto.kind === 'limit') &&
        config.constraints.some(({ attribute }) => attribute === veto.subject),
    )
    .map(
      (veto) =>
        `relax the constraint on ${veto.subject}: ${veto.agents} more ${veto.agents === 1 ? 'agent comes' : 'agents come'} into question`,
    );
}

/** Agents that are large enough but full. */
function waitFor(config: TaskConfig, needs: Needs, capacities: readonly Capacity[]): string[] {
  const full = capacities.filter(
    ({ slot, free, total }) =>
      staticVeto(config, slot) === null &&
      RESOURCES.every(([, field]) => total[field] >= needs[field]) &&
      RESOURCES.some(([, field]) => free[field] < needs[field]),
  );
  return full.length > 0
    ? [
        `wait for, or end, other tasks: ${full.length} ${full.length === 1 ? 'agent is' : 'agents are'} large enough but full`,
      ]
    : [];
}

function addAgent(needs: Needs): string {
  const parts = [
    `cpu ${amount('cpu', needs.cpusMilli)}`,
    `ram ${amount('ram', needs.memMb)}`,
    `disk ${amount('disk', needs.diskMb)}`,
  ];
  if (needs.gpus > 0) parts.push(`gpu ${needs.gpus}`);
  return `add an agent with at least ${parts.join(', ')} free`;
}
