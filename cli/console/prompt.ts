import { acted, proposeScale } from './acts.ts';
import type { Key } from './key-reader.ts';
import type { Step } from './messages.ts';
import { openPrompt, withHint } from './open-prompt.ts';
import { runLine } from './run-line.ts';
import { selectedJob } from './selection.ts';
import type { Prompt, State } from './state.ts';
import { withView } from './state.ts';

const HISTORY_MAX = 100;

/** A key while a line is being written. */
export function promptKey(state: State, prompt: Prompt, key: Key): Step<State> {
  switch (key.name) {
    case 'esc':
    case 'ctrl-c':
      return closed(
        prompt.kind === 'filter' || prompt.kind === 'find' ? withView(state, { filter: '' }) : state,
      );
    case 'enter':
      return finish(state, prompt);
    case 'tab':
    case 'right':
      return typed(
        state,
        prompt.at === prompt.text.length
          ? { ...prompt, text: prompt.text + prompt.hint, at: prompt.text.length + prompt.hint.length }
          : { ...prompt, at: prompt.at + 1 },
      );
    case 'up':
      return prompt.kind === 'command' ? recall(state, prompt) : same(state);
    default:
      return typed(state, edit(prompt, key));
  }
}

/** Line editing as shells have it. */
export function edit(prompt: Prompt, key: Key): Prompt {
  const { text, at } = prompt;
  switch (key.name) {
    case 'left':
    case 'ctrl-b':
      return { ...prompt, at: Math.max(0, at - 1) };
    case 'ctrl-a':
    case 'home':
      return { ...prompt, at: 0 };
    case 'ctrl-e':
    case 'end':
      return { ...prompt, at: text.length };
    case 'backspace':
      return at > 0 ? { ...prompt, text: text.slice(0, at - 1) + text.slice(at), at: at - 1 } : prompt;
    case 'delete':
      return { ...prompt, text: text.slice(0, at) + text.slice(at + 1) };
    case 'ctrl-u':
      return { ...prompt, text: text.slice(at), at: 0 };
    case 'ctrl-k':
      return { ...prompt, text: text.slice(0, at) };
    case 'ctrl-w': {
      const kept = text.slice(0, at).replace(/\S+\s*$/, '');
      return { ...prompt, text: kept + text.slice(at), at: kept.length };
    }
    case 'paste':
      return insert(prompt, (key.paste ?? '').replace(/[\u0000-\u001f\u007f]+/g, ' '));
    case 'space':
      return insert(prompt, ' ');
    default:
      return [...key.name].length === 1 ? insert(prompt, key.name) : prompt;
  }
}

function insert(prompt: Prompt, piece: string): Prompt {
  return {
    ...prompt,
    text: prompt.text.slice(0, prompt.at) + piece + prompt.text.slice(prompt.at),
    at: prompt.at + piece.length,
  };
}

/** Filters work as they are written. */
function typed(state: State, prompt: Prompt): Step<State> {
  const next = { ...state, prompt: withHint(state, prompt) };
  return same(
    prompt.kind === 'filter' || prompt.kind === 'find'
      ? withView(next, { filter: prompt.text, scroll: 0 })
      : next,
  );
}

function finish(state: State, prompt: Prompt): Step<State> {
  const done = { ...state, prompt: null };
  switch (prompt.kind) {
    case 'filter':
    case 'find':
      return same(done);
    case 'scale':
      return proposeScale(done, selectedJob(done), prompt.text);
    case 'confirm':
      return acted(done, prompt.text);
    case 'command': {
      const history = [...state.history.filter((line) => line !== prompt.text), prompt.text].slice(
        -HISTORY_MAX,
      );
      return runLine({ ...done, history }, prompt.text);
    }
  }
}

function recall(state: State, prompt: Prompt): Step<State> {
  const at = state.history.lastIndexOf(prompt.text);
  const text = state.history[at < 0 ? state.history.length - 1 : at - 1];
  return same(text === undefined ? state : openPrompt(state, 'command', text));
}

function closed(state: State): Step<State> {
  return same({ ...state, prompt: null });
}

function same(state: State): Step<State> {
  return { state, effects: [] };
}
