/** The job files that people start from. */
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { knownFields } from '../../../shared/job/known-fields.ts';
import { loadJobs } from '../../../shared/job/load.ts';

const FOLDER = new URL('../../../fixtures/jobs/', import.meta.url);
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

test.each(files)('%s loads without problems and without warnings', (file) => {
  const loaded = loadJobs(readFileSync(new URL(file, FOLDER)), { file, defaultRole: 'me' });
  expect(loaded).toMatchObject({ ok: true, warnings: [] });
});

test('full.yaml shows every field that there is, and each with a remark or a value', () => {
  const { jobs } = parse(readFileSync(new URL('full.yaml', FOLDER), 'utf8')) as { jobs: unknown[] };
  const shown = new Set(jobs.flatMap((job) => [...fieldPaths(job)]));
  expect(fieldsBelow([]).filter((path) => !shown.has(path))).toEqual([]);
});

/** `task.resources.cpu` for every field that may stand below a path; items of lists without their number. */
function fieldsBelow(path: readonly (string | number)[]): string[] {
  return [...new Set(knownFields(path))].flatMap((field) => {
    const deeper = [...path, field];
    const named = deeper.filter((part) => typeof part === 'string').join('.');
    return [named, ...fieldsBelow(deeper), ...fieldsBelow([...deeper, 0])];
  });
}

function* fieldPaths(value: unknown, path = ''): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* fieldPaths(item, path);
  else if (typeof value === 'object' && value !== null) {
    for (const [field, item] of Object.entries(value)) {
      const deeper = path === '' ? field : `${path}.${field}`;
      yield deeper;
      yield* fieldPaths(item, deeper);
    }
  }
}
