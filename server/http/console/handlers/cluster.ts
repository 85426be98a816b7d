import type { Handlers } from '../call.ts';
import type { ConsoleContext } from '../context.ts';
import { clusterView } from '../views/cluster.ts';

export function clusterHandlers(context: ConsoleContext): Pick<Handlers, 'cluster.info' | 'host.list'> {
  return {
    'cluster.info': () => clusterView(context),
    'host.list': () => ({ hosts: context.fleet.hosts() }),
  };
}
