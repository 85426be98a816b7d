import type { Frame, Frames } from './app.tsx';
import type { Effect, Message } from './messages.ts';
import { reduce } from './reduce.ts';
import { frame } from './screens/frame.ts';
import type { State } from './state.ts';
import type { Theme } from './theme.ts';

/** At most four frames a second for what the cluster does; a key is answered at once. */
const FRAME_MS = 250;

/** Holds the state, runs the reducer, and makes frames: no more than needed, none when nothing changed. */
export class Store implements Frames {
  state: State;
  private readonly theme: Theme;
  private readonly onEffect: (effect: Effect) => void;
  private readonly listeners = new Set<() => void>();
  private shown: Frame;
  private timer: NodeJS.Timeout | undefined;

  constructor(state: State, theme: Theme, onEffect: (effect: Effect) => void) {
    this.state = state;
    this.theme = theme;
    this.onEffect = onEffect;
    this.shown = this.draw();
  }

  readonly dispatch = (message: Message): void => {
    const { state, effects } = reduce(this.state, message);
    const changed = state !== this.state;
    this.state = state;
    for (const effect of effects) this.onEffect(effect);
    if (!changed) return;
    if (message.kind === 'key' || message.kind === 'resize') this.publish();
    else this.timer ??= setTimeout(() => this.publish(), FRAME_MS);
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): Frame => this.shown;

  close(): void {
    clearTimeout(this.timer);
  }

  private publish(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const next = this.draw();
    const { shown } = this;
    // A tick that changes nothing on the screen costs nothing further.
    if (
      next.columns === shown.columns &&
      next.rows === shown.rows &&
      next.lines.every((line, at) => line === shown.lines[at])
    )
      return;
    this.shown = next;
    for (const listener of this.listeners) listener();
  }

  private draw(): Frame {
    const { columns, rows } = this.state;
    return { columns, rows, lines: frame(this.state, this.theme) };
  }
}
