import type { Containerizer } from './containerizer.ts';
import type { Preparation } from './prepare.ts';
import type { AgentState, HeldTask } from './state.ts';

/** Ended tasks whose container and sandbox stay, so that their logs can be read. */
const KEPT_MAX = 50;
const KEPT_MS = 3_600_000;

/** Tasks that are over and acknowledged: the newest are kept for a while, then their containers and sandboxes are removed. */
export class EndedTasks {
  private readonly state: AgentState;
  private readonly containerizer: Containerizer;
  private readonly preparation: Preparation | undefined;
  private readonly log: (message: string, detail: Readonly<Record<string, unknown>>) => void;

  constructor(
    state: AgentState,
    containerizer: Containerizer,
    preparation: Preparation | undefined,
    log: (message: string, detail: Readonly<Record<string, unknown>>) => void,
  ) {
    this.state = state;
    this.containerizer = containerizer;
    this.preparation = preparation;
    this.log = log;
  }

  /** Makes room; asked after each end. */
  trim(nowMs: number): void {
    const { ended } = this.state;
    while (ended.length > KEPT_MAX || (ended[0] && nowMs - endOf(ended[0]) > KEPT_MS)) {
      const { container } = ended[0]!;
      this.state.dropEnded();
      void this.remove(container);
    }
  }

  /** Unless another task is, or was, in the same container: those of one executor are. */
  async remove(container: string): Promise<void> {
    const { tasks, executors, ended, alone } = this.state;
    const users = [...tasks.values(), ...executors.values(), ...ended];
    if (alone.has(container) || users.some((held) => held.container === container)) return;
    try {
      await this.containerizer.remove(container);
      this.preparation?.remove(container);
    } catch (error) {
      this.log('could not remove an ended container', { container, error: String(error) });
    }
  }

  /** Everything has ended, and nobody will come for it. */
  async removeAll(): Promise<void> {
    const { tasks, ended, alone } = this.state;
    const containers = [...ended, ...tasks.values()].map(({ container }) => container);
    for (const id of [...containers, ...alone.keys()]) {
      await this.containerizer.remove(id);
      this.preparation?.remove(id);
    }
  }
}

function endOf({ status }: HeldTask): number {
  return (status.timestamp ?? 0) * 1000;
}
