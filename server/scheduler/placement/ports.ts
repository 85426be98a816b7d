import type { PortRange } from '../../../shared/resources.ts';
import { countPorts, subtractPorts } from '../../../shared/resources.ts';
import type { Random } from '../../random.ts';
import type { AgentSlot } from './placement.ts';

/** Picks ports at random from what an agent offers (as Aurora does: a port just given up is rarely taken again at once). */
export class PortPicker {
  private readonly random: Random;
  private readonly left = new Map<AgentSlot, readonly PortRange[]>();

  constructor(random: Random) {
    this.random = random;
  }

  /** One port per name; the agent is known to have enough. */
  take(slot: AgentSlot, names: readonly string[]): Readonly<Record<string, number>> {
    if (names.length === 0) return NO_PORTS;
    let ranges = this.left.get(slot) ?? slot.free.ports;
    const taken: Record<string, number> = {};
    for (const name of names) {
      const port = nth(ranges, this.random.stream('ports').below(countPorts(ranges)));
      taken[name] = port;
      ranges = subtractPorts(ranges, [[port, port]]);
    }
    this.left.set(slot, ranges);
    return taken;
  }
}

const NO_PORTS: Readonly<Record<string, number>> = {};

function nth(ranges: readonly PortRange[], index: number): number {
  let left = index;
  for (const [begin, end] of ranges) {
    const size = end - begin + 1;
    if (left < size) return begin + left;
    left -= size;
  }
  throw new Error('no port is left where one was counted');
}
