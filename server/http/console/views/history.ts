import type { EventView, HistoryView } from '../../../../shared/api/views.ts';
import type { JobKey } from '../../../../shared/ids.ts';
import type { ConsoleContext } from '../context.ts';
import { iso } from './times.ts';

/** What happened to a job: commands from the audit trail, updates and tasks from the rows that are kept. Newest first. */
export function historyView(context: ConsoleContext, key: JobKey, limit: number): HistoryView {
  const world = context.scheduler();
  const events: EventView[] = [];
  const add = (
    atMs: number,
    event: Omit<EventView, 'seq' | 'at' | 'job' | 'from' | 'user'> & Partial<EventView>,
  ): void => {
    events.push({ seq: 0, at: iso(atMs), job: key, user: null, from: null, ...event });
  };
  for (const { atMs, actor, command, refused } of context.journal.commands({ job: key, limit })) {
    const what = command.kind === 'update.command' ? `update.${command.command}` : command.kind;
    const message = refused ? `refused: ${refused.message}` : (command.message ?? null);
    add(atMs, { kind: 'command', subject: key, what, message, user: actor.user, from: actor.from });
  }
  for (const id of world.updatesByJob.get(key) ?? []) {
    const update = world.updates.get(id);
    for (const { atMs, status, user, message } of update?.events ?? [])
      add(atMs, { kind: 'update', subject: id, what: status, message, user });
    for (const { atMs, instance, action, message } of update?.instanceEvents ?? [])
      add(atMs, { kind: 'update', subject: `${key}/${instance}`, what: action, message });
  }
  for (const id of world.tasksByJob.get(key) ?? []) {
    const task = world.tasks.get(id);
    for (const { atMs, status, message } of task?.events ?? [])
      add(atMs, {
        kind: 'task',
        subject: `${key}/${task?.instance ?? ''}`,
        what: status,
        message: message ?? null,
      });
  }
  // Equal times keep their order: what came later stands first.
  const order = events
    .map((event, at) => ({ event, at }))
    .sort((a, b) => (a.event.at < b.event.at ? 1 : a.event.at > b.event.at ? -1 : b.at - a.at));
  return { key, events: order.slice(0, limit).map(({ event }) => event) };
}
