import { execFileSync, spawnSync } from 'node:child_process';
import { until } from './dawn.ts';

export const noTmux: string | null = spawnSync('tmux', ['-V']).status === 0 ? null : 'tmux is not installed';

/** A terminal that a test drives as a person would: keys in, the screen out. A tmux server of its own, so that nobody's settings matter. */
export class Terminal {
  private readonly server: string;

  constructor(
    name: string,
    command: string,
    columns: number,
    rows: number,
    env: Readonly<Record<string, string>>,
  ) {
    this.server = `dawn-${process.pid}-${name}`;
    const words = Object.entries({ TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env }).map(
      ([key, value]) => `${key}=${value}`,
    );
    const shell = `env -u CI -u NO_COLOR ${words.join(' ')} ${command}; echo "ended with $?"; sleep 1000`;
    this.tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-s',
      'a',
      '-x',
      String(columns),
      '-y',
      String(rows),
      shell,
    );
    this.tmux('set', '-s', 'escape-time', '0');
  }

  /** Keys by tmux's names (`Enter`, `Escape`, `x`). */
  keys(...keys: readonly string[]): void {
    this.tmux('send-keys', '-t', 'a', ...keys);
  }

  /** Text as it is. */
  type(text: string): void {
    this.tmux('send-keys', '-t', 'a', '-l', text);
  }

  resize(columns: number, rows: number): void {
    this.tmux('resize-window', '-t', 'a', '-x', String(columns), '-y', String(rows));
  }

  screen(): string[] {
    return this.tmux('capture-pane', '-p', '-t', 'a').replace(/\n$/, '').split('\n');
  }

  /** Waits until the text stands on the screen; gives the screen. */
  see(text: string | RegExp, limitMs = 20_000): Promise<string[]> {
    const matches = (screen: readonly string[]): boolean =>
      typeof text === 'string' ? screen.join('\n').includes(text) : text.test(screen.join('\n'));
    return until(`${String(text)} on the screen`, () => this.screen(), matches, limitMs);
  }

  close(): void {
    spawnSync('tmux', ['-L', this.server, 'kill-server']);
  }

  private tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.server, ...args], { encoding: 'utf8' });
  }
}
