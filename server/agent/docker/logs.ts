import type Docker from 'dockerode';
import type { LogLine } from '../../../shared/api/views.ts';
import type { LogQuery } from '../containerizer.ts';
import { FrameReader } from './frames.ts';

const LINE_BYTES_MAX = 64 * 1024;

type Line = Omit<LogLine, 'task' | 'instance'>;

/** Lines of a container, with the engine's times. */
export async function* containerLogs(
  container: Docker.Container,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<Line> {
  const options = {
    stdout: query.stream !== 'stderr',
    stderr: query.stream !== 'stdout',
    tail: query.tail,
    timestamps: true,
    abortSignal: signal,
  };
  const chunks = query.follow
    ? ((await container.logs({ ...options, follow: true })) as unknown as AsyncIterable<Buffer>)
    : [(await container.logs({ ...options, follow: false })) as unknown as Buffer];
  const demuxer = new Demuxer();
  for await (const chunk of chunks) yield* demuxer.push(chunk);
  yield* demuxer.end();
}

/** Frames → lines; a line may be spread over frames, and the two streams interleave. */
export class Demuxer {
  private readonly frames = new FrameReader();
  private readonly partial = { stdout: '', stderr: '' };

  *push(chunk: Buffer): Generator<Line> {
    for (const { stderr, data } of this.frames.push(chunk)) {
      const stream = stderr ? 'stderr' : 'stdout';
      const text = data.toString('utf8');
      const pieces = (this.partial[stream] + text).split('\n');
      const rest = pieces.pop() ?? '';
      for (const piece of pieces) yield parseLine(stream, piece);
      if (rest.length > LINE_BYTES_MAX) yield parseLine(stream, `${rest}…(cut)`);
      this.partial[stream] = rest.length > LINE_BYTES_MAX ? '' : rest;
    }
  }

  *end(): Generator<Line> {
    for (const stream of ['stdout', 'stderr'] as const)
      if (this.partial[stream] !== '') yield parseLine(stream, this.partial[stream]);
  }
}

/** `2026-11-23T10:00:00.123456789Z text` */
function parseLine(stream: 'stdout' | 'stderr', line: string): Line {
  const match = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/s.exec(line);
  return match ? { stream, at: match[1] ?? null, text: match[2] ?? '' } : { stream, at: null, text: line };
}
