import { render } from 'ink';
import { type ClientOptions, createClient } from '../client.ts';
import { App } from './app.tsx';
import { Controller } from './controller.ts';
import { KeyReader } from './key-reader.ts';
import { parsePlace, type Place } from './place.ts';
import { frame } from './screens/frame.ts';
import { emptyData, viewOf, type State } from './state.ts';
import { Store } from './store.ts';
import { Term } from './term.ts';
import { makeTheme, wantsAscii, wantsColour } from './theme.ts';
import { watchPlace } from './watch-place.ts';
import { reduce } from './reduce.ts';
import { DawnError } from '../../shared/errors.ts';

const TICK_MS = 1_000;
const SNAPSHOT_MS = 10_000;

export interface ConsoleOptions {
  readonly url: string;
  readonly user: string;
  readonly authorization?: string | undefined;
  /** Where to begin: `jobs`, `job KEY`, … */
  readonly line: string;
  readonly readOnly?: boolean;
  readonly ascii?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

function clientOptions({ url, user, authorization }: ConsoleOptions): ClientOptions {
  return { url, user, authorization, from: 'console' };
}

/** Opens the console on this terminal. Resolves to the exit code when it is closed; the terminal is then as it was. */
export async function runConsole(options: ConsoleOptions): Promise<number> {
  const place = placeOf(options.line);
  const client = createClient(clientOptions(options));
  let finish: (code: number) => void = () => undefined;
  const finished = new Promise<number>((resolve) => (finish = resolve));
  const reader = new KeyReader((key) => store.dispatch({ kind: 'key', key }));
  const term = new Term(
    (text) => reader.push(text),
    (code) => finish(code),
  );
  const store = new Store(
    initialState(options, place, term.columns, term.rows, Date.now()),
    themeOf(options),
    (effect) => {
      if (effect.kind === 'quit') finish(0);
      else controller.perform(effect);
    },
  );
  const screen = {
    run: (command: string, args: readonly string[]) => term.run(command, args),
    suspend: () => term.suspend(),
    copy: (text: string) => term.copy(text),
    redraw: () => term.redraw(),
  };
  const controller = new Controller({
    client,
    screen,
    dispatch: store.dispatch,
    editor: options.env['VISUAL'] ?? options.env['EDITOR'] ?? 'vi',
    role: options.user,
  });
  term.start();
  term.on('resize', () => store.dispatch({ kind: 'resize', columns: term.columns, rows: term.rows }));
  // Every write of Ink is a whole frame in debug mode, also where CI is set; the terminal sends what differs.
  const ink = render(<App frames={store} />, {
    stdout: term as unknown as NodeJS.WriteStream,
    debug: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  const ticking = setInterval(() => store.dispatch({ kind: 'tick', nowMs: Date.now() }), TICK_MS);
  controller.start(place);
  try {
    return await finished;
  } finally {
    clearInterval(ticking);
    controller.stop();
    reader.close();
    store.close();
    ink.unmount();
    term.stop();
  }
}

/** One frame of a screen as text, for bug reports and tests: waits for its first data, needs no terminal. */
export async function snapshot(
  options: ConsoleOptions & { readonly columns: number; readonly rows: number },
): Promise<string> {
  const place = placeOf(options.line);
  const client = createClient(clientOptions(options));
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, AbortSignal.timeout(SNAPSHOT_MS)]);
  let state = initialState(options, place, options.columns, options.rows, Date.now());
  let lost: Extract<Parameters<typeof reduce>[1], { kind: 'lost' }> | undefined;
  const ready = (): boolean =>
    state.cluster !== null && (state.data.loaded || place.kind === 'help' || place.kind === 'messages');
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
    const dispatch = (message: Parameters<typeof reduce>[1]): void => {
      if (message.kind === 'lost') lost ??= message;
      state = reduce(state, message).state;
      if (ready() || lost) resolve();
    };
    void watchPlace(client, { kind: 'jobs' }, signal, dispatch);
    if (place.kind !== 'jobs' && place.kind !== 'help' && place.kind !== 'messages')
      void watchPlace(client, place, signal, dispatch);
  });
  done.abort();
  if (lost)
    throw (
      lost.error ??
      new DawnError({
        code: 'network',
        message: lost.problem,
        hint: 'start a cluster with `dawn up`, or name one with --cluster URL',
      })
    );
  return frame(state, makeTheme({ colour: 'none', ascii: options.ascii === true || wantsAscii(options.env) }))
    .map((line) => line.trimEnd())
    .join('\n');
}

function placeOf(line: string): Place {
  const place = parsePlace(line);
  if (place) return place;
  throw new DawnError({
    code: 'invalid_parameter',
    message: `there is no screen ${line}`,
    hint: 'jobs, hosts, `job KEY`, `update ID`, `task ID`, `logs KEY`, `why KEY`, help',
  });
}

function themeOf(options: ConsoleOptions): ReturnType<typeof makeTheme> {
  return makeTheme({
    colour: wantsColour(options.env),
    ascii: options.ascii === true || wantsAscii(options.env),
  });
}

export function initialState(
  options: Pick<ConsoleOptions, 'url' | 'user' | 'readOnly'>,
  place: Place,
  columns: number,
  rows: number,
  nowMs: number,
): State {
  const home = viewOf({ kind: 'jobs' });
  return {
    columns,
    rows,
    nowMs,
    url: options.url,
    user: options.user,
    readOnly: options.readOnly === true,
    cluster: null,
    connection: { state: 'connecting', sinceMs: nowMs, problem: null, attempts: 0 },
    stack: place.kind === 'jobs' ? [home] : [home, viewOf(place)],
    data: emptyData(),
    prompt: null,
    menu: false,
    act: null,
    messages: [],
    history: [],
  };
}
