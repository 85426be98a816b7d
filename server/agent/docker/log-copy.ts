import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { sentence, statusOf } from './engine.ts';
import { FrameReader } from './frames.ts';
import { LogFile, type Piece, type Position } from './log-file.ts';

const BYTES_MAX = 10 * 1024 * 1024;
/** How often it is noted how far the files have come. What comes after it is written anew by another life of the agent. */
const NOTE_EVERY_MS = 1_000;
const RETRY_MS = 1_000;
/** Beside the sandbox, where no task reaches it. */
const NOTE = 'logged';
const START: Position = { at: '', size: 0 };

const STREAMS = ['stdout', 'stderr'] as const;
type Stream = (typeof STREAMS)[number];
type Files = Readonly<Record<Stream, LogFile>>;

interface Copy {
  /** With and without a deadline. */
  readonly calls: Docker.Container;
  readonly streams: Docker.Container;
  readonly sandbox: string;
  readonly signal: AbortSignal;
  readonly bytesMax?: number;
  log(message: string, detail: Readonly<Record<string, unknown>>): void;
}

/**
 * Copies what a container writes to `stdout` and `stderr` in its sandbox, as Mesos has it, until the container or the signal ends it. The engine keeps its own, so a
 * container never waits for this; nothing is lost or written twice when the agent is another one. Never rejects.
 */
export async function copyLogs(copy: Copy): Promise<void> {
  try {
    while (!copy.signal.aborted && !(await isCopied(copy)))
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  } catch (error) {
    copy.log('what a container writes is not copied any more', { error: sentence(error) });
  }
}

/** @returns false: the engine went away, or hung up */
async function isCopied(copy: Copy): Promise<boolean> {
  const files = await openFiles(copy);
  try {
    await follow(copy, files);
    return !(await copy.calls.inspect()).State.Running;
  } catch (error) {
    if (error instanceof FileError) throw error.cause;
    return copy.signal.aborted || statusOf(error) === 404 || statusOf(error) === 409;
  } finally {
    for (const file of Object.values(files)) await file.close().catch(() => undefined);
  }
}

async function follow({ streams, sandbox, signal }: Copy, files: Files): Promise<void> {
  const reached = STREAMS.map((stream) => files[stream].reached.at).sort();
  const chunks = (await streams.logs({
    follow: true,
    stdout: true,
    stderr: true,
    timestamps: true,
    since: sinceOf(reached[0] ?? '') as never,
    abortSignal: signal,
  })) as unknown as AsyncIterable<Buffer>;
  const reader = new FrameReader();
  let notedMs = performance.now();
  try {
    for await (const chunk of chunks) {
      const begun = await inFile(append(files, piecesOf(reader, chunk)));
      if (!begun && performance.now() - notedMs < NOTE_EVERY_MS) continue;
      notedMs = performance.now();
      await inFile(note(sandbox, files));
    }
  } finally {
    await inFile(note(sandbox, files));
  }
}

function piecesOf(reader: FrameReader, chunk: Buffer): Readonly<Record<Stream, Piece[]>> {
  const pieces: Record<Stream, Piece[]> = { stdout: [], stderr: [] };
  for (const { stderr, data } of reader.push(chunk)) {
    const end = data.indexOf(32);
    pieces[stderr ? 'stderr' : 'stdout'].push({
      at: data.toString('latin1', 0, end),
      data: data.subarray(end + 1),
    });
  }
  return pieces;
}

async function append(files: Files, pieces: Readonly<Record<Stream, Piece[]>>): Promise<boolean> {
  let begun = false;
  for (const stream of STREAMS) begun = (await files[stream].append(pieces[stream])) || begun;
  return begun;
}

/** Something is wrong with the files: no more is copied. */
class FileError extends Error {}

async function inFile<T>(done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (cause) {
    throw new FileError('files cannot be written', { cause });
  }
}

async function openFiles({ sandbox, bytesMax = BYTES_MAX }: Copy): Promise<Files> {
  const from = await noted(sandbox);
  const stdout = await LogFile.open(sandbox, 'stdout', from.stdout ?? START, bytesMax);
  const stderr = await LogFile.open(sandbox, 'stderr', from.stderr ?? START, bytesMax);
  return { stdout, stderr };
}

async function noted(sandbox: string): Promise<Partial<Record<Stream, Position>>> {
  try {
    return JSON.parse(await readFile(join(dirname(sandbox), NOTE), 'utf8')) as Record<Stream, Position>;
  } catch {
    return {};
  }
}

async function note(sandbox: string, { stdout, stderr }: Files): Promise<void> {
  const path = join(dirname(sandbox), NOTE);
  await writeFile(`${path}.new`, JSON.stringify({ stdout: stdout.reached, stderr: stderr.reached }));
  await rename(`${path}.new`, path);
}

/** `2026-11-23T10:00:00.123456789Z` → seconds since the epoch, with all digits. */
function sinceOf(at: string): string | undefined {
  const [, time, nanoseconds] = /^(.*)\.(\d+)Z$/.exec(at) ?? [];
  return time === undefined ? undefined : `${Date.parse(`${time}Z`) / 1000}.${nanoseconds}`;
}
