import { never } from '../../shared/errors.ts';
import type { Env, Fact, Outcome } from './facts.ts';
import { handleCommand } from './job/commands.ts';
import { handleEvent, handleLink } from './task/events.ts';
import { fireTimers } from './task/timers.ts';
import { settleOffers } from './placement/offering.ts';
import { placePending } from './placement/pass.ts';
import { Tx } from './tx.ts';
import { advanceUpdates } from './update/advance.ts';
import type { World } from './world.ts';

/**
 * The scheduler: one fact in, one outcome out; synchronous, without I/O, clock or chance of its own. The world is changed only through the
 * writes it returns (already applied).
 */
export function decide(world: World, fact: Fact, env: Env): Outcome {
  const tx = new Tx(world, env);
  switch (fact.kind) {
    case 'command':
      return { reply: handleCommand(tx, fact.command, fact.actor), writes: tx.writes, calls: tx.calls };
    case 'event':
      handleEvent(tx, fact.event);
      break;
    case 'link':
      handleLink(tx, fact.up);
      break;
    case 'time':
      fireTimers(tx);
      break;
    case 'settle':
      advanceUpdates(tx);
      placePending(tx);
      settleOffers(tx);
      break;
    default:
      never(fact);
  }
  return { reply: null, writes: tx.writes, calls: tx.calls };
}
