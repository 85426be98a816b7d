import { type Bundle, EMPTY, add } from '../../../../shared/mesos/bundle.ts';
import type { CompletedFramework } from '../../../master/completed.ts';
import type { MasterExecutor, MasterFramework } from '../../../master/entities.ts';
import type { MasterWorld } from '../../../master/world.ts';
import { offeredOf, together, usedOfFramework, type usedByAll } from '../operator/holdings.ts';
import { double, labelsModel, message, seconds, type Value } from '../../../libprocess/json.ts';
import { resourcesModel } from '../../../libprocess/models.ts';

import { executorModel } from './task.ts';

type Members = Readonly<Record<string, Value | undefined>>;

/** What of a framework is shown around its tasks. */
export interface FrameworkModel {
  readonly summary: Members;
  /** What follows the summary, before the lists of tasks. */
  readonly before: Members;
  /** What follows them. */
  readonly after: Members;
}

export function frameworkModel(
  world: MasterWorld,
  framework: MasterFramework,
  executors: readonly MasterExecutor[],
  usedAll: ReturnType<typeof usedByAll>,
): FrameworkModel {
  const isHere = framework.connection !== null;
  const used = together(usedOfFramework(world, framework, usedAll));
  const offered = together(offeredOf(world, framework));
  return {
    summary: summary(framework, used, offered, { isHere, isRecovered: framework.registeredAtMs === null }),
    before: before(framework, add(used, offered), 0),
    after: {
      offers: framework.offers.map(offerModel),
      executors: executors.map(executorModel),
      labels: labelsModel(framework.info.labels),
      offer_constraints: message(
        'mesos.v1.scheduler.OfferConstraints',
        framework.offerConstraints?.given ?? {},
      ),
    },
  };
}

export function completedFrameworkModel(framework: CompletedFramework): FrameworkModel {
  return {
    summary: summary(framework, EMPTY, EMPTY, { isHere: false, isRecovered: false }),
    before: before(framework, EMPTY, framework.unregisteredAtMs),
    after: {
      offers: [],
      executors: [],
      labels: labelsModel(framework.info.labels),
      offer_constraints: {},
    },
  };
}

function summary(
  { id, info }: Pick<MasterFramework, 'id' | 'info'>,
  used: Bundle,
  offered: Bundle,
  { isHere, isRecovered }: { isHere: boolean; isRecovered: boolean },
): Members {
  return {
    id,
    name: info.name,
    used_resources: resourcesModel(used),
    offered_resources: resourcesModel(offered),
    capabilities: (info.capabilities ?? []).map(({ type }) => type),
    hostname: info.hostname ?? '',
    webui_url: info.webui_url ?? '',
    active: isHere,
    connected: isHere,
    recovered: isRecovered,
  };
}

function before(
  {
    info,
    registeredAtMs,
    reregisteredAtMs,
  }: Pick<MasterFramework, 'info' | 'registeredAtMs' | 'reregisteredAtMs'>,
  resources: Bundle,
  unregisteredAtMs: number,
): Members {
  const isMultiRole = info.capabilities?.some(({ type }) => type === 'MULTI_ROLE') ?? false;
  return {
    user: info.user,
    failover_timeout: double(info.failover_timeout ?? 0),
    checkpoint: info.checkpoint ?? false,
    registered_time: seconds(registeredAtMs ?? 0),
    unregistered_time: seconds(unregisteredAtMs),
    principal: info.principal,
    resources: resourcesModel(resources),
    reregistered_time: reregisteredAtMs === null ? undefined : seconds(reregisteredAtMs),
    ...(isMultiRole ? { roles: info.roles ?? [] } : { role: info.role ?? '*' }),
  };
}

function offerModel({
  id,
  framework,
  role,
  agent,
  resources,
}: {
  readonly id: string;
  readonly framework: string;
  readonly role: string;
  readonly agent: string;
  readonly resources: Bundle;
}): Value {
  return {
    id,
    framework_id: framework,
    allocation_info: { role },
    slave_id: agent,
    resources: resourcesModel(resources),
  };
}
