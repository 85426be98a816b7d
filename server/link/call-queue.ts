import type { Call } from '../../shared/mesos/scheduler.ts';
import { meaningOf } from './answer.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface CallQueueOptions {
  post(call: Call): Promise<Answer>;
  /** A call that the master does not want. */
  refused(call: Call, answer: Answer): void;
  /** The subscription is of no use any more. */
  broken(why: string): void;
  /** So many calls wait for their answers at the same time. */
  readonly inFlightMax: number;
}

interface Waiting {
  readonly call: Call;
  readonly topics: readonly string[] | null;
  /** Calls before it that it must not overtake and that are not answered yet. */
  ahead: number;
  readonly behind: Waiting[];
}

/**
 * The calls of one subscription. Those about different tasks and offers go out side by side; what is about the same task or offer, and whatever is about all of
 * them, goes in the order in which it was said. When one's outcome is unknown the whole subscription ends, because subscribing anew is what brings offers,
 * updates and tasks back into step.
 */
export class CallQueue {
  private readonly options: CallQueueOptions;
  private readonly ready: Waiting[] = [];
  private readonly open = new Set<Waiting>();
  /** The latest open call about a task or an offer, and about everything. */
  private readonly latest = new Map<string, Waiting>();
  private latestOfAll: Waiting | undefined;
  private inFlight = 0;
  private ended = false;

  constructor(options: CallQueueOptions) {
    this.options = options;
  }

  push(call: Call): void {
    if (this.ended) return;
    const waiting: Waiting = { call, topics: topicsOf(call), ahead: 0, behind: [] };
    for (const before of this.before(waiting)) {
      before.behind.push(waiting);
      waiting.ahead += 1;
    }
    this.open.add(waiting);
    if (waiting.topics === null) this.latestOfAll = waiting;
    else for (const topic of waiting.topics) this.latest.set(topic, waiting);
    if (waiting.ahead === 0) this.ready.push(waiting);
    this.pump();
  }

  /** What waits is dropped. */
  end(): void {
    this.ended = true;
    this.ready.length = 0;
    this.open.clear();
    this.latest.clear();
  }

  private before({ topics }: Waiting): Set<Waiting> {
    if (topics === null) return new Set(this.open);
    const before = new Set(topics.flatMap((topic) => this.latest.get(topic) ?? []));
    if (this.latestOfAll) before.add(this.latestOfAll);
    return before;
  }

  private pump(): void {
    while (this.inFlight < this.options.inFlightMax) {
      const next = this.ready.shift();
      if (!next) return;
      this.inFlight += 1;
      void this.deliver(next.call).then(() => this.answered(next));
    }
  }

  private answered(waiting: Waiting): void {
    if (this.ended) return;
    this.inFlight -= 1;
    this.open.delete(waiting);
    if (this.latestOfAll === waiting) this.latestOfAll = undefined;
    for (const topic of waiting.topics ?? [])
      if (this.latest.get(topic) === waiting) this.latest.delete(topic);
    for (const next of waiting.behind) if ((next.ahead -= 1) === 0) this.ready.push(next);
    this.pump();
  }

  private async deliver(call: Call): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.options.post(call);
    } catch (error) {
      if (!this.ended) this.options.broken(`${call.type} was not answered: ${(error as Error).message}`);
      return;
    }
    if (this.ended) return;
    const meaning = meaningOf(answer.status, answer.text);
    if (meaning === 'refused') this.options.refused(call, answer);
    else if (meaning === 'resubscribe')
      this.options.broken(`${call.type} was answered ${answer.status} ${answer.text}`.trim());
  }
}

/** Which tasks and offers a call is about; null: about more than it names, so that nothing may pass it in either direction. */
function topicsOf(call: Call): readonly string[] | null {
  switch (call.type) {
    case 'ACCEPT':
      return [
        ...(call.accept.offer_ids ?? []).map(({ value }) => `offer ${value}`),
        ...(call.accept.operations ?? []).flatMap((operation) =>
          operation.type === 'LAUNCH'
            ? (operation.launch?.task_infos ?? []).map(({ task_id: id }) => `task ${id.value}`)
            : [],
        ),
      ];
    case 'DECLINE':
      return (call.decline.offer_ids ?? []).map(({ value }) => `offer ${value}`);
    case 'KILL':
      return [`task ${call.kill.task_id.value}`];
    case 'ACKNOWLEDGE':
      return [`task ${call.acknowledge.task_id.value}`];
    default:
      return null;
  }
}
