/**
 * Every refusal that a user can meet: code → HTTP status and exit code (Aurora's client table, extended).
 * Nothing else leaves the server; an unknown exception becomes `internal` and its detail stays in the log.
 */
export const ERRORS = {
  invalid_config: { http: 400, exit: 3 },
  command_failed: { http: 409, exit: 4 },
  invalid_command: { http: 400, exit: 5 },
  invalid_parameter: { http: 400, exit: 6 },
  not_found: { http: 404, exit: 6 },
  network: { http: 502, exit: 7 },
  conflict: { http: 409, exit: 8 },
  job_updating: { http: 409, exit: 8 },
  timeout: { http: 504, exit: 9 },
  unavailable: { http: 503, exit: 10 },
  internal: { http: 500, exit: 10 },
  partly_done: { http: 207, exit: 11 },
  needs_confirmation: { http: 428, exit: 6 },
  too_large: { http: 413, exit: 6 },
  store_full: { http: 507, exit: 10 },
  unauthorized: { http: 401, exit: 30 },
  forbidden: { http: 403, exit: 30 },
} as const satisfies Record<string, { http: number; exit: number }>;

export type ErrorCode = keyof typeof ERRORS;

/** Refusal as data: what was wrong, and what to do next. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do next, one sentence or a command line. */
  readonly hint?: string;
  /** Where in the request or file: `jobs[0].task.cpu`. */
  readonly path?: string;
}

export class DawnError extends Error {
  override readonly name = 'DawnError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly path: string | undefined;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.code = refusal.code;
    this.hint = refusal.hint;
    this.path = refusal.path;
  }

  get refusal(): Refusal {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.path === undefined ? {} : { path: this.path }),
    };
  }
}

export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Refusal };

export const ok = <Value>(value: Value): Result<Value> => ({ ok: true, value });
export const refuse = (code: ErrorCode, message: string, hint?: string): { ok: false; error: Refusal } => ({
  ok: false,
  error: hint === undefined ? { code, message } : { code, message, hint },
});

/** Exhaustiveness: a new member of a union does not compile until every switch has an opinion on it. */
export function never(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
