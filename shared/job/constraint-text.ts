import type { Constraint } from './config.ts';

/** Notes something wrong at a path of the job. */
export type Complain = (code: string, path: readonly (string | number)[], message: string) => void;

/** `limit:N`, `a,b` or `!a,b`, as Aurora's job constraints are written. */
export function constraintOf(attribute: string, text: string, complain: Complain): Constraint {
  const limit = /^limit:\s*(-?\d+)$/.exec(text);
  if (limit) {
    const value = Number(limit[1]);
    if (value < 1)
      complain('E_CONSTRAINT', ['constraints', attribute], 'a limit below 1 never lets anything run');
    else if (!Number.isSafeInteger(value))
      complain('E_CONSTRAINT', ['constraints', attribute], 'a limit above every number of instances');
    return { kind: 'limit', attribute, limit: value };
  }
  const negated = text.startsWith('!');
  const values = (negated ? text.slice(1) : text)
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  const odd = values.find((value) => value.startsWith('!') || value.startsWith('limit:'));
  if (odd !== undefined)
    complain(
      'E_CONSTRAINT',
      ['constraints', attribute],
      `${odd} is no value: a limit is limit:N and nothing else, and ! stands once, before all values`,
    );
  if (values.length === 0) complain('E_CONSTRAINT', ['constraints', attribute], "'limit:N', 'a,b' or '!a,b'");
  return { kind: 'value', attribute, negated, values: values.sort() };
}
