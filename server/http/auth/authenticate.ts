import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { principalOf } from './basic.ts';
import type { Credentials } from './credentials.ts';
import type { Realm } from './realms.ts';

export interface Authentication {
  readonly credentials: Credentials;
  /** Realms in which everybody must say who they are. In the others an `Authorization` header is ignored, as Mesos does. */
  readonly realms: ReadonlySet<Realm>;
  /** Which one a request belongs to. */
  readonly realmOf: (method: string, url: string) => Realm | undefined;
}

const principals = new WeakMap<IncomingMessage, string>();

/** Who sent a request; undefined where nobody is asked. */
export function principalOfRequest(request: IncomingMessage): string | undefined {
  return principals.get(request);
}

/** @returns the realm in which whoever sends this must say who they are, and does not; undefined: let in. */
export function refusedRealm(
  request: IncomingMessage,
  { credentials, realms, realmOf }: Authentication,
): Realm | undefined {
  const realm = realmOf(request.method ?? '', request.url ?? '');
  if (realm === undefined || !realms.has(realm)) return undefined;
  const principal = principalOf(request.headers.authorization, credentials);
  if (principal === undefined) return realm;
  principals.set(request, principal);
  return undefined;
}

/** Turns away with 401 whoever does not say who they are where they must, before a body is read. */
export function authenticateRequests(app: FastifyInstance, authentication: Authentication): void {
  app.addHook('onRequest', async (request, reply) => {
    const realm = refusedRealm(request.raw, authentication);
    if (realm !== undefined)
      await reply
        .code(401)
        .header('www-authenticate', challenge(realm))
        .type('text/plain; charset=utf-8')
        .send('401 Unauthorized.');
  });
}

/** What Mesos's paths ask of a request. @returns the challenge for whoever does not say who they are where they must */
export function challengeOf(
  authentication: Authentication,
): (request: IncomingMessage) => string | undefined {
  return (request) => {
    const realm = refusedRealm(request, authentication);
    return realm && challenge(realm);
  };
}

function challenge(realm: Realm): string {
  return `Basic realm="${realm}"`;
}
