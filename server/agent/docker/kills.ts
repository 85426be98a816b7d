import type Docker from 'dockerode';
import type { ContainerizerHost } from '../containerizer.ts';
import { sentence, statusOf } from './engine.ts';
import type { Entry } from './entry.ts';

const RETRY_MS = 2_000;

/** Ends containers: SIGTERM, and SIGKILL when their time is up. */
export class Kills {
  private readonly docker: Docker;
  private readonly host: Pick<ContainerizerHost, 'log'>;
  private readonly onGone: (entry: Entry) => void;

  /** @param onGone the engine says that it does not run */
  constructor(docker: Docker, host: Pick<ContainerizerHost, 'log'>, onGone: (entry: Entry) => void) {
    this.docker = docker;
    this.host = host;
    this.onGone = onGone;
  }

  /** Repeating it is harmless; a shorter grace shortens. One that has not started yet is only marked. */
  kill(entry: Entry, graceMs: number): void {
    if (entry.over) return;
    entry.ending?.abort();
    const atMs = performance.now() + graceMs;
    if (entry.killAtMs !== undefined && entry.killAtMs <= atMs) return;
    const first = !entry.killed;
    entry.killed = true;
    entry.killAtMs = atMs;
    entry.cancelKill?.();
    if (!entry.started) return;
    if (first && graceMs > 0) void this.signal(entry, 'SIGTERM');
    const timer = setTimeout(() => void this.signal(entry, 'SIGKILL'), graceMs);
    entry.cancelKill = () => clearTimeout(timer);
  }

  /** It was marked before it started, and has started now. */
  started(entry: Entry): void {
    if (!entry.killed) return;
    const graceMs = Math.max(0, (entry.killAtMs ?? 0) - performance.now());
    delete entry.killAtMs;
    entry.killed = false;
    this.kill(entry, graceMs);
  }

  private async signal(entry: Entry, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (entry.over) return;
    try {
      await this.docker.getContainer(entry.name).kill({ signal });
    } catch (error) {
      // Gone, or not running: what a kill wants. Anything else is tried again.
      if (statusOf(error) === 404 || statusOf(error) === 409 || statusOf(error) === 304)
        return this.onGone(entry);
      const container = entry.run.id;
      this.host.log('a kill was not answered', { container, signal, error: sentence(error) });
      setTimeout(() => void this.signal(entry, signal), RETRY_MS).unref();
    }
  }
}
