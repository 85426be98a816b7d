const LENGTH_MAX = 255;
const BAD_CHARACTERS = /[/\\\u0000-\u001f\u007f]/;

/** Mesos's rule for ids of tasks, executors and frameworks: what may be part of a path. A sentence of Mesos's, or null. Whether one may be absent is the asker's to know. */
export function idProblem(id: string): string | null {
  if (id === '') return 'ID must not be empty';
  if (id.length > LENGTH_MAX) return `ID must not be greater than ${LENGTH_MAX} characters`;
  if (id === '.' || id === '..') return `'${id}' is disallowed`;
  return BAD_CHARACTERS.test(id) ? `'${id}' contains invalid characters` : null;
}
