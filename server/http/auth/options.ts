import { DawnError } from '../../../shared/errors.ts';
import type { Authentication } from './authenticate.ts';
import { readCredentials } from './credentials.ts';
import type { Realm } from './realms.ts';

export interface AuthenticationFlags {
  readonly authenticate_agents: boolean;
  readonly authenticate_http_frameworks: boolean;
  readonly authenticate_http_readonly: boolean;
  readonly authenticate_http_readwrite: boolean;
  readonly credentials: string | undefined;
}

/** Undefined when nobody is asked. @throws DawnError when somebody is and there are no credentials to ask for */
export function authenticationOf(flags: AuthenticationFlags): Authentication | undefined {
  const realms = new Set<Realm>([
    ...(flags.authenticate_agents ? (['dawn-master-agent'] as const) : []),
    ...(flags.authenticate_http_frameworks ? (['mesos-master-scheduler'] as const) : []),
    ...(flags.authenticate_http_readonly ? (['mesos-master-readonly'] as const) : []),
    ...(flags.authenticate_http_readwrite ? (['mesos-master-readwrite'] as const) : []),
  ]);
  if (realms.size === 0) return undefined;
  if (flags.credentials === undefined) {
    throw new DawnError({
      code: 'invalid_parameter',
      message: 'authentication is switched on, and there is nobody who could pass it',
      hint: 'name principals and secrets with --credentials=FILE',
    });
  }
  return { credentials: readCredentials(flags.credentials), realms };
}

/** Everything that could be asked for is. */
export function asksEverybody(authentication: Authentication | undefined): boolean {
  return authentication?.realms.size === 4;
}
