import { type ChildProcess, spawn } from 'node:child_process';
import { Readable, type Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Beside, Chunk } from '../containerizer.ts';

/**
 * What ends with the agent, however the agent ends: its fourth file is a line to the agent, and when that breaks everything in the group is killed. At the end of the
 * command it writes down the exit code there, and takes along what the command left running.
 */
const TETHERED = `trap : HUP INT QUIT TERM USR1 USR2
( trap '' HUP INT QUIT TERM USR1 USR2; read -r _ <&3; kill -KILL 0 ) </dev/null >/dev/null 2>&1 &
"$@" 3<&-
echo "$?" >&3
kill -KILL 0`;

interface Place {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly uid?: number;
  readonly gid?: number;
}

/** Starts a command in a process group of its own. @throws Error (rejects) when it cannot be started */
export async function startBeside(argv: readonly string[], place: Place): Promise<Beside> {
  const child = spawn('/bin/sh', ['-c', TETHERED, 'sh', ...argv], {
    ...place,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const [stdin, stdout, stderr, tether] = child.stdio as unknown as [Writable, Readable, Readable, Readable];
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (const each of [stdin, stdout, stderr, tether]) each.on('error', () => undefined);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const code = text(tether).catch(() => '');
  // The last that could end it ended without doing so: some signal was for it as well.
  void exited.then(() => signalGroup(child, 'SIGKILL'));
  return {
    stdin,
    output: merged({ STDOUT: stdout, STDERR: stderr }),
    ended: exited.then(async () => {
      const said = (await code).trim();
      return said === '' ? undefined : Number(said);
    }),
    signal: (signal) => {
      if (child.exitCode === null && child.signalCode === null) signalGroup(child, signal);
    },
    resize: () => undefined,
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | number): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nothing of it is left, or there is no such signal.
  }
}

/** Two streams as one of chunks; both wait while nobody reads it. */
function merged(sources: Readonly<Record<Chunk['stream'], Readable>>): Readable {
  const all = Object.entries(sources) as [Chunk['stream'], Readable][];
  let open = all.length;
  const output = new Readable({
    objectMode: true,
    highWaterMark: 4,
    read: () => all.forEach(([, source]) => source.resume()),
    destroy: (error, done) => {
      for (const [, source] of all) source.destroy();
      done(error);
    },
  });
  for (const [stream, source] of all) {
    source.on('data', (data: Buffer) => {
      if (!output.push({ stream, data } satisfies Chunk)) for (const [, each] of all) each.pause();
    });
    source.once('close', () => {
      open -= 1;
      if (open === 0) output.push(null);
    });
  }
  return output;
}
