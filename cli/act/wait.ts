import type { CommandDoneView } from '../../shared/api/results.ts';
import type { JobView, UpdateView } from '../../shared/api/views.ts';
import type { WatchData } from '../../shared/api/watch.ts';
import type { Command } from '../../shared/command.ts';
import { DawnError } from '../../shared/errors.ts';
import type { UpdateStatus } from '../../shared/update-states.ts';
import { ACTIVE_UPDATE_STATUSES } from '../../shared/update-states.ts';
import type { Context } from '../command-line/context.ts';
import { durationMs } from '../output/units.ts';

const EXIT_FAILED = 4;
const EXIT_TIMEOUT = 9;
const EXIT_UNKNOWN = 20;
const EXIT_INTERRUPTED = 130;

type Verdict =
  | { readonly over: true; readonly exit: number; readonly line: string }
  | { readonly over: false; readonly line: string };

/** Waits for what a command began. Ctrl-C stops the watching, never the work. */
export function waitForOutcome(
  context: Context,
  command: Command,
  done: CommandDoneView,
  limit: string,
): Promise<number> {
  if (done.update !== null) {
    const wanted: UpdateStatus =
      command.kind === 'update.command' && command.command === 'rollback' ? 'ROLLED_BACK' : 'ROLLED_FORWARD';
    return waitForUpdate(context, done.update, limit, wanted);
  }
  const key = command.kind === 'job.submit' ? command.job.key : command.key;
  const gone = command.kind === 'job.kill' && command.only === undefined;
  return follow(
    context,
    { view: 'job', key },
    limit,
    (data) => (data.view === 'job' ? jobVerdict(data.job, gone) : undefined),
    gone,
  );
}

/** Exit 0 when it ended as wanted, 4 when it rolled back or failed, 20 for another end, 9 on timeout. */
export function waitForUpdate(
  context: Context,
  id: string,
  limit: string,
  wanted: UpdateStatus = 'ROLLED_FORWARD',
): Promise<number> {
  return follow(
    context,
    { view: 'update', id },
    limit,
    (data) => (data.view === 'update' ? updateVerdict(data.update, wanted) : undefined),
    false,
  );
}

function updateVerdict(update: UpdateView, wanted: UpdateStatus): Verdict {
  const line = `${update.status} ${update.done}/${update.total}${update.waitingFor === null ? '' : `, ${update.waitingFor}`}`;
  if (ACTIVE_UPDATE_STATUSES.has(update.status)) return { over: false, line };
  const failed: readonly UpdateStatus[] = ['ROLLED_FORWARD', 'ROLLED_BACK', 'FAILED'];
  const exit = update.status === wanted ? 0 : failed.includes(update.status) ? EXIT_FAILED : EXIT_UNKNOWN;
  const why = update.events.at(-1)?.message ?? null;
  return {
    over: true,
    exit,
    line: `${update.status} ${update.done}/${update.total}${exit === 0 || why === null ? '' : `: ${why}`}`,
  };
}

function jobVerdict({ row, active }: JobView, gone: boolean): Verdict {
  const line = gone ? `${active.length} instances left` : `${row.running}/${row.instances} running`;
  const reached = gone ? active.length === 0 : row.running + row.finished >= row.instances;
  if (reached) return { over: true, exit: 0, line };
  const dead = !gone && row.kind === 'adhoc' && active.length === 0;
  return dead
    ? { over: true, exit: EXIT_FAILED, line: `${line}, ${row.failed} failed` }
    : { over: false, line };
}

async function follow(
  { client, io }: Context,
  view: Readonly<Record<string, string>>,
  limit: string,
  verdictOf: (data: WatchData) => Verdict | undefined,
  goneIsDone: boolean,
): Promise<number> {
  const limitMs = durationMs(limit);
  if (limitMs === undefined)
    throw new DawnError({
      code: 'invalid_parameter',
      message: `--for ${limit} is no duration`,
      hint: 'write it as 30s or 10m',
    });
  const timeUp = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([timeUp, io.interrupted]);
  let said = '';
  try {
    for await (const message of client.stream('watch', { query: view, signal })) {
      if (message.type === 'gone') return goneIsDone ? 0 : EXIT_UNKNOWN;
      if (message.type === 'heartbeat') continue;
      const verdict = verdictOf(message.data);
      if (!verdict) continue;
      if (verdict.line !== said) io.err(`${verdict.line}\n`);
      said = verdict.line;
      if (verdict.over) return verdict.exit;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (timeUp.aborted) {
    io.err(`gave up waiting after ${limit}; what was begun goes on\n`);
    return EXIT_TIMEOUT;
  }
  io.err('stopped watching; what was begun goes on\n');
  return EXIT_INTERRUPTED;
}
