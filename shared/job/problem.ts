/** Something wrong with a job file: where, what, and what was meant. */
export interface Problem {
  readonly code: string;
  readonly file: string;
  /** From 1; 0 where the file as a whole is meant. */
  readonly line: number;
  readonly column: number;
  /** `jobs[0].task.resources.cpu`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly suggestion?: string;
}

/** `hello.yaml:3:1: intances: unknown field (E_UNKNOWN_FIELD); did you mean instances?` */
export function formatProblem(problem: Problem): string {
  const where = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file;
  const path = problem.path === '' ? '' : `${problem.path}: `;
  const meant = problem.suggestion === undefined ? '' : `; did you mean ${problem.suggestion}?`;
  return visible(`${where}: ${path}${problem.message} (${problem.code})${meant}`);
}

/** Names come from the file: what would move a cursor or turn the line round is written as its code. */
function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
