import { type Bundle, type Piece, reservedRole } from '../../../../shared/mesos/bundle.ts';
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

/** What is reserved, by role: each once, in the order in which it is met. */
export function reservedByRole(bundle: Bundle): ReadonlyMap<string, Bundle> {
  const found = new Map<string, Piece[]>();
  for (const piece of bundle) {
    const role = reservedRole(piece);
    if (role !== undefined) found.set(role, [...(found.get(role) ?? []), piece]);
  }
  return found;
}

export function unreserved(bundle: Bundle): Bundle {
  return bundle.filter((piece) => reservedRole(piece) === undefined);
}
