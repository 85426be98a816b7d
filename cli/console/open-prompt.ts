import type { Prompt, State } from './state.ts';

const WORDS = [
  'jobs',
  'hosts',
  'job ',
  'logs ',
  'why ',
  'update ',
  'submit ',
  'scale ',
  'messages',
  'help',
  'q',
];

/** Begins a line at the foot of the screen. */
export function openPrompt(state: State, kind: Prompt['kind'], text = '', hint = ''): State {
  return { ...state, prompt: withHint(state, { kind, text, at: text.length, hint }) };
}

/** What Tab would add: a word, or the rest of a job's key. */
export function withHint(state: State, prompt: Prompt): Prompt {
  if (prompt.kind !== 'command' || prompt.text === '')
    return prompt.kind === 'confirm' ? prompt : { ...prompt, hint: '' };
  const [, word = '', rest] = /^(\S+\s+)?(\S*)$/.exec(prompt.text) ?? [];
  const known = word === '' ? WORDS : [...state.data.jobs.keys()];
  const found = rest === undefined ? undefined : known.find((each) => each.startsWith(rest) && each !== rest);
  return { ...prompt, hint: found === undefined ? '' : found.slice(rest?.length ?? 0) };
}
