import { parseJobKey, parseRanges } from '../../shared/ids.ts';

/** A screen and its subject; written as one line, which is what the prompt takes, what history keeps and what `dawn console -c` opens. */
export type Place =
  | { readonly kind: 'jobs' }
  | { readonly kind: 'hosts' }
  | { readonly kind: 'job'; readonly key: string }
  | { readonly kind: 'update'; readonly id: string }
  | { readonly kind: 'task'; readonly id: string }
  | { readonly kind: 'logs'; readonly key: string; readonly instances: string | null }
  | { readonly kind: 'why'; readonly key: string }
  | { readonly kind: 'messages' }
  | { readonly kind: 'help' };

export function lineOf(place: Place): string {
  switch (place.kind) {
    case 'job':
    case 'why':
      return `${place.kind} ${place.key}`;
    case 'update':
    case 'task':
      return `${place.kind} ${place.id}`;
    case 'logs':
      return `logs ${place.key}${place.instances === null ? '' : `/${place.instances}`}`;
    default:
      return place.kind;
  }
}

/** A line → a place; undefined when it is none. */
export function parsePlace(line: string): Place | undefined {
  const [word = '', subject] = line.trim().split(/\s+/);
  if (word === 'jobs' || word === 'hosts' || word === 'messages' || word === 'help') return { kind: word };
  if (subject === undefined) return undefined;
  if ((word === 'job' || word === 'why') && parseJobKey(subject)) return { kind: word, key: subject };
  if (word === 'update' || word === 'task') return { kind: word, id: subject };
  if (word !== 'logs') return undefined;
  const parts = subject.split('/');
  const key = parts.slice(0, 3).join('/');
  const instances = parts[3] ?? null;
  if (!parseJobKey(key) || parts.length > 4 || (instances !== null && !parseRanges(instances)))
    return undefined;
  return { kind: 'logs', key, instances };
}

/** How it is called in the breadcrumbs. */
export function titleOf(place: Place): string {
  switch (place.kind) {
    case 'jobs':
      return 'Jobs';
    case 'hosts':
      return 'Hosts';
    case 'messages':
      return 'Messages';
    case 'help':
      return 'Help';
    case 'job':
      return place.key;
    case 'update':
      return `update ${place.id.slice(0, 8)}`;
    case 'task':
      return 'task';
    case 'logs':
      return `logs${place.instances === null ? '' : ` ${place.instances}`}`;
    case 'why':
      return 'why';
  }
}
