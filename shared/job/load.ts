import type { z } from 'zod';
import { nearest } from '../suggest.ts';
import type { Job } from './config.ts';
import { INSTANCES_MAX_DEFAULT } from './config.ts';
import { normaliseJob } from './normalise.ts';
import type { Parsed } from './parse-yaml.ts';
import { parseYaml } from './parse-yaml.ts';
import type { Problem } from './problem.ts';
import { jobFileSchema } from './schema.ts';
import { knownFields } from './known-fields.ts';
import { REFERENCES, bind, portReference, referencesIn } from './template.ts';

export { formatProblem, type Problem } from './problem.ts';

/** More would not be read. */
const PROBLEMS_MAX = 20;

export interface LoadOptions {
  /** How the file is called in messages. */
  readonly file: string;
  /** For jobs that name no role. */
  readonly defaultRole: string;
  readonly instancesMax?: number;
  /** `--bind name=value`: fills `{{name}}` before anything else. */
  readonly bindings?: Readonly<Record<string, string>>;
}

export type Loaded =
  | { readonly ok: true; readonly jobs: readonly Job[]; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a job file (YAML or JSON): one job, or `jobs:` with several. Tells every problem with its place. */
export function loadJobs(input: string | Uint8Array, options: LoadOptions): Loaded {
  const parsed = parseYaml(input, options.file);
  if (!parsed.ok) return parsed;
  const reader = new Reader(parsed, options);
  const jobs = reader.read(parsed.value);
  if (reader.problems.length === 0)
    return { ok: true, jobs, warnings: [...parsed.warnings, ...reader.warnings].slice(0, PROBLEMS_MAX) };
  const problems = reader.problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return { ok: false, problems: problems.slice(0, PROBLEMS_MAX) };
}

type Path = readonly (string | number)[];

class Reader {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  private readonly parsed: Extract<Parsed, { ok: true }>;
  private readonly options: LoadOptions;

  constructor(parsed: Extract<Parsed, { ok: true }>, options: LoadOptions) {
    this.parsed = parsed;
    this.options = options;
  }

  read(root: unknown): Job[] {
    if (!isRecord(root)) {
      this.problem('E_TYPE', [], 'expected a job, or `jobs:` with a list of them');
      return [];
    }
    if (!('jobs' in root)) return [this.job(root, [])].flatMap((job) => job ?? []);
    for (const key of Object.keys(root)) if (key !== 'jobs') this.unknown([], key, ['jobs']);
    const list = root['jobs'];
    if (!Array.isArray(list) || list.length === 0) {
      this.problem('E_TYPE', ['jobs'], 'expected a list of jobs');
      return [];
    }
    const jobs = list.flatMap((item, at) => this.job(item, ['jobs', at]) ?? []);
    jobs.forEach((job, at) => {
      if (jobs.findIndex((other) => other.key === job.key) < at)
        this.problem('E_TWICE', ['jobs', at, 'name'], `a second job ${job.key}`);
    });
    return jobs;
  }

  private job(raw: unknown, path: Path): Job | undefined {
    const bound = this.fill(raw, path);
    const result = jobFileSchema.safeParse(bound);
    if (!result.success) {
      for (const issue of result.error.issues) this.issue(issue, path);
      return undefined;
    }
    const { job, complaints } = normaliseJob(
      result.data,
      this.options.defaultRole,
      this.options.instancesMax ?? INSTANCES_MAX_DEFAULT,
    );
    for (const complaint of complaints)
      this.problem(complaint.code, [...path, ...complaint.path], complaint.message);
    if ('LD_PRELOAD' in job.task.env)
      this.warnings.push(
        this.at(
          'W_ENV',
          [...path, 'env', 'LD_PRELOAD'],
          'LD_PRELOAD changes every program that the task starts',
        ),
      );
    return job;
  }

  /** Binds what the person bound and refuses references that nobody will fill. */
  private fill(value: unknown, path: Path): unknown {
    if (typeof value === 'string') {
      const bound = bind(value, this.options.bindings ?? {});
      if (!bound.ok) {
        this.problem('E_TEMPLATE_CYCLE', path, `leads back to itself: ${bound.cycle.join(' → ')}`);
        return value;
      }
      for (const reference of referencesIn(bound.text)) {
        if (REFERENCES.includes(reference) || portReference(reference) !== undefined) continue;
        this.problem('E_TEMPLATE', path, `nothing fills {{${reference}}}`, nearest(reference, REFERENCES));
      }
      return bound.text;
    }
    if (Array.isArray(value)) return value.map((item, at) => this.fill(item, [...path, at]));
    if (!isRecord(value)) return value;
    // A prototype key is data here and must stay visible to the schema, which refuses it by name.
    const copy = Object.create(null) as Record<string, unknown>;
    for (const [key, item] of Object.entries(value)) copy[key] = this.fill(item, [...path, key]);
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      if (Object.hasOwn(value, key)) this.unknown(path, key, []);
      delete copy[key];
    }
    return { ...copy };
  }

  private issue(issue: z.core.$ZodIssue, base: Path): void {
    const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) this.unknown(path, key, knownFields(issue.path));
      return;
    }
    const deeper = issue.code === 'invalid_union' ? deepestIssue(issue) : undefined;
    if (deeper) return this.issue({ ...deeper, path: [...issue.path, ...deeper.path] }, base);
    const inner = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
    const [code, message] = split(inner ?? issue.message);
    this.problem(code, path, describe(issue, message, valueAt(this.parsed.value, path)));
  }

  private unknown(path: Path, key: string, known: readonly string[]): void {
    const where = this.parsed.at(path, key);
    const suggestion = nearest(key, known);
    this.problems.push({
      code: 'E_UNKNOWN_FIELD',
      file: this.options.file,
      path: formatPath([...path, key]),
      message: 'unknown field',
      ...where,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }

  private problem(code: string, path: Path, message: string, suggestion?: string): void {
    this.problems.push({
      ...this.at(code, path, message),
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }

  private at(code: string, path: Path, message: string): Problem {
    return { code, file: this.options.file, path: formatPath(path), message, ...this.parsed.at(path) };
  }
}

/** Of a union's branches, the issue of the one that got furthest: it says what is wrong rather than what else there is. */
function deepestIssue(
  issue: Extract<z.core.$ZodIssue, { code: 'invalid_union' }>,
): z.core.$ZodIssue | undefined {
  const candidates = issue.errors.flat().filter((inner) => inner.path.length > 0 || inner.code === 'custom');
  return candidates.sort((a, b) => b.path.length - a.path.length)[0];
}

function split(message: string): [code: string, text: string] {
  const match = /^(E_[A-Z_]+): (.*)$/s.exec(message);
  return match ? [match[1] ?? '', match[2] ?? ''] : ['E_VALUE', message];
}

/** `expected integer, got text "NO"`. */
function describe(issue: z.core.$ZodIssue, message: string, value: unknown): string {
  if (issue.code !== 'invalid_type' || message !== issue.message)
    return value === undefined || typeof value === 'object' ? message : `${message}; got ${show(value)}`;
  if (value === undefined) return 'is missing';
  if (typeof value === 'number' && !Number.isFinite(value)) return `must be finite, got ${value}`;
  const expected = issue.expected === 'int' ? 'a whole number' : issue.expected;
  return `expected ${expected}, got ${show(value)}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path)
    value =
      isRecord(value) || Array.isArray(value) ? (value as Record<string | number, unknown>)[part] : undefined;
  return value;
}

function formatPath(path: Path): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`))
    .join('');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
