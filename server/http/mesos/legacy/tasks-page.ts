import type { MasterTask } from '../../../master/entities.ts';
import type { Parts } from '../../../libprocess/reply.ts';
import type { LegacyLists } from './lists.ts';

const LIMIT = 100;

/** `/tasks?limit=100&offset=0&order=des&framework_id=&task_id=`: newest first, by the first thing that was said of each; a limit below 0 is none. */
export function tasksPage(lists: LegacyLists, query: URLSearchParams): Parts {
  const limit = whole(query.get('limit'), LIMIT);
  const offset = Math.max(0, whole(query.get('offset'), 0));
  const sign = query.get('order') === 'asc' ? 1 : -1;
  const task = query.get('task_id');
  const found = lists
    .allTasks(query.get('framework_id'))
    .filter(([{ id }]) => task === null || id === task)
    .map(([each, text]) => ({ since: sinceOf(each), text }))
    .sort((a, b) => sign * (a.since === b.since ? 0 : a.since - b.since))
    .slice(offset, limit < 0 ? undefined : offset + limit);
  const parts = found.flatMap(({ text }, at) => (at === 0 ? [text] : [Buffer.from(','), text]));
  return [Buffer.concat([Buffer.from('{"tasks":['), ...parts, Buffer.from(']}')])];
}

/** One of which nothing was said yet is the newest. */
function sinceOf({ statuses }: MasterTask): number {
  return statuses[0]?.timestamp ?? Infinity;
}

function whole(text: string | null, otherwise: number): number {
  return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : otherwise;
}
