import type Docker from 'dockerode';
import { lastWords } from '../last-words.ts';
import { containerLogs } from './logs.ts';

const LINES = 20;
/** An engine that is slow to answer does not keep a failure from being told for longer. */
const DEADLINE_MS = 2_000;

/** Last words of a container; undefined when it said nothing, the engine did not answer in time, or the signal aborted. Never throws. */
export async function lastWordsOfContainer(
  container: Docker.Container,
  signal: AbortSignal,
  deadlineMs: number = DEADLINE_MS,
): Promise<string | undefined> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const read = async (): Promise<string | undefined> => {
    const lines = [];
    for await (const line of containerLogs(container, { stream: 'both', tail: LINES, follow: false }, both))
      lines.push(line);
    return lastWords(lines);
  };
  const aborted = new Promise<undefined>((resolve) => {
    if (both.aborted) resolve(undefined);
    else both.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return Promise.race([read().catch(() => undefined), aborted]);
}
