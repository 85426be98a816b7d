import type { CommandInfo } from '../../../shared/mesos/v1.ts';
import { argvOf } from '../argv.ts';
import type { Exited } from '../containerizer.ts';
import type { Engine } from './engine.ts';
import { Demuxer } from './logs.ts';

const OUTPUT_BYTES_MAX = 4 * 1024;

/** Runs a command in a container; what was wrong ends with its last words. */
export async function execInContainer(
  engine: Engine,
  name: string,
  command: CommandInfo,
  timeoutMs: number,
): Promise<Exited> {
  const exec = await engine.calls
    .getContainer(name)
    .exec({ Cmd: argvOf(command), AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: false });
  const output: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= OUTPUT_BYTES_MAX) output.push(chunk);
  });
  let timer: NodeJS.Timeout | undefined;
  const ended = await Promise.race([
    new Promise<boolean>((resolve) =>
      stream.once('end', () => resolve(true)).once('error', () => resolve(true)),
    ),
    new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
    }),
  ]);
  clearTimeout(timer);
  stream.destroy();
  if (!ended) return { wrong: `no answer within ${timeoutMs / 1000} s` };
  const { ExitCode } = await exec.inspect();
  if (ExitCode === 0) return { wrong: null, exit: 0 };
  const demuxer = new Demuxer();
  const lines = [...demuxer.push(Buffer.concat(output)), ...demuxer.end()];
  const words = lines.map(({ text }) => text.trim()).findLast((text) => text !== '') ?? '';
  const wrong = `exit ${ExitCode ?? 'unknown'}${words === '' ? '' : `: ${words}`}`;
  return ExitCode === null ? { wrong } : { wrong, exit: ExitCode };
}
