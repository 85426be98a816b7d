import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openApi } from '../../../server/http/console/openapi.ts';
import { OPERATIONS } from '../../../shared/api/operations.ts';

const FILE = new URL('../../../fixtures/openapi.json', import.meta.url);
const text = `${JSON.stringify(openApi(), null, 2)}\n`;

test('fixtures/openapi.json is what the table of operations says (UPDATE_GOLDEN=1 writes it)', () => {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(FILE, text);
  expect(readFileSync(FILE, 'utf8')).toBe(text);
});

test('every operation is in it, with its path parameters and what it takes', () => {
  const { paths } = JSON.parse(text) as {
    paths: Record<
      string,
      Record<string, { operationId: string; parameters: { name: string; in: string }[] }>
    >;
  };
  const described = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(described.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(OPERATIONS).sort());
  const logs = described.find(({ operationId }) => operationId === 'job.logs');
  expect(logs?.parameters.map(({ name, in: place }) => `${place}:${name}`)).toEqual([
    'path:role',
    'path:env',
    'path:name',
    'query:stream',
    'query:tail',
    'query:follow',
    'query:instances',
  ]);
});
