import type { Command, Process } from './config.ts';

/** Thermos runs no process more often than this. */
const RUNS_MAX = 100;

/** After a failed process, how long the others may take to end, in tenths of a second. An agent's own stop has its own grace. */
const LEFT_ON_FAILURE = 300;
const LEFT_ON_STOP = 36_000;

/**
 * Thermos-like processes as one POSIX shell script (busybox's sh included): each process runs as soon as those ordered before it
 * have succeeded, is tried again up to its `maxFailures`, a daemon is started anew when it ends, ephemeral ones are ended with the
 * rest, final ones run at the end whatever happened. As many failed processes as the task allows end all others. SIGTERM reaches
 * every process, so the script must lead a process group of its own (or be process 1 of a container).
 */
export function processScript(command: Extract<Command, { kind: 'processes' }>): string {
  const numbered = command.processes.map((process, number) => ({ process, number }));
  const plain = numbered.filter(({ process }) => !process.final);
  const ephemeral = plain.filter(({ process }) => process.ephemeral);
  const lasting = plain.filter(({ process }) => !process.ephemeral);
  const before = predecessors(command.order, (name) =>
    command.processes.findIndex((one) => one.name === name),
  );
  return [
    'state=$(mktemp -d) || exit 1',
    `allowed=${command.maxFailures}`,
    PRELUDE,
    ...numbered.map(({ process, number }) => `process_${number}() {\n${process.cmdline}\n}`),
    ...plain.map(({ process, number }) => runner(process, number, before.get(number) ?? [])),
    ...plain.map(({ number }) => `run_${number} & pid_${number}=$!`),
    ...lasting.map(({ number }) => `ended $pid_${number}`),
    ...(ephemeral.length > 0 ? [`stop ${LEFT_ON_FAILURE}`] : []),
    ...ephemeral.map(({ number }) => `ended $pid_${number}`),
    'failed=$(count_failed); failed=${failed:-0}',
    ...numbered
      .filter(({ process }) => process.final)
      .map(({ number }) => `( trap - TERM INT USR1; process_${number} ) || true`),
    'rm -rf "$state"',
    'if [ "$allowed" -gt 0 ] && [ "$failed" -ge "$allowed" ]; then exit 1; fi',
    'exit 0',
  ].join('\n');
}

/**
 * `stop` signals the whole group, this shell included; `ended` waits for a runner, and once stopped not for ever. It signals once more after a second: a shell that was
 * just forked has no trap of its own yet, and forgets what came in that moment.
 */
const PRELUDE = `stopping=
count_failed() { ls "$state" | grep -c '^failed\\.'; }
pause() { sleep 0.1 2>/dev/null || sleep 1; }
stop() {
  [ -z "$stopping" ] || return 0
  stopping=1 left=$1 again=$(($1 - 10))
  trap : TERM INT USR1
  kill -TERM 0
}
ended() {
  while kill -0 "$1" 2>/dev/null; do
    if [ -z "$stopping" ]; then wait "$1"; else
      [ "$left" -gt 0 ] || return 0
      left=$((left - 1))
      [ "$left" -ne "$again" ] || kill -TERM 0
      pause
    fi
  done
}
trap 'stop ${LEFT_ON_STOP}' TERM INT
trap 'stop ${LEFT_ON_FAILURE}' USR1`;

/**
 * Waits for its predecessors, runs, and leaves `done.N` or `failed.N` behind; a process that ends because it was stopped leaves
 * neither. The inner shell outlives SIGTERM for as long as its command does, so that a command may end in its own time.
 */
function runner(process: Process, number: number, after: readonly number[]): string {
  const tries = process.maxFailures === 0 ? RUNS_MAX : Math.min(process.maxFailures, RUNS_MAX);
  const waits = after.map(
    (other) => `while [ ! -e "$state/done.${other}" ]; do
[ -z "$stopping" ] && [ ! -e "$state/failed.${other}" ] && [ ! -e "$state/skipped.${other}" ] || { : > "$state/skipped.${number}"; return 1; }
pause
done`,
  );
  const again = process.daemon
    ? `sleep ${Math.max(1, process.minDurationSecs)}; continue`
    : `: > "$state/done.${number}"; return 0`;
  return [
    `run_${number}() {`,
    "trap 'stopping=1' TERM INT; trap - USR1",
    ...waits,
    'failures=0',
    'while [ -z "$stopping" ]; do',
    `if ( trap 'exit 143' TERM INT; process_${number} ); then ${again}; fi`,
    '[ -z "$stopping" ] || return 1',
    'failures=$((failures + 1))',
    `[ "$failures" -lt ${tries} ] || break`,
    `sleep ${Math.min(process.minDurationSecs, 60)}`,
    'done',
    '[ -z "$stopping" ] || return 1',
    `: > "$state/failed.${number}"`,
    'if [ "$allowed" -gt 0 ] && [ "$(count_failed)" -ge "$allowed" ] 2>/dev/null; then kill -USR1 $$; fi',
    'return 1',
    '}',
  ].join('\n');
}

/** The numbers of the processes that must have succeeded before each. */
function predecessors(
  order: readonly (readonly string[])[],
  numberOf: (name: string) => number,
): Map<number, number[]> {
  const before = new Map<number, number[]>();
  for (const chain of order) {
    chain.forEach((name, at) => {
      const previous = chain[at - 1];
      if (previous === undefined) return;
      before.set(numberOf(name), [...(before.get(numberOf(name)) ?? []), numberOf(previous)]);
    });
  }
  return before;
}
