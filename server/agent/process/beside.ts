import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Beside, Chunk } from '../containerizer.ts';

/** In the environment of the command and of whatever it starts: what left the process group is found by it. */
const MARK = 'DAWN_BESIDE';

/**
 * What ends with the agent, however the agent ends: its fourth file is a line to the agent, and when that breaks everything in the group is killed, and what carries the
 * mark `$1`. At the end of the command it writes down the exit code there, and takes along what the command left running.
 */
const TETHERED = `mark=$1; shift
sweep() {
  PATH=/usr/bin:/bin
  for round in 1 2 3 4 5 6 7 8; do
    found=$(grep -lsF -e "$mark" /proc/[0-9]*/environ)
    [ "$found" ] || break
    for file in $found; do file=\${file%/environ}; kill -KILL "\${file#/proc/}"; done
  done
}
trap : HUP INT QUIT TERM USR1 USR2
( trap '' HUP INT QUIT TERM USR1 USR2; read -r _ <&3; sweep; kill -KILL 0 ) </dev/null >/dev/null 2>&1 &
env "$mark" "$@" 3<&-
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
  const mark = `${MARK}=${randomUUID()}`;
  const child = spawn('/bin/sh', ['-c', TETHERED, 'sh', mark, ...argv], {
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
  void exited.then(() => {
    signalGroup(child, 'SIGKILL');
    killMarked(mark);
  });
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

/** As `sweep` does when the agent is not there to do it. */
function killMarked(mark: string): void {
  for (let round = 0; round < 8; round++) {
    const found = processes().filter((pid) => environmentOf(pid).includes(mark));
    if (found.length === 0) return;
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

/** None where the system does not list them so. */
function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Nothing of those that are gone, over, or somebody else's. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
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
