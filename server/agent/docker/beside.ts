import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { argvOf } from '../argv.ts';
import type { Beside, Chunk, ContainerizerHost, Terminal, WindowSize } from '../containerizer.ts';
import type { CommandInfo } from '../../../shared/mesos/v1.ts';
import type { Engine } from './engine.ts';
import { sentence, statusOf } from './engine.ts';
import { FrameReader } from './frames.ts';

/** An engine cannot end what it was told to exec: its processes are found by this in their environment, which children inherit. */
const MARK = 'DAWN_BESIDE';
/**
 * Signals what carries the mark `$1`. What is about to start is waited for. Killed are all at once, so that none sees another one's end: they are stopped before, and
 * looked for until there are none.
 */
const SIGNAL_MARKED = `next=$2; [ "$2" = 9 ] && next=STOP
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  found=
  for dir in /proc/[0-9]*; do
    if tr '\\0' '\\n' <"$dir/environ" 2>/dev/null | grep -qF "$1"; then
      found=1; kill -s "$next" "\${dir#/proc/}" 2>/dev/null
    fi
  done
  if [ "$found" ]; then
    [ "$2" = 9 ] || exit 0
    [ "$next" = STOP ] && next=9 && continue
    seen=1
  elif [ "$seen" ]; then exit 0; fi
  sleep 0.1
done`;
/** A terminal is there a moment after its command was started. */
const RESIZE_TRIES_MS = [0, 20, 50, 100, 200, 500];
const EXIT_POLL_MS = 50;
const EXIT_POLLS_MAX = 40;

/** `docker exec`. @throws Error (rejects) when the engine refuses */
export async function startBeside(
  engine: Engine,
  name: string,
  command: CommandInfo,
  terminal: Terminal | undefined,
  host: Pick<ContainerizerHost, 'log'>,
): Promise<Beside> {
  const mark = `${MARK}=${randomUUID()}`;
  const Tty = terminal !== undefined;
  const size = terminal?.window_size;
  const own = (command.environment?.variables ?? []).map((each) => `${each.name}=${each.value ?? ''}`);
  try {
    const { id } = await engine.calls.getContainer(name).exec({
      Cmd: argvOf(command),
      Env: [mark, ...(Tty ? ['TERM=xterm'] : []), ...own],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty,
      ...(command.user === undefined ? {} : { User: command.user }),
    });
    const exec = engine.calls.getExec(id);
    const stream = await engine.streams.getExec(id).start({ hijack: true, stdin: true, Tty });
    stream.on('error', () => undefined);
    const resize: Beside['resize'] = (window) => void resizeTerminal(exec, window);
    if (size) resize(size);
    const closed = new Promise<void>((resolve) => stream.once('end', resolve).once('close', resolve));
    return {
      stdin: stream,
      output: Readable.from(Tty ? plainChunks(stream) : framedChunks(stream), { highWaterMark: 4 }),
      ended: closed.then(() => exitCode(exec)),
      signal: (signal) =>
        void signalMarked(engine, name, command.user, mark, signal).catch((error: unknown) =>
          host.log('a signal did not arrive', { container: name, signal, error: sentence(error) }),
        ),
      resize,
    };
  } catch (error) {
    throw new Error(sentence(error), { cause: error });
  }
}

/** What an earlier life of the agent started beside the containers' own is nobody's any more. */
export async function endLeftBeside(engine: Engine, name: string): Promise<void> {
  const { ExecIDs } = await engine.calls.getContainer(name).inspect();
  const users = new Set<string | undefined>();
  for (const id of ExecIDs ?? []) {
    const { ProcessConfig, Running } = await engine.calls.getExec(id).inspect();
    if (Running) users.add((ProcessConfig as { user?: string }).user);
  }
  for (const user of users) await signalMarked(engine, name, user, `${MARK}=`, 9);
}

/** @param user whose processes they are: nobody else reads their environment */
async function signalMarked(
  engine: Engine,
  name: string,
  user: string | undefined,
  mark: string,
  signal: number,
): Promise<void> {
  try {
    const exec = await engine.calls.getContainer(name).exec({
      Cmd: ['/bin/sh', '-c', SIGNAL_MARKED, 'sh', mark, String(signal)],
      ...(user === undefined ? {} : { User: user }),
    });
    await exec.start({ Detach: true });
  } catch (error) {
    // The container is over, and with it all that ran in it.
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  }
}

async function resizeTerminal(exec: Docker.Exec, { rows, columns }: WindowSize): Promise<void> {
  for (const ms of RESIZE_TRIES_MS) {
    try {
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
      return void (await exec.resize({ h: rows, w: columns }));
    } catch {
      // Not there yet, or gone.
    }
  }
}

async function exitCode(exec: Docker.Exec): Promise<number | undefined> {
  try {
    for (let poll = 0; poll < EXIT_POLLS_MAX; poll++) {
      const { Running, ExitCode } = await exec.inspect();
      if (!Running) return ExitCode ?? undefined;
      await new Promise((resolve) => setTimeout(resolve, EXIT_POLL_MS));
    }
  } catch {
    // With its container the engine has forgotten it.
  }
  return undefined;
}

async function* plainChunks(stream: Duplex): AsyncGenerator<Chunk> {
  for await (const data of stream as AsyncIterable<Buffer>) yield { stream: 'STDOUT', data };
}

async function* framedChunks(stream: Duplex): AsyncGenerator<Chunk> {
  const reader = new FrameReader();
  for await (const chunk of stream as AsyncIterable<Buffer>)
    for (const { stderr, data } of reader.push(chunk))
      if (data.length > 0) yield { stream: stderr ? 'STDERR' : 'STDOUT', data };
}
