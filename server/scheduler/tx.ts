import type { Call } from '../../shared/mesos/scheduler.ts';
import type { Env } from './facts.ts';
import type { Write } from './rows.ts';
import type { World } from './world.ts';
import { apply } from './world.ts';

/**
 * One decision in the making: writes take effect in the world at once, so that the next step of the same decision sees them, and are
 * collected for the journal; calls are collected and leave after the commit.
 */
export class Tx {
  readonly writes: Write[] = [];
  readonly calls: Call[] = [];
  readonly world: World;
  readonly env: Env;

  constructor(world: World, env: Env) {
    this.world = world;
    this.env = env;
  }

  get now(): number {
    return this.env.now;
  }

  write(write: Write): void {
    apply(this.world, write);
    this.writes.push(write);
  }

  call(call: Call): void {
    this.calls.push(call);
  }
}
