import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runScenario } from './run-scenario.ts';

const FOLDER = 'fixtures/scenarios';
const LINE = '\n----\n';

/** Each file: a script, a line `----`, and what came of it. `UPDATE_GOLDEN=1` writes the second half anew; read the difference before you keep it. */
test.each(readdirSync(FOLDER).filter((name) => name.endsWith('.txt')))('%s', (name) => {
  const path = `${FOLDER}/${name}`;
  const [script = '', golden = ''] = readFileSync(path, 'utf8').split(LINE);
  const output = runScenario(script);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, `${script}${LINE}${output}`);
  else expect(output).toBe(golden);
});
