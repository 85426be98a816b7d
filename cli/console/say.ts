import type { State } from './state.ts';

const MESSAGES_MAX = 200;

/** A line for the person: in the footer for a while, and among the messages for good. */
export function say(state: State, text: string, bad: boolean): State {
  return { ...state, messages: [...state.messages, { atMs: state.nowMs, text, bad }].slice(-MESSAGES_MAX) };
}
