/** Who plays a recorded exchange that is not one of a scheduler's or an operator's with a master over time. */
import { askAgent } from './agent/asked.ts';
import { playExecutors } from './agent/executors.ts';
import { compareExactly } from './operator/exact.ts';
import type { Exchange, Outcome } from './recorded.ts';

export interface Player {
  takes(exchange: Exchange): boolean;
  play(exchanges: readonly Exchange[]): Promise<Outcome[]>;
}

export const PLAYERS: readonly Player[] = [
  {
    takes: ({ folder, name }) => folder === '12-agent' || name === '09-http-errors/78-agent-scheduler',
    play: askAgent,
  },
  {
    takes: ({ name }) => name.startsWith('13-executor/ex') || name === '09-http-errors/79-agent-executor-get',
    play: playExecutors,
  },
  { takes: ({ folder }) => folder === '11-legacy', play: compareExactly },
];
