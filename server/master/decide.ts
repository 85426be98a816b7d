import { never } from '../../shared/errors.ts';
import { agentCall, agentClosed } from './agents.ts';
import { allocate } from './allocate.ts';
import type { MasterEnv, MasterFact, MasterOutcome } from './facts.ts';
import { frameworkCall, frameworkClosed } from './frameworks.ts';
import { fireTimers } from './timers.ts';
import { MasterTx } from './tx.ts';
import type { MasterWorld } from './world.ts';

/** The master: one fact in, registry writes and messages out; synchronous, without I/O, clock or chance of its own. */
export function decide(world: MasterWorld, fact: MasterFact, env: MasterEnv): MasterOutcome {
  const tx = new MasterTx(world, env);
  switch (fact.kind) {
    case 'agent-call':
      agentCall(tx, fact.connection, fact.call);
      break;
    case 'agent-closed':
      agentClosed(tx, fact.connection);
      break;
    case 'framework-call':
      frameworkCall(tx, fact.connection, fact.call);
      break;
    case 'framework-closed':
      frameworkClosed(tx, fact.connection);
      break;
    case 'time':
      fireTimers(tx);
      break;
    case 'settle':
      allocate(tx);
      break;
    default:
      never(fact);
  }
  return { writes: tx.writes, effects: tx.effects };
}
