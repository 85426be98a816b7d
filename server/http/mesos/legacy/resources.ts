import type { Bundle } from '../../../../shared/mesos/bundle.ts';
import type { MesosResource } from '../../../../shared/mesos/v1.ts';
import { message, type Raw, type Value } from '../../../libprocess/json.ts';
import { doubles } from '../../../libprocess/models.ts';
import { amountsOf } from '../operator/roles.ts';

/** `{"cpus":4.0,"ports":1001.0}`: what there is of it, and how many of what is counted. */
export function amountsModel(bundle: Bundle): Value {
  return doubles(amountsOf(bundle));
}

export function resourceList(resources: readonly MesosResource[]): readonly Raw[] {
  return resources.map((resource) => message('mesos.v1.Resource', resource));
}
