import type { Containerizer } from './containerizer.ts';

/** Ended tasks whose container and sandbox stay, so that their logs can be read. */
const KEPT_MAX = 50;
const KEPT_MS = 3_600_000;

/** Tasks that are over and acknowledged: the newest are kept for a while, then their containers and sandboxes are removed. */
export class EndedTasks {
  private readonly kept: { readonly id: string; readonly atMs: number }[] = [];
  private readonly containerizer: Containerizer;
  private readonly log: (message: string, detail: Readonly<Record<string, unknown>>) => void;

  constructor(
    containerizer: Containerizer,
    log: (message: string, detail: Readonly<Record<string, unknown>>) => void,
  ) {
    this.containerizer = containerizer;
    this.log = log;
  }

  get ids(): string[] {
    return this.kept.map(({ id }) => id);
  }

  add(id: string, nowMs: number): void {
    this.kept.push({ id, atMs: nowMs });
    while (this.kept.length > KEPT_MAX || (this.kept[0] && nowMs - this.kept[0].atMs > KEPT_MS)) {
      const oldest = this.kept.shift();
      if (oldest) void this.remove(oldest.id);
    }
  }

  private async remove(id: string): Promise<void> {
    try {
      await this.containerizer.remove(id);
    } catch (error) {
      this.log('could not remove an ended task', { task: id, error: String(error) });
    }
  }
}
