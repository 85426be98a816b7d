import type { Call } from '../../shared/mesos/scheduler.ts';
import type { FrameworkInfo } from '../../shared/mesos/v1.ts';

/** As whom the scheduler comes to a master that is not its own. */
export interface FrameworkIdentity {
  /** Resources of this role, and unreserved ones, are offered to us. */
  readonly role: string;
  /** The user that tasks run as on the agents unless they say otherwise. */
  readonly user: string;
  readonly name: string;
  /** With authentication, the principal that the secret is of. */
  readonly principal: string | undefined;
}

/** SUBSCRIBE under that identity; what the scheduler asks for besides (id, failover timeout, capabilities) stays. */
export function withIdentity(
  call: Extract<Call, { type: 'SUBSCRIBE' }>,
  { role, user, name, principal }: FrameworkIdentity,
): Call {
  const info: FrameworkInfo = {
    ...call.subscribe.framework_info,
    user,
    name,
    roles: [role],
    ...(principal === undefined ? {} : { principal }),
  };
  const { suppressed_roles: suppressed = [] } = call.subscribe;
  return {
    ...call,
    subscribe: {
      ...call.subscribe,
      framework_info: info,
      // There is one role: it is suppressed or it is not.
      ...(suppressed.length === 0 ? {} : { suppressed_roles: [role] }),
    },
  };
}

/** `Authorization: Basic …` of a principal and its secret. */
export function basicAuthorization(principal: string, secret: string): string {
  return `Basic ${Buffer.from(`${principal}:${secret}`).toString('base64')}`;
}
