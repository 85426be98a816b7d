import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { httpLink } from '../../../server/link/http.ts';
import type { HttpLinkOptions } from '../../../server/link/http.ts';
import type { Link } from '../../../server/link/link.ts';
import { seededRandom } from '../../../server/random.ts';
import { subscribeCall } from '../../../server/scheduler/framework.ts';
import type { FrameworkId } from '../../../shared/ids.ts';
import type { Event } from '../../../shared/mesos/scheduler.ts';

/** Waits of seconds take milliseconds. */
const SPEED = 200;

export const fastClock = {
  now: (): number => Math.round(performance.now() * SPEED),
  at(atMs: number, run: () => void): () => void {
    const timer = setTimeout(run, Math.max(0, atMs - this.now()) / SPEED);
    return () => clearTimeout(timer);
  },
};

/** A link with, in place of the scheduler, one that subscribes whenever it may and remembers its id. */
export class LinkFixture {
  readonly link: Link;
  readonly happened: string[] = [];
  readonly events: Event[] = [];
  readonly logged: string[] = [];
  framework: FrameworkId | null = null;
  private readonly random = seededRandom('link').stream('link');

  constructor(masters: readonly URL[], options: Partial<HttpLinkOptions> = {}) {
    this.link = httpLink(
      {
        masters,
        identity: { role: 'web', user: 'nobody', name: 'Dawn', principal: undefined },
        secret: undefined,
        mediaType: 'application/json',
        clock: fastClock,
        fraction: () => this.random.fraction(),
        log: (message, detail) => void this.logged.push(`${message} ${JSON.stringify(detail ?? {})}`),
        ...options,
      },
      {
        link: (up) => {
          this.happened.push(up ? 'up' : 'down');
          if (up) this.link.send([subscribeCall(this.framework, true)]);
        },
        event: (event) => {
          this.happened.push(event.type);
          this.events.push(event);
          if (event.type === 'SUBSCRIBED')
            this.framework = event.subscribed.framework_id.value as FrameworkId;
        },
      },
    );
    this.link.start();
  }

  async until(what: () => boolean, why = what.toString()): Promise<void> {
    for (let tries = 0; !what(); tries++) {
      if (tries > 1000)
        throw new Error(`waited in vain for ${why}: ${this.happened.join(' ')}\n${this.logged.join('\n')}`);
      await sleep(3);
    }
  }
}

/** What a real master sent on one stream. */
export function recorded(name: string): Event[] {
  const file = new URL(`../../../fixtures/mesos/link/${name}.jsonl`, import.meta.url);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}
