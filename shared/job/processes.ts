import type { Command, Process } from './config.ts';

/** Thermos runs no process more often than this. */
const RUNS_MAX = 100;

/**
 * Thermos-like processes as one POSIX shell script (busybox's sh included): each process runs as soon as those ordered before it have succeeded, is tried again
 * up to its `maxFailures`, a daemon is started anew when it ends, ephemeral ones are ended with the rest, final ones run at the end
 * whatever happened.
 */
export function processScript(command: Extract<Command, { kind: 'processes' }>): string {
  const plain = command.processes.filter((process) => !process.final);
  const final = command.processes.filter((process) => process.final);
  const before = predecessors(command.order);
  const lasting = plain.filter((process) => !process.ephemeral);
  return [
    'state=$(mktemp -d) || exit 1',
    `allowed=${command.maxFailures}`,
    ...command.processes.map((process, at) => `process_${at}() { ${process.cmdline}\n}`),
    ...plain.map((process) =>
      runner(process, command.processes.indexOf(process), before.get(process.name) ?? []),
    ),
    ...plain.map(
      (process) => `run_${command.processes.indexOf(process)} & pid_${command.processes.indexOf(process)}=$!`,
    ),
    `trap 'for pid in ${plain.map((process) => `$pid_${command.processes.indexOf(process)}`).join(' ')}; do kill "$pid" 2>/dev/null; done' TERM INT`,
    ...lasting.map((process) => `wait $pid_${command.processes.indexOf(process)}`),
    ...plain
      .filter((process) => process.ephemeral)
      .map((process) => `kill $pid_${command.processes.indexOf(process)} 2>/dev/null`),
    `failed=$(ls "$state" | grep -c '^failed\\.')`,
    ...final.map((process) => `( process_${command.processes.indexOf(process)} ) || true`),
    'rm -rf "$state"',
    'if [ "$allowed" -gt 0 ] && [ "$failed" -ge "$allowed" ]; then exit 1; fi',
    'exit 0',
  ].join('\n');
}

/** Waits for its predecessors, runs, and leaves `done.N` or `failed.N` behind. */
function runner(process: Process, at: number, after: readonly string[]): string {
  const tries = process.maxFailures === 0 ? RUNS_MAX : Math.min(process.maxFailures, RUNS_MAX);
  const waits = after.map(
    (name) =>
      `while [ ! -e "$state/done.${quote(name)}" ]; do [ -e "$state/failed.${quote(name)}" ] && { : > "$state/failed.${quote(process.name)}"; return 1; }; sleep 0.1 2>/dev/null || sleep 1; done`,
  );
  const again = process.daemon
    ? `sleep ${Math.max(1, process.minDurationSecs)}; continue`
    : `: > "$state/done.${quote(process.name)}"; return 0`;
  return [
    `run_${at}() {`,
    ...waits,
    'failures=0',
    'while :; do',
    `if ( process_${at} ); then ${again}; fi`,
    'failures=$((failures + 1))',
    `[ "$failures" -ge ${tries} ] && break`,
    `sleep ${Math.min(process.minDurationSecs, 60)}`,
    'done',
    `: > "$state/failed.${quote(process.name)}"`,
    'return 1',
    '}',
  ].join('\n');
}

function predecessors(order: readonly (readonly string[])[]): Map<string, string[]> {
  const before = new Map<string, string[]>();
  for (const chain of order) {
    chain.forEach((name, at) => {
      const previous = chain[at - 1];
      if (previous !== undefined) before.set(name, [...(before.get(name) ?? []), previous]);
    });
  }
  return before;
}

/** Process names are identifiers (the loader says so); anything else is kept out of the script all the same. */
function quote(name: string): string {
  return name.replace(/[^\w.-]/g, '_');
}
