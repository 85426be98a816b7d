import { commandLine } from '../command-line.ts';
import type { Command } from '../../shared/command.ts';
import type { JobKey } from '../../shared/ids.ts';
import { parseJobKey, toRanges } from '../../shared/ids.ts';
import type { Key } from './key-reader.ts';
import type { ActName } from './keys.ts';
import { ACTS, actionFor } from './keys.ts';
import type { Step } from './messages.ts';
import { openPrompt } from './open-prompt.ts';
import { say } from './say.ts';
import { bodyRows } from './screens/frame.ts';
import { planLines } from './screens/plan.ts';
import { markedInstances, selectedJob, selectedJobRow } from './selection.ts';
import type { Act, State } from './state.ts';
import { makeTheme } from './theme.ts';

const ANY_THEME = makeTheme({ colour: false, ascii: true });

/** A key while the act menu or a plan has the keyboard. */
export function actKey(state: State, key: Key): Step<State> {
  if (state.menu) return chooseAct({ ...state, menu: false }, key);
  const { act } = state;
  if (!act) return same(state);
  switch (actionFor(key.name, 'plan')) {
    case 'back':
      return same({ ...state, act: act.busy ? act : null });
    case 'quit':
      return { state, effects: [{ kind: 'quit' }] };
    case 'copy-command': {
      const text = commandLine(act.command, act.file);
      return { state: say(state, `copied ${text}`, false), effects: [{ kind: 'copy', text }] };
    }
    case 'confirm':
      return confirm(state, act);
    case 'down':
      return same(scrolled(state, act, 1));
    case 'up':
      return same(scrolled(state, act, -1));
    default:
      return same(state);
  }
}

/** Opens the plan of a command. */
export function propose(state: State, command: Command, file?: string): Step<State> {
  if (state.readOnly) return same(say(state, 'this console is read-only', true));
  const act: Act = {
    command,
    plan: null,
    scroll: 0,
    wantsTyped: null,
    busy: false,
    ...(file === undefined ? {} : { file }),
  };
  return { state: { ...state, act }, effects: [{ kind: 'plan', command }] };
}

export function proposeScale(state: State, key: string | null, text: string): Step<State> {
  const job = key === null ? undefined : parseJobKey(key);
  if (!job) return same(say(state, `${key ?? ''} is no job`, true));
  if (!/^\d+$/.test(text.trim())) return same(say(state, `${text} is no number of instances`, true));
  return propose(state, { kind: 'job.scale', key: job, instances: Number(text) });
}

/** The word that a large act wants was typed (or not). */
export function acted(state: State, text: string): Step<State> {
  const { act } = state;
  if (!act?.plan) return same(state);
  if (text.trim() !== act.wantsTyped)
    return same(say(state, `that was not ${act.wantsTyped ?? ''}; nothing was done`, true));
  return perform(state, act, act.plan.planId);
}

function chooseAct(state: State, key: Key): Step<State> {
  const chosen = ACTS.find((each) => each.key === key.name)?.act;
  const job = selectedJob(state);
  if (chosen === undefined || job === null) return same(state);
  if (chosen === 'scale') {
    const now = selectedJobRow(state)?.instances;
    return same(openPrompt(state, 'scale', now === undefined ? '' : String(now)));
  }
  return propose(state, commandOf(chosen, job as JobKey, markedInstances(state)));
}

function commandOf(act: Exclude<ActName, 'scale'>, key: JobKey, marked: readonly number[]): Command {
  const only = marked.length > 0 ? { only: toRanges(marked) } : {};
  if (act === 'restart') return { kind: 'job.restart', key, ...only };
  if (act === 'kill') return { kind: 'job.kill', key, ...only };
  return { kind: 'update.command', command: act, key };
}

function confirm(state: State, act: Act): Step<State> {
  const { plan } = act;
  if (!plan || act.busy) return same(state);
  if (plan.refused || plan.action === 'none') return same({ ...state, act: null });
  if (act.wantsTyped !== null)
    return same(openPrompt(state, 'confirm', '', `type ${act.wantsTyped} to do it`));
  return perform(state, act, plan.planId);
}

function perform(state: State, act: Act, planId: string): Step<State> {
  return {
    state: { ...state, act: { ...act, busy: true } },
    effects: [{ kind: 'act', command: act.command, planId }],
  };
}

function scrolled(state: State, act: Act, by: number): State {
  const most = Math.max(0, planLines(act, ANY_THEME, state.columns).length - bodyRows(state) + 3);
  return { ...state, act: { ...act, scroll: Math.min(Math.max(act.scroll + by, 0), most) } };
}

function same(state: State): Step<State> {
  return { state, effects: [] };
}
