import type { Handlers } from '../call.ts';
import type { ConsoleContext } from '../context.ts';
import { clusterView } from '../views/cluster.ts';

export function clusterHandlers(context: ConsoleContext): Pick<Handlers, 'cluster.info' | 'host.list'> {
  return {
    'cluster.info': async () => {
      await context.fleet.refresh();
      return clusterView(context);
    },
    'host.list': async () => {
      await context.fleet.refresh();
      return { hosts: context.fleet.hosts() };
    },
  };
}
