import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** The end of a file that a task may have put something else in place of: a link is not followed, a pipe not waited for. Undefined: there is no plain file. */
export function endOfPlainFile(file: string, bytesMax: number): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const info = fstatSync(fd);
    if (!info.isFile()) return undefined;
    const buffer = Buffer.alloc(Math.min(info.size, bytesMax));
    const length = readSync(fd, buffer, 0, buffer.length, info.size - buffer.length);
    return buffer.toString('utf8', 0, length);
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
