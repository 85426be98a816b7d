import type { AgentClock } from './parts.ts';
import type { MasterLink } from './master-link.ts';
import type { AgentState } from './state.ts';

/** Mesos's STATUS_UPDATE_RETRY_INTERVAL_MIN and MAX. */
const RETRY_MS_MIN = 10_000;
const RETRY_MS_MAX = 600_000;

/** One update per task is on its way; the next follows its acknowledgement. Repeated after 10 s, 20 s, … 10 min, and at once after a new subscription. */
export class StatusSender {
  private readonly state: AgentState;
  private readonly link: MasterLink;
  private readonly clock: AgentClock;
  private connected = false;
  private readonly waits = new Map<string, number>();
  private readonly timers = new Map<string, () => void>();

  constructor(state: AgentState, link: MasterLink, clock: AgentClock) {
    this.state = state;
    this.link = link;
    this.clock = clock;
  }

  /** Subscribed: everything that is unacknowledged goes out again. */
  up(): void {
    this.connected = true;
    for (const id of this.state.tasks.keys()) {
      this.rest(id);
      this.send(id);
    }
  }

  down(): void {
    this.connected = false;
    for (const id of this.timers.keys()) this.rest(id);
  }

  /** There is something new about a task; it goes out unless an earlier update is still on its way. */
  send(id: string): void {
    if (this.connected && !this.timers.has(id)) this.transmit(id);
  }

  /** @returns false: it is not the one that is on its way. */
  acknowledge(id: string, uuid: string): boolean {
    if (this.state.tasks.get(id)?.pending[0]?.uuid !== uuid) return false;
    this.state.acknowledge(id, uuid);
    this.rest(id);
    this.send(id);
    return true;
  }

  close(): void {
    for (const id of this.timers.keys()) this.rest(id);
  }

  private transmit(id: string): void {
    const held = this.state.tasks.get(id);
    const status = held?.pending[0];
    if (!held || !status || this.state.agentId === undefined) return;
    const latest = held.status.state === status.state ? {} : { latest_state: held.status.state };
    this.link.send({
      type: 'UPDATE',
      agent_id: { value: this.state.agentId },
      update: { framework_id: { value: held.framework }, status, ...latest },
    });
    const waitMs = this.waits.get(id) ?? RETRY_MS_MIN;
    this.waits.set(id, Math.min(waitMs * 2, RETRY_MS_MAX));
    this.timers.set(
      id,
      this.clock.at(this.clock.now() + waitMs, () => {
        this.timers.delete(id);
        this.send(id);
      }),
    );
  }

  private rest(id: string): void {
    this.timers.get(id)?.();
    this.timers.delete(id);
    this.waits.delete(id);
  }
}
