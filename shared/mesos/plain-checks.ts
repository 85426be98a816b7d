/** Checks of values that came from outside: each says what is wrong, and where, and makes nothing where nothing is. */
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Where it is and what is wrong there, as in `subscribe.tasks.3.status.state: …`; empty: nothing. */
export type Problem = string;
export type Fields = Readonly<Record<string, unknown>>;
export type Check = (value: unknown) => Problem;

export const NONE: Problem = '';

export const NO_OBJECT: Problem = ': is no object';

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function optional(value: unknown, check: Check): Problem {
  return value === undefined ? NONE : check(value);
}

export function list(value: unknown, max: number, check: Check): Problem {
  if (!Array.isArray(value) || value.length > max) return `: is no list of ${max} at most`;
  for (let index = 0; index < value.length; index++) {
    const problem = check(value[index]);
    if (problem !== NONE) return at(String(index), problem);
  }
  return NONE;
}

export function text(value: unknown, min: number, max: number): Problem {
  return typeof value === 'string' && value.length >= min && value.length <= max
    ? NONE
    : `: is no text of ${min} to ${max} characters`;
}

export function printable(value: unknown, min: number, max: number): Problem {
  return text(value, min, max) || (CONTROL.test(value as string) ? ': control characters' : NONE);
}

export function matching(value: unknown, pattern: RegExp): Problem {
  return typeof value === 'string' && pattern.test(value) ? NONE : `: must match ${pattern.source}`;
}

export function oneOf(value: unknown, words: ReadonlySet<unknown>): Problem {
  return words.has(value) ? NONE : `: is none of ${[...words].join(', ')}`;
}

export function at(field: string, problem: Problem): Problem {
  if (problem === NONE) return NONE;
  return problem.startsWith(':') ? field + problem : `${field}.${problem}`;
}
