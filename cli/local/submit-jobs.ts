import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { DawnError } from '../../shared/errors.ts';
import { formatProblem, loadJobs } from '../../shared/job/load.ts';
import { createClient } from '../client.ts';

/** Submits every job of the files, in order. */
export async function submitJobs(
  url: string,
  files: readonly string[],
  say: (text: string) => void,
): Promise<void> {
  const client = createClient({ url, from: 'fixture' });
  for (const file of files) {
    const loaded = loadJobs(readFileSync(file), { file, defaultRole: userInfo().username });
    if (!loaded.ok) {
      throw new DawnError({ code: 'invalid_config', message: loaded.problems.map(formatProblem).join('\n') });
    }
    for (const job of loaded.jobs) {
      const done = await client.call('job.submit', { body: { job } });
      say(`${done.key}: ${done.message}`);
    }
  }
}
