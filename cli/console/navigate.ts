import type { Effect, Step } from './messages.ts';
import type { Place } from './place.ts';
import { lineOf } from './place.ts';
import type { State } from './state.ts';
import { currentView, emptyData, viewOf } from './state.ts';

/** How deep somebody may go; the oldest step is forgotten. */
const DEPTH_MAX = 50;

/** Goes in. The jobs are kept: they are the home and what keys are completed from. */
export function goTo(state: State, place: Place): Step<State> {
  if (lineOf(place) === lineOf(currentView(state).place)) return { state, effects: [] };
  const stack = [...state.stack, viewOf(place)].slice(-DEPTH_MAX);
  return opened({ ...state, stack });
}

/** Goes back; at the root there is nowhere to go. */
export function goBack(state: State): Step<State> {
  return state.stack.length > 1
    ? opened({ ...state, stack: state.stack.slice(0, -1) })
    : { state, effects: [] };
}

function opened(state: State): Step<State> {
  const { place } = currentView(state);
  const effects: Effect[] = [{ kind: 'open', place }];
  const loaded = place.kind === 'jobs' || place.kind === 'help' || place.kind === 'messages';
  return { state: { ...state, data: { ...emptyData(state.data.jobs), loaded } }, effects };
}
