import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { lastWords } from '../last-words.ts';

/** How much of the end of each file is looked at. */
const TAIL_BYTES = 8 * 1024;

/** Last words of a process, from the files of its output; undefined when there are none. Never waits and never throws. */
export function lastWordsOfFiles(directory: string): string | undefined {
  const streams = ['stdout', 'stderr'] as const;
  return lastWords(
    streams.flatMap((stream) => endOf(join(directory, stream)).map((text) => ({ stream, text }))),
  );
}

/** A task owns these files and may have put something else in their place: a link is not followed, a pipe is not waited for. */
function endOf(file: string): string[] {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const info = fstatSync(fd);
    if (!info.isFile()) return [];
    const buffer = Buffer.alloc(Math.min(info.size, TAIL_BYTES));
    const length = readSync(fd, buffer, 0, buffer.length, info.size - buffer.length);
    return buffer.toString('utf8', 0, length).split('\n');
  } catch {
    return [];
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
