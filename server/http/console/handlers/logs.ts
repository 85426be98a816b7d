import type { LogLine } from '../../../../shared/api/views.ts';
import { DawnError } from '../../../../shared/errors.ts';
import { instancesIn, parseRanges } from '../../../../shared/ids.ts';
import type { TaskRow } from '../../../scheduler/rows.ts';
import type { Call, Handlers } from '../call.ts';
import { keyOf } from '../call.ts';
import type { ConsoleContext } from '../context.ts';
import { findJob, findTask } from '../find.ts';
import { linesOf } from '../lines.ts';
import { StreamReply } from '../stream-reply.ts';

const TAIL_DEFAULT = 100;
/** Tasks whose lines are merged in one answer. */
const TASKS_MAX = 64;
/** Lines of several tasks are held to be put in order. */
const MERGED_BYTES_MAX = 32 * 1024 * 1024;

interface LogQuery {
  readonly stream: 'stdout' | 'stderr' | 'both';
  readonly tail?: number;
  readonly follow?: boolean;
  readonly instances?: string;
}

interface Source {
  readonly task: TaskRow;
  readonly body: AsyncIterable<Buffer>;
}

export function logHandlers(context: ConsoleContext): Pick<Handlers, 'job.logs' | 'task.logs'> {
  return {
    'task.logs': (call) =>
      answerWith(context, call, [findTask(context.scheduler(), call.params['id'] ?? '')]),
    'job.logs': (call) => answerWith(context, call, newestTasks(context, call)),
  };
}

/** Every agent has answered before the first line goes out, so that one that does not is an error and no silence. */
async function answerWith(context: ConsoleContext, call: Call, tasks: readonly TaskRow[]): Promise<void> {
  const { reply, signal } = call;
  const query = call.query as unknown as LogQuery;
  const follow = query.follow === true;
  const wanted = { stream: query.stream, tail: query.tail ?? TAIL_DEFAULT, follow };
  const open = async (task: TaskRow): Promise<Source> => ({
    task,
    body: await context.fleet.logs(task, wanted, signal),
  });
  const sources = await Promise.all(tasks.map(open));
  const several = sources.length > 1 && !follow;
  const inOrder = several ? await merged(sources) : null;
  const out = new StreamReply(reply, 'application/x-ndjson');
  out.open();
  const write = (line: LogLine): Promise<void> => out.writeSlowly(`${JSON.stringify(line)}\n`, signal);
  if (inOrder) for (const line of inOrder) await write(line);
  else await Promise.all(sources.map((source) => copyLines(source, write)));
  out.end();
}

async function copyLines(
  { task, body }: Source,
  write: (line: LogLine) => void | Promise<void>,
): Promise<void> {
  for await (const text of linesOf(body)) {
    const { stream, at, text: line } = JSON.parse(text) as Omit<LogLine, 'task' | 'instance'>;
    await write({ task: task.id, instance: task.instance, stream, at, text: line });
  }
}

/** All lines of several tasks in order of time; those without a time stay behind the one before them. */
async function merged(sources: readonly Source[]): Promise<LogLine[]> {
  const lines: { line: LogLine; at: string; order: number }[] = [];
  let bytes = 0;
  for (const source of sources) {
    let at = '';
    await copyLines(source, (line) => {
      bytes += line.text.length;
      if (bytes > MERGED_BYTES_MAX)
        throw tooLarge(`the lines of ${sources.length} tasks are more than 32 MiB together`);
      at = line.at ?? at;
      lines.push({ line, at, order: lines.length });
    });
  }
  return lines
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.order - b.order))
    .map(({ line }) => line);
}

/** Of each wanted instance the task that has been on a host most lately: a crashed one's last words rather than its replacement's silence. */
function newestTasks(context: ConsoleContext, call: Call): TaskRow[] {
  const world = context.scheduler();
  const job = findJob(world, keyOf(call));
  const wanted = wantedInstances((call.query as unknown as LogQuery).instances);
  const newest = new Map<number, TaskRow>();
  for (const id of world.tasksByJob.get(job.key) ?? []) {
    const task = world.tasks.get(id);
    if (task && task.agent !== null && wanted?.has(task.instance) !== false) newest.set(task.instance, task);
  }
  if (newest.size === 0) {
    throw new DawnError({
      code: 'not_found',
      message: `nothing of ${job.key} has run yet`,
      hint: `see \`dawn job why ${job.key}\``,
    });
  }
  if (newest.size > TASKS_MAX)
    throw tooLarge(`${newest.size} instances have logs, and ${TASKS_MAX} are shown at once`);
  return [...newest.values()].sort((a, b) => a.instance - b.instance);
}

function wantedInstances(text: string | undefined): ReadonlySet<number> | null {
  if (text === undefined) return null;
  const ranges = parseRanges(text);
  if (ranges) return new Set(instancesIn(ranges));
  throw new DawnError({
    code: 'invalid_parameter',
    message: `${text} names no instances`,
    hint: 'write them as 0-2,5',
    path: 'instances',
  });
}

function tooLarge(message: string): DawnError {
  return new DawnError({
    code: 'too_large',
    message,
    hint: 'name some of the instances, e.g. 0-9, or ask for a shorter tail',
  });
}
