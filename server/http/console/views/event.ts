import type { EventView } from '../../../../shared/api/views.ts';
import type { AgentId, TaskId, UpdateId } from '../../../../shared/ids.ts';
import { formatRanges } from '../../../../shared/ids.ts';
import type { MasterWrite } from '../../../master/facts.ts';
import type { Write } from '../../../scheduler/rows.ts';
import type { CommandRecord, Committed } from '../../../store/journal.ts';
import { iso } from './times.ts';

type Line = Pick<EventView, 'kind' | 'subject' | 'what'> &
  Partial<Pick<EventView, 'job' | 'message' | 'user' | 'from'>>;

/** What a commit says to people. `names` tells what a write means that names only the row. */
export function eventViews(batch: Committed, names: Names): EventView[] {
  const at = iso(batch.atMs);
  const lines = [
    ...batch.commands.map(commandLine),
    ...batch.scheduler.flatMap((write) => writeLine(write, names)),
    ...batch.master.flatMap((write) => masterLine(write, names)),
  ];
  return lines.map((line) => ({
    seq: batch.seq,
    at,
    job: null,
    message: null,
    user: null,
    from: null,
    ...line,
  }));
}

export interface Names {
  task(id: TaskId): { readonly job: string; readonly instance: number } | undefined;
  /** The job of an update. */
  update(id: UpdateId): string | undefined;
  host(id: AgentId): string | undefined;
}

function commandLine({ actor, command, refused }: CommandRecord): Line {
  const key = command.kind === 'job.submit' ? command.job.key : command.key;
  const what = command.kind === 'update.command' ? `update.${command.command}` : command.kind;
  const message = refused ? `refused: ${refused.message}` : (command.message ?? null);
  return { kind: 'command', subject: key, job: key, what, message, user: actor.user, from: actor.from };
}

function writeLine(write: Write, names: Names): Line[] {
  switch (write.w) {
    case 'job':
      return [
        {
          kind: 'job',
          subject: write.row.key,
          job: write.row.key,
          what: `wants ${write.row.instances}`,
          user: write.row.changedBy,
        },
      ];
    case 'job-gone':
      return [{ kind: 'job', subject: write.key, job: write.key, what: 'forgotten' }];
    case 'tasks-new':
      return [
        {
          kind: 'task',
          subject: `${write.job}/${formatRanges(write.ranges)}`,
          job: write.job,
          what: 'PENDING',
          message: write.message ?? null,
        },
      ];
    case 'task': {
      const task = names.task(write.id);
      const host = write.placed?.host ?? null;
      const message = [host === null ? '' : `on ${host}`, write.message ?? '']
        .filter((part) => part !== '')
        .join(': ');
      return [
        {
          kind: 'task',
          subject: task ? `${task.job}/${task.instance}` : write.id,
          job: task?.job ?? null,
          what: write.to,
          message: message === '' ? null : message,
        },
      ];
    }
    case 'task-next': {
      const task = names.task(write.id) ?? names.task(write.ancestor);
      return [
        {
          kind: 'task',
          subject: task ? `${task.job}/${task.instance}` : write.id,
          job: task?.job ?? null,
          what: write.status,
          message: write.message,
        },
      ];
    }
    case 'update':
      return [
        {
          kind: 'update',
          subject: write.row.job,
          job: write.row.job,
          what: write.row.status,
          message: `update ${write.row.id}${write.row.message === null ? '' : `: ${write.row.message}`}`,
          user: write.row.user,
        },
      ];
    case 'update-status': {
      const job = names.update(write.id) ?? null;
      return [
        {
          kind: 'update',
          subject: job ?? write.id,
          job,
          what: write.to,
          message: write.message,
          user: write.user,
        },
      ];
    }
    case 'update-instance': {
      const job = names.update(write.id) ?? null;
      return [
        {
          kind: 'update',
          subject: `${job ?? write.id}/${write.event.instance}`,
          job,
          what: write.event.action,
          message: write.event.message,
        },
      ];
    }
    default:
      return [];
  }
}

function masterLine(write: MasterWrite, names: Names): Line[] {
  if (write.w === 'agent')
    return [{ kind: 'agent', subject: write.info.hostname, what: 'REGISTERED', message: write.id }];
  if (write.w === 'agent-state')
    return [{ kind: 'agent', subject: names.host(write.id) ?? write.id, what: write.state.toUpperCase() }];
  if (write.w === 'agent-gone')
    return [{ kind: 'agent', subject: names.host(write.id) ?? write.id, what: 'GONE' }];
  return [];
}
