/**
 * Stories about the scheduler as text: a line of script a command, and below it everything that the scheduler wrote in answer, with the seconds since the start.
 * Tasks start and stop as they are told, at once, unless the script says otherwise.
 */
import type { JobKey } from '../../shared/ids.ts';
import { formatRanges } from '../../shared/ids.ts';
import type { TaskState } from '../../shared/mesos/v1.ts';
import type { Write } from '../../server/scheduler/rows.ts';
import { job } from '../support/jobs.ts';
import { SchedulerHarness } from '../support/scheduler-harness.ts';

type Words = readonly string[];

export function runScenario(script: string): string {
  const harness = new SchedulerHarness();
  const startMs = harness.now;
  const out: string[] = [];
  for (const line of script.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) {
      out.push(line);
      continue;
    }
    const from = harness.writes.length;
    const answer = command(harness, line.trim().split(/\s+/));
    out.push(`> ${line}`, ...(answer === null ? [] : [`  ${answer}`]));
    harness.deliverAll();
    for (const write of harness.writes.slice(from)) {
      const [atMs = startMs, text] = describe(harness, write) ?? [];
      if (text !== undefined) out.push(`  ${String((atMs - startMs) / 1000).padStart(5)} s  ${text}`);
    }
  }
  return `${out.join('\n').trim()}\n`;
}

function command(harness: SchedulerHarness, [verb = '', ...words]: Words): string | null {
  const key = words[0] as JobKey;
  const answer = (reply: ReturnType<SchedulerHarness['command']>): string =>
    withoutIds(reply.ok ? reply.value.message : `refused: ${reply.error.message}`);
  switch (verb) {
    case 'agent':
      harness.agent(words[0] ?? '', { resources: { cpusMilli: Number(words[1]) * 1000 } });
      return null;
    case 'submit': {
      const [, instances, line = '', groupSize = '1'] = words;
      const strategy = { kind: 'queue', groupSize: Number(groupSize) } as const;
      return answer(
        harness.submit(job(key, Number(instances), { command: { kind: 'shell', line } }, { strategy })),
      );
    }
    case 'scale':
      return answer(harness.command({ kind: 'job.scale', key, instances: Number(words[1]) }));
    case 'kill':
      return answer(harness.command({ kind: 'job.kill', key }));
    case 'pause':
    case 'resume':
    case 'rollback':
      return answer(harness.command({ kind: 'update.command', command: verb, key }));
    case 'wait':
      harness.advance(Number(words[0]));
      return null;
    case 'report': {
      const [, instance, state, ...message] = words;
      harness.report(harness.task(key, Number(instance)).id, state as TaskState, {
        message: message.join(' '),
      });
      return null;
    }
    case 'lose':
      harness.master.lose(words[0] ?? '', 'TASK_UNREACHABLE');
      return null;
    case 'restart':
      harness.restart();
      return null;
    case 'show':
      return harness.instances(key).join(', ') || 'nothing runs';
    default:
      throw new Error(`no such verb in a scenario: ${verb}`);
  }
}

/** When, and what, in a line; undefined for what does not belong in a story. */
function describe({ world }: SchedulerHarness, write: Write): readonly [number, string] | undefined {
  switch (write.w) {
    case 'tasks-new':
      return [write.atMs, `${name(write.job)}/${formatRanges(write.ranges)} PENDING`];
    case 'task-next':
    case 'task': {
      const task = world.tasks.get(write.id);
      if (!task) return undefined;
      const status = write.w === 'task' ? `${write.from} → ${write.to}` : `again ${write.status}`;
      const where = write.w === 'task' && write.placed ? ` on ${write.placed.host}` : '';
      return [write.atMs, `${name(task.job)}/${task.instance} ${status}${where}${why(write.message)}`];
    }
    case 'update':
      return [write.row.createdAtMs, `update of ${name(write.row.job)} ${write.row.status}`];
    case 'update-status':
      return [write.atMs, `update ${write.from} → ${write.to}${why(write.message ?? undefined)}`];
    case 'update-instance':
      return [write.event.atMs, `${write.event.action} ${write.event.instance}`];
    default:
      return undefined;
  }
}

const name = (key: JobKey): string => key.split('/')[2] ?? key;
const why = (message: string | undefined): string =>
  message === undefined ? '' : `: ${withoutIds(message)}`;
const withoutIds = (text: string): string => text.replace(/[0-9a-f-]{36}/, '<id>');
