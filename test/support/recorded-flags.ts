import { readFileSync } from 'node:fs';

/** Names of the flags that a running Mesos 1.12 told of itself (`/flags` of a master, GET_FLAGS of an agent). */
export function recordedFlags(of: string): string[] {
  const file = new URL('../../fixtures/mesos/flags.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>)[of] ?? [];
}
