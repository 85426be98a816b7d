import type { HostView } from '../../../../shared/api/views.ts';
import type { Attribute } from '../../../../shared/mesos/v1.ts';
import { NO_RESOURCES, addResources } from '../../../../shared/resources.ts';
import type { MasterAgent, MasterWorld } from '../../../master/world.ts';
import { iso } from './times.ts';

export function hostViews(master: MasterWorld): HostView[] {
  return [...master.agents.values()].map(hostView).sort((a, b) => (a.host < b.host ? -1 : 1));
}

export function hostView(agent: MasterAgent): HostView {
  const running = [...agent.tasks.values()].filter((task) => !task.released);
  const used = running.map((task) => task.resources).reduce(addResources, NO_RESOURCES);
  const { total } = agent;
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
    attributes: Object.fromEntries(
      agent.info.attributes.map((attribute) => [attribute.name, attributeText(attribute)]),
    ),
    offers: agent.offers.size,
  };
}

function attributeText(attribute: Attribute): string {
  return attribute.text?.value ?? attribute.set?.item.join(',') ?? String(attribute.scalar?.value ?? '');
}
