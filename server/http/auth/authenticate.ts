import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Subject } from '../../../shared/mesos/acls.ts';
import { readToken } from '../../libprocess/jwt.ts';
import { principalOf } from './basic.ts';
import type { Credentials } from './credentials.ts';
import type { Realm } from './realms.ts';

export interface Authentication {
  readonly credentials: Credentials;
  /** What tokens of executors are signed with; undefined: there are none, and nobody can show one. */
  readonly tokenKey?: Buffer | undefined;
  /** Realms in which everybody must say who they are. In the others an `Authorization` header is ignored, as Mesos does. */
  readonly realms: ReadonlySet<Realm>;
  /** Which one a request belongs to. */
  readonly realmOf: (method: string, url: string) => Realm | undefined;
}

const subjects = new WeakMap<IncomingMessage, Subject>();

/** Who sent a request: a principal by its secret, or an executor by its token; undefined where nobody is asked. */
export function subjectOfRequest(request: IncomingMessage): Subject | undefined {
  return subjects.get(request);
}

/** The same where nobody has tokens. */
export function principalOfRequest(request: IncomingMessage): string | undefined {
  const subject = subjects.get(request);
  return subject && 'principal' in subject ? subject.principal : undefined;
}

/** @returns the realm in which whoever sends this must say who they are, and does not; undefined: let in. */
export function refusedRealm(request: IncomingMessage, authentication: Authentication): Realm | undefined {
  const { realms, realmOf } = authentication;
  const realm = realmOf(request.method ?? '', request.url ?? '');
  if (realm === undefined || !realms.has(realm)) return undefined;
  const subject = subjectOf(request.headers.authorization, authentication);
  if (subject === undefined) return realm;
  subjects.set(request, subject);
  return undefined;
}

function subjectOf(
  header: string | undefined,
  { credentials, tokenKey }: Authentication,
): Subject | undefined {
  const token = tokenKey && /^Bearer (\S+)$/.exec(header ?? '')?.[1];
  if (token !== undefined && tokenKey) {
    const claims = readToken(token, tokenKey, Date.now());
    return claims && { claims };
  }
  const principal = principalOf(header, credentials);
  return principal === undefined ? undefined : { principal };
}

/** Turns away with 401 whoever does not say who they are where they must, before a body is read. */
export function authenticateRequests(app: FastifyInstance, authentication: Authentication): void {
  app.addHook('onRequest', async (request, reply) => {
    const realm = refusedRealm(request.raw, authentication);
    if (realm !== undefined)
      await reply
        .code(401)
        .header('www-authenticate', challenge(realm, authentication))
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
    return realm && challenge(realm, authentication);
  };
}

/** One for each way there is. What was wrong with what somebody showed is not said, unlike in Mesos. */
function challenge(realm: Realm, { credentials, tokenKey }: Authentication): string {
  const schemes = [...(credentials.size > 0 || !tokenKey ? ['Basic'] : []), ...(tokenKey ? ['Bearer'] : [])];
  return schemes.map((scheme) => `${scheme} realm="${realm}"`).join(', ');
}
