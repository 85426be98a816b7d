import type { Handlers } from '../call.ts';
import type { ConsoleContext } from '../context.ts';
import { clusterView } from '../views/cluster.ts';
import { hostViews } from '../views/host.ts';

export function clusterHandlers(context: ConsoleContext): Pick<Handlers, 'cluster.info' | 'host.list'> {
  return {
    'cluster.info': () => clusterView(context),
    'host.list': () => ({ hosts: context.master ? hostViews(context.master) : [] }),
  };
}
