import type { AgentEvent } from '../../shared/mesos/agent.ts';
import type { Event } from '../../shared/mesos/scheduler.ts';
import type { MasterEffect, MasterEnv, MasterWrite, OperatorNews } from './facts.ts';
import type { MasterAgent, MasterFramework } from './entities.ts';
import type { MasterWorld } from './world.ts';
import { apply } from './world.ts';

/** One decision of the master in the making: registry writes take effect at once, effects are collected and leave after the commit. */
export class MasterTx {
  readonly writes: MasterWrite[] = [];
  readonly effects: MasterEffect[] = [];
  readonly world: MasterWorld;
  readonly env: MasterEnv;

  constructor(world: MasterWorld, env: MasterEnv) {
    this.world = world;
    this.env = env;
  }

  get now(): number {
    return this.env.now;
  }

  write(write: MasterWrite): void {
    apply(this.world, write);
    this.writes.push(write);
  }

  /** To an agent if it is connected; what it misses it learns when it comes back. */
  toAgent(agent: MasterAgent, event: AgentEvent): void {
    if (agent.connection !== null)
      this.effects.push({ kind: 'agent-event', connection: agent.connection, event });
  }

  /** To everybody who watches. */
  toOperators(news: OperatorNews): void {
    this.effects.push({ kind: 'operator-event', news });
  }

  /** To a framework if it is subscribed; events to one that is away are dropped, as Mesos does. */
  toFramework(framework: MasterFramework | undefined, event: Event): void {
    if (framework?.connection != null)
      this.effects.push({ kind: 'framework-event', connection: framework.connection, event });
  }
}
