import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { writeSync } from 'node:fs';
import { width } from './text.ts';

/** Alternate screen, no cursor, no wrapping at the last column, bracketed paste. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h\u001b[2J\u001b[H';
const LEAVE = '\u001b[?2026l\u001b[?2004l\u001b[?7h\u001b[0m\u001b[?25h\u001b[?1049l';
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 } as const;

/**
 * The terminal while the console has it, in the shape of the stream that Ink writes whole frames to. Only lines that differ are sent, addressed absolutely and all in
 * one write, so nothing flickers and an idle console sends nothing.
 */
export class Term extends EventEmitter {
  columns = process.stdout.columns || 80;
  rows = process.stdout.rows || 24;
  readonly isTTY = true;
  readonly writable = true;
  private shown: string[] = [];
  /** The next frame starts from an empty screen: cleared in the same write, so it is never seen empty. */
  private stale = false;
  private next: string | undefined;
  private flushing = false;
  private active = false;
  private readonly onInput: (text: string) => void;
  private readonly onSignal: (exitCode: number) => void;

  constructor(onInput: (text: string) => void, onSignal: (exitCode: number) => void) {
    super();
    this.onInput = onInput;
    this.onSignal = onSignal;
  }

  start(): void {
    process.stdin.setEncoding('utf8').on('data', this.input);
    process.stdout.on('resize', this.resized);
    process.on('exit', this.leave).on('SIGCONT', this.enter);
    for (const signal of Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[])
      process.on(signal, this.signalled);
    this.enter();
  }

  /** Gives the terminal back as it was. */
  stop(): void {
    process.stdin.off('data', this.input).pause();
    process.stdout.off('resize', this.resized);
    process.off('exit', this.leave).off('SIGCONT', this.enter);
    for (const signal of Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[])
      process.off(signal, this.signalled);
    this.leave();
  }

  /** Hands the terminal to another program until it ends. */
  run(command: string, args: readonly string[]): number | null {
    this.leave();
    const { status } = spawnSync(command, args, { stdio: 'inherit' });
    this.enter();
    return status;
  }

  /** Ctrl-Z: the shell has the terminal until `fg`. */
  suspend(): void {
    this.leave();
    process.kill(process.pid, 'SIGSTOP');
  }

  /** Ink calls this with each whole frame; only the newest of a turn is drawn. */
  write(frame: string): boolean {
    this.next = frame;
    if (this.flushing) return true;
    this.flushing = true;
    setImmediate(() => {
      this.flushing = false;
      this.flush();
    });
    return true;
  }

  /** Draws everything again, over whatever another program left on the screen. */
  redraw(): void {
    this.shown = [];
    this.stale = true;
    this.flush();
  }

  /** Copies text to the clipboard of the person's own machine (OSC 52), also over ssh. */
  copy(text: string): void {
    process.stdout.write(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`);
  }

  private flush(): void {
    if (!this.active || this.next === undefined) return;
    if (process.stdout.writableNeedDrain) {
      // A slow link: this frame is left out, the newest is drawn when there is room again.
      process.stdout.once('drain', () => this.flush());
      return;
    }
    const lines = this.next.split('\n').slice(0, this.rows);
    let out = this.stale ? '\u001b[2J' : '';
    this.stale = false;
    for (let y = 0; y < Math.max(lines.length, this.shown.length); y++) {
      const line = lines[y] ?? '';
      if (this.shown[y] !== line)
        out += `\u001b[${y + 1};1H${line}\u001b[0m${this.fills(line) ? '' : '\u001b[K'}`;
    }
    this.shown = lines;
    if (out !== '') process.stdout.write(`\u001b[?2026h${out}\u001b[?2026l`);
  }

  /** Clearing behind a full line would take its last cell: the cursor stays on it. */
  private fills(line: string): boolean {
    return width(line.replace(/\u001b\[[\d;]*m/g, '')) >= this.columns;
  }

  private readonly input = (text: string): void => this.onInput(text);

  private readonly resized = (): void => {
    this.columns = process.stdout.columns || 80;
    this.rows = process.stdout.rows || 24;
    this.shown = [];
    this.stale = true;
    this.emit('resize');
  };

  private readonly signalled = (signal: NodeJS.Signals): void =>
    this.onSignal(EXIT_CODES[signal as keyof typeof EXIT_CODES]);

  private readonly enter = (): void => {
    this.active = true;
    this.shown = [];
    process.stdin.setRawMode?.(true);
    process.stdin.resume();
    process.stdout.write(ENTER);
    this.flush();
  };

  /** Synchronously: what is buffered when a process exits is lost. */
  private readonly leave = (): void => {
    if (!this.active) return;
    this.active = false;
    process.stdin.setRawMode?.(false);
    try {
      writeSync(1, LEAVE);
    } catch {
      // The terminal is gone; there is nothing to restore.
    }
  };
}
