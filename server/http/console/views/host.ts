import type { HostView } from '../../../../shared/api/views.ts';
import type { Attribute } from '../../../../shared/mesos/v1.ts';
import { EMPTY, add } from '../../../../shared/mesos/bundle.ts';
import { flatOf } from '../../../../shared/mesos/bundle-format.ts';
import type { MasterAgent } from '../../../master/entities.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { iso } from './times.ts';

export function hostViews(master: MasterWorld): HostView[] {
  return [...master.agents.values()].map(hostView).sort((a, b) => (a.host < b.host ? -1 : 1));
}

export function hostView(agent: MasterAgent): HostView {
  const running = [...agent.tasks.values()].filter((task) => !task.released);
  const used = flatOf(running.map((task) => task.resources).reduce(add, EMPTY));
  const total = flatOf(agent.total);
  return {
    agent: agent.id,
    host: agent.info.hostname,
    state: agent.state === 'unreachable' ? 'UNREACHABLE' : agent.connection === null ? 'DISCONNECTED' : 'UP',
    containerizer: agent.info.containerizer,
    since: iso(agent.sinceMs),
    tasks: running.length,
    cpus: { total: total.cpusMilli / 1000, used: used.cpusMilli / 1000 },
    ramMb: { total: total.memMb, used: used.memMb },
    diskMb: { total: total.diskMb, used: used.diskMb },
    attributes: attributeTexts(agent.info.attributes),
    offers: agent.offers.length,
  };
}

export function attributeTexts(attributes: readonly Attribute[]): HostView['attributes'] {
  return Object.fromEntries(attributes.map((attribute) => [attribute.name, attributeText(attribute)]));
}

function attributeText(attribute: Attribute): string {
  const ranges = attribute.ranges?.range?.map(({ begin, end }) => `${begin}-${end}`).join(',');
  return (
    attribute.text?.value ?? attribute.set?.item?.join(',') ?? ranges ?? String(attribute.scalar?.value ?? '')
  );
}
