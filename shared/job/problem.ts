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
  return `${where}: ${path}${problem.message} (${problem.code})${meant}`;
}
