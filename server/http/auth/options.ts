import { DawnError } from '../../../shared/errors.ts';
import type { Authentication } from './authenticate.ts';
import { readCredentials, readFlagBytes } from './credentials.ts';
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

export interface AgentAuthenticationFlags {
  readonly authenticate_http_readonly: boolean;
  readonly authenticate_http_readwrite: boolean;
  readonly authenticate_http_executors: boolean;
  readonly http_credentials: string | undefined;
}

/**
 * Of an agent. Undefined when nobody is asked. Once executors are, their tokens are good everywhere, as in Mesos: an executor may look after the containers below its own.
 * @param tokenKey of `--jwt_secret_key`
 * @throws DawnError when somebody is asked and there is nothing to ask for
 */
export function agentAuthenticationOf(
  flags: AgentAuthenticationFlags,
  tokenKey: Buffer | undefined,
): Authentication | undefined {
  const { authenticate_http_executors: asksExecutors, http_credentials: file } = flags;
  const realms = new Set<Realm>([
    ...(flags.authenticate_http_readonly ? (['mesos-agent-readonly'] as const) : []),
    ...(flags.authenticate_http_readwrite ? (['mesos-agent-readwrite'] as const) : []),
  ]);
  if (realms.size > 0 && file === undefined) throw nobody('http_credentials');
  if (asksExecutors) {
    if (!tokenKey) throw nobody('jwt_secret_key');
    realms.add('mesos-agent-executor');
  }
  if (realms.size === 0) return undefined;
  return {
    credentials: file === undefined ? new Map() : readCredentials('http_credentials', file),
    tokenKey: asksExecutors ? tokenKey : undefined,
    realms,
    realmOf: agentRealmOf,
  };
}

/** What tokens of executors are signed with: the whole file, as Mesos reads it. @throws DawnError */
export function readTokenKey(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  const key = readFlagBytes('jwt_secret_key', path);
  if (key.length > 0) return key;
  throw new DawnError({ code: 'invalid_parameter', message: `--jwt_secret_key: it is empty: ${path}` });
}

function nobody(flag: 'credentials' | 'http_credentials' | 'jwt_secret_key'): DawnError {
  return new DawnError({
    code: 'invalid_parameter',
    message: 'authentication is switched on, and there is nobody who could pass it',
    hint:
      flag === 'jwt_secret_key'
        ? "name a file with a key, for executors' tokens to be signed with, by --jwt_secret_key=FILE"
        : `name principals and secrets with --${flag}=FILE`,
  });
}
