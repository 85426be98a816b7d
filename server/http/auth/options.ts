import { DawnError } from '../../../shared/errors.ts';
import type { Authentication } from './authenticate.ts';
import { readCredentials } from './credentials.ts';
import { type Realm, agentRealmOf, realmOf } from './realms.ts';

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
  if (flags.credentials === undefined) throw nobody('credentials');
  return { credentials: readCredentials('credentials', flags.credentials), realms, realmOf };
}

/** Everything that could be asked for is. */
export function asksEverybody(authentication: Authentication | undefined): boolean {
  return authentication?.realms.size === 4;
}

/** Of an agent. Undefined when nobody is asked. @throws DawnError when somebody is and there are no credentials to ask for */
export function agentAuthenticationOf(flags: {
  readonly authenticate_http_readwrite: boolean;
  readonly http_credentials: string | undefined;
}): Authentication | undefined {
  if (!flags.authenticate_http_readwrite) return undefined;
  if (flags.http_credentials === undefined) throw nobody('http_credentials');
  return {
    credentials: readCredentials('http_credentials', flags.http_credentials),
    realms: new Set(['mesos-agent-readwrite']),
    realmOf: agentRealmOf,
  };
}

function nobody(flag: string): DawnError {
  return new DawnError({
    code: 'invalid_parameter',
    message: 'authentication is switched on, and there is nobody who could pass it',
    hint: `name principals and secrets with --${flag}=FILE`,
  });
}
