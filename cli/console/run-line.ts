import { nearest } from '../../shared/suggest.ts';
import { proposeScale } from './acts.ts';
import type { Step } from './messages.ts';
import { goTo } from './navigate.ts';
import { parsePlace } from './place.ts';
import { say } from './say.ts';
import type { State } from './state.ts';

const WORDS = [
  'jobs',
  'hosts',
  'job',
  'logs',
  'why',
  'update',
  'task',
  'submit',
  'scale',
  'messages',
  'help',
  'q',
  'quit',
];

/** Does what a `:` line says. */
export function runLine(state: State, line: string): Step<State> {
  const [word = '', ...rest] = line.trim().split(/\s+/);
  if (word === '') return { state, effects: [] };
  if (word === 'q' || word === 'quit') return { state, effects: [{ kind: 'quit' }] };
  if (word === 'submit' && rest.length > 0) {
    return state.readOnly
      ? refused(state, 'this console is read-only')
      : { state, effects: [{ kind: 'submit', path: rest.join(' ') }] };
  }
  if (word === 'scale' && rest.length === 2) return proposeScale(state, rest[0] ?? null, rest[1] ?? '');
  const place = parsePlace(line);
  if (place) return goTo(state, place);
  const meant = nearest(
    word,
    WORDS.filter((known) => known !== word),
  );
  return refused(
    state,
    WORDS.includes(word)
      ? `:${word} wants something else behind it; ? shows what`
      : `there is no :${word}${meant === undefined ? '' : `; did you mean :${meant}?`}`,
  );
}

function refused(state: State, text: string): Step<State> {
  return { state: say(state, text, true), effects: [] };
}
