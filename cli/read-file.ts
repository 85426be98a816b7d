import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { DawnError } from '../shared/errors.ts';

const BYTES_MAX = 256 * 1024;

/** The bytes of a job file, or of standard input for `-`. @throws DawnError that says which of the things that go wrong did. */
export async function readJobFile(path: string): Promise<Uint8Array> {
  if (path === '-') return collect(process.stdin as AsyncIterable<Buffer>, 'standard input');
  // Without blocking: opening a FIFO that nobody writes to would wait for ever.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw bad(OPEN_ERRORS[error.code ?? '']?.(path) ?? `cannot read ${path}: ${error.message}`);
    },
  );
  try {
    const info = await handle.stat();
    if (info.isDirectory()) throw bad(`${path} is a directory, not a job file`);
    if (!info.isFile()) throw bad(`${path} is no regular file`, 'to read from a pipe, use `-`');
    if (info.size > BYTES_MAX) throw tooLarge(path);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

const OPEN_ERRORS: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `there is no file ${path}`,
  EACCES: (path) => `you may not read ${path}`,
  EISDIR: (path) => `${path} is a directory, not a job file`,
  ENXIO: (path) => `${path} is no regular file`,
};

async function collect(chunks: AsyncIterable<Buffer>, name: string): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > BYTES_MAX) throw tooLarge(name);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

function tooLarge(name: string): DawnError {
  return new DawnError({
    code: 'invalid_config',
    message: `${name} is larger than ${BYTES_MAX / 1024} KiB, which no job file is (E_TOO_LARGE)`,
  });
}

function bad(message: string, hint?: string): DawnError {
  return new DawnError({ code: 'invalid_parameter', message, ...(hint === undefined ? {} : { hint }) });
}
