/** What stout counts as white space in a role, with the backspace. */
const BAD_CHARACTERS = /[\b\t\n\v\f\r ]/;

/**
 * Mesos's rules for the name of a role: `*`, or components joined by slashes. A sentence, or null when it is one.
 * Whole name first, then component by component, so that the first fault told is the one Mesos tells.
 */
export function roleProblem(role: string): string | null {
  if (role === '*') return null;
  if (role.startsWith('/')) return `Role '${role}' cannot start with a slash`;
  if (role.endsWith('/')) return `Role '${role}' cannot end with a slash`;
  if (role.includes('//')) return `Role '${role}' cannot contain two adjacent slashes`;
  if (role === '') return 'Role names cannot be the empty string';
  for (const component of role.split('/')) {
    const problem = componentProblem(role, component);
    if (problem !== null) return problem;
  }
  return null;
}

function componentProblem(role: string, component: string): string | null {
  if (component === '.' || component === '..' || component === '*')
    return `Role '${role}' cannot include '${component}' as a component`;
  const told = `Role component '${component}' is invalid because it`;
  if (component.startsWith('-')) return `${told} starts with a dash`;
  if (BAD_CHARACTERS.test(component)) return `${told} contains backspace or whitespace`;
  return null;
}
