import { join } from 'node:path';
import { lastWords } from '../last-words.ts';
import { endOfPlainFile } from './plain-file.ts';

/** How much of the end of each file is looked at. */
const TAIL_BYTES = 8 * 1024;

/** Last words of a process, from the files of its output; undefined when there are none. Never waits and never throws. */
export function lastWordsOfFiles(directory: string): string | undefined {
  const streams = ['stdout', 'stderr'] as const;
  return lastWords(
    streams.flatMap((stream) =>
      (endOfPlainFile(join(directory, stream), TAIL_BYTES)?.split('\n') ?? []).map((text) => ({
        stream,
        text,
      })),
    ),
  );
}
