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
}

/**
 * The calls of one subscription, one after the other: Mesos applies them in the order in which they arrive. When one's outcome is unknown the whole
 * subscription ends, because subscribing anew is what brings offers, updates and tasks back into step.
 */
export class CallQueue {
  private readonly options: CallQueueOptions;
  private waiting: Call[] = [];
  private running = false;
  private ended = false;

  constructor(options: CallQueueOptions) {
    this.options = options;
  }

  push(call: Call): void {
    if (this.ended) return;
    this.waiting.push(call);
    if (!this.running) void this.run();
  }

  /** What waits is dropped. */
  end(): void {
    this.ended = true;
    this.waiting = [];
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      for (const call of batch) {
        if (this.ended) return;
        await this.deliver(call);
      }
    }
    this.running = false;
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
