import type { MesosResource } from '../../shared/mesos/v1.ts';

const PORT_MAX = 65_535;

/** Mesos keeps three decimals: what rounds to nothing is invalid; a plain zero is just dropped. */
export function resourcesProblem(resources: readonly MesosResource[]): string | null {
  for (const { name, scalar, ranges } of resources) {
    const is = (what: string, why: string): string => `Resource '${name}:${what}' is invalid: ${why}`;
    if (scalar) {
      const { value } = scalar;
      if (!Number.isFinite(value) || value < 0 || (value > 0 && value < 0.0005))
        return is(String(value), 'Invalid scalar resource: value <= 0');
      if (name === 'gpus' && !Number.isInteger(value))
        return "The 'gpus' resource must be an unsigned integer";
    }
    for (const { begin, end } of ranges?.range ?? []) {
      const whole = Number.isInteger(begin) && Number.isInteger(end);
      if (!whole || begin < 0 || begin > end || (name === 'ports' && end > PORT_MAX))
        return is(`[${begin}-${end}]`, 'Invalid ranges resource');
    }
  }
  return null;
}
