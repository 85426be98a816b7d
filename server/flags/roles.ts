import { roleProblem } from '../../shared/mesos/role-problem.ts';

/** `a,b/c` → the roles. @throws Error for what is no role of Mesos */
export function parseRoles(text: string): string[] {
  const roles = text
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
  for (const role of roles) {
    const problem = roleProblem(role);
    if (problem !== null) throw new Error(problem);
  }
  return roles;
}

/** `a=2,b=0.5` → weights. @throws Error */
export function parseWeights(text: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const part of text.split(',').filter((each) => each.trim() !== '')) {
    const [, role = '', weight = ''] = /^\s*(.+?)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(part) ?? [];
    parseRoles(role);
    if (role === '' || !(Number(weight) > 0)) throw new Error(`${part.trim()}: role=weight is wanted`);
    if (weights.has(role)) throw new Error(`${role} is named twice`);
    weights.set(role, Number(weight));
  }
  return weights;
}
