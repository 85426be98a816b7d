import type { LogLine } from '../../../../shared/api/views.ts';
import { DawnError } from '../../../../shared/errors.ts';
import { instancesIn, parseRanges } from '../../../../shared/ids.ts';
import type { TaskRow } from '../../../scheduler/rows.ts';
import { openAgent } from '../agent-proxy.ts';
import type { ConsoleContext } from '../context.ts';
import type { Call, Handlers } from '../routes.ts';
import { keyOf } from '../routes.ts';
import { StreamReply } from '../stream-reply.ts';
import { linesOf } from '../lines.ts';
import { findJob } from './jobs.ts';
import { findTask } from './tasks.ts';

const TAIL_DEFAULT = 100;
/** Streams merged in one answer. */
const TASKS_MAX = 64;

interface LogQuery {
  readonly stream: 'stdout' | 'stderr' | 'both';
  readonly tail?: number;
  readonly follow?: boolean;
  readonly instances?: string;
}

export function logHandlers(context: ConsoleContext): Pick<Handlers, 'job.logs' | 'task.logs'> {
  return {
    'task.logs': (call) => answerWith(call, () => [findTask(context, call.params['id'] ?? '')], context),
    'job.logs': (call) => answerWith(call, () => newestTasks(context, call), context),
  };
}

/** Errors before the first line are answered as errors; later ones end the stream. */
async function answerWith(call: Call, find: () => TaskRow[], context: ConsoleContext): Promise<void> {
  const reply = new StreamReply(call.reply.raw, 'application/x-ndjson');
  try {
    const tasks = find();
    const query = call.query as unknown as LogQuery;
    const rest = `logs?stream=${query.stream}&tail=${query.tail ?? TAIL_DEFAULT}&follow=${query.follow === true}`;
    const bodies = await Promise.all(tasks.map(async (task) => ({ task, body: await openAgent(context, task, rest, call.signal) })));
    reply.open();
    if (query.follow === true) await Promise.all(bodies.map(({ task, body }) => copyLines(task, body, (line) => reply.write(`${JSON.stringify(line)}\n`))));
    else for (const line of await merged(bodies)) reply.write(`${JSON.stringify(line)}\n`);
    reply.end();
  } catch (error) {
    reply.fail(error, call.signal.aborted);
  }
}

async function copyLines(task: TaskRow, body: AsyncIterable<Buffer>, write: (line: LogLine) => void): Promise<void> {
  for await (const text of linesOf(body)) {
    write({ task: task.id, instance: task.instance, ...(JSON.parse(text) as Omit<LogLine, 'task' | 'instance'>) });
  }
}

/** All lines of several tasks in order of time; those without a time stay behind the one before them. */
async function merged(bodies: readonly { task: TaskRow; body: AsyncIterable<Buffer> }[]): Promise<LogLine[]> {
  const lines: { line: LogLine; at: string; order: number }[] = [];
  for (const { task, body } of bodies) {
    let at = '';
    await copyLines(task, body, (line) => {
      at = line.at ?? at;
      lines.push({ line, at, order: lines.length });
    });
  }
  return lines.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.order - b.order)).map(({ line }) => line);
}

/** Of each wanted instance the task that has been on a host most lately: a crashed one's last words rather than its replacement's silence. */
function newestTasks(context: ConsoleContext, call: Call): TaskRow[] {
  const world = context.scheduler();
  const job = findJob(context, keyOf(call));
  const { instances } = call.query as unknown as LogQuery;
  const ranges = instances === undefined ? undefined : parseRanges(instances);
  if (instances !== undefined && !ranges) throw new DawnError({ code: 'invalid_parameter', message: `${instances} names no instances`, hint: 'write them as 0-2,5' });
  const wanted = ranges ? new Set(instancesIn(ranges)) : null;
  const newest = new Map<number, TaskRow>();
  for (const id of world.tasksByJob.get(job.key) ?? []) {
    const task = world.tasks.get(id);
    if (task && task.agent !== null && wanted?.has(task.instance) !== false) newest.set(task.instance, task);
  }
  if (newest.size === 0) throw new DawnError({ code: 'not_found', message: `nothing of ${job.key} has run yet`, hint: `see \`dawn job why ${job.key}\`` });
  return [...newest.values()].sort((a, b) => a.instance - b.instance).slice(0, TASKS_MAX);
}
