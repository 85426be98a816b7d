import { never } from '../../shared/errors.ts';
import { admitFreed } from './allocation-interval.ts';
import { agentCall, agentClosed } from './agents.ts';
import { allocate } from './allocator/allocate.ts';
import type { MasterEnv, MasterFact, MasterOutcome } from './facts.ts';
import { frameworkCall, frameworkClosed } from './frameworks.ts';
import { sendInverseOffers } from './inverse-offers.ts';
import { settleDrains } from './operator/drain.ts';
import { timeOutOffers, watchOffers } from './offer-timeout.ts';
import { operatorCall } from './operator/perform.ts';
import { fireTimers } from './timers.ts';
import { MasterTx } from './tx.ts';
import type { MasterWorld } from './world.ts';

/** The master: one fact in, registry writes and messages out; synchronous, without I/O, clock or chance of its own. */
export function decide(world: MasterWorld, fact: MasterFact, env: MasterEnv): MasterOutcome {
  const tx = new MasterTx(world, env);
  switch (fact.kind) {
    case 'agent-call':
      agentCall(tx, fact);
      break;
    case 'agent-closed':
      agentClosed(tx, fact.connection);
      break;
    case 'framework-call':
      frameworkCall(tx, fact);
      break;
    case 'framework-closed':
      frameworkClosed(tx, fact.connection);
      break;
    case 'operator-call':
      tx.effects.push({
        kind: 'call-answer',
        request: fact.request,
        answer: operatorCall(tx, fact.call, fact.principal),
      });
      break;
    case 'whitelist':
      world.whitelist = fact.hostnames;
      world.allDirty = true;
      break;
    case 'time':
      fireTimers(tx);
      break;
    case 'settle':
      settleDrains(tx);
      timeOutOffers(tx);
      admitFreed(tx);
      allocate(tx);
      watchOffers(tx);
      sendInverseOffers(tx);
      break;
    default:
      never(fact);
  }
  return { writes: tx.writes, effects: tx.effects };
}
