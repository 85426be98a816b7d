import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { authorityOf, type Leadership } from '../store/leadership.ts';
import type { Authentication } from './auth/authenticate.ts';
import { authenticateRequests } from './auth/authenticate.ts';
import { httpServer, type HttpOptions } from './server.ts';

/** Answers a request and says true, or leaves it to the routes that are Dawn's own. */
export type Door = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface FrontOptions extends Omit<HttpOptions, 'before'> {
  readonly authentication: Authentication | undefined;
  /** Asked before everything. */
  readonly leadership: () => Leadership;
  /** Mesos's paths while another server leads. */
  readonly standby: Door;
}

/**
 * The socket of a server for all of its life. Until it leads whoever comes is sent on to the leader, or told that there is none; then the routes of the leader answer,
 * also on connections that are open already.
 */
export class Front {
  readonly app: FastifyInstance;
  private leader: Door | undefined;

  constructor({ authentication, leadership, standby, ...http }: FrontOptions) {
    const before: Door = (request, response) =>
      leadership().kind === 'leading' && this.leader
        ? this.leader(request, response)
        : standby(request, response);
    this.app = httpServer({ ...http, before });
    if (authentication) authenticateRequests(this.app, authentication);
    sendOn(this.app, leadership);
  }

  /** From now on these answer. */
  async lead(routes: FastifyInstance, mesos: Door | undefined): Promise<void> {
    await routes.ready();
    this.leader = (request, response) => {
      if (mesos?.(request, response) !== true) routes.routing(request, response);
      return true;
    };
  }
}

/** Dawn's own paths: as Mesos's, under the path that they have. Before a body is read. */
function sendOn(app: FastifyInstance, leadership: () => Leadership): void {
  app.addHook('onRequest', async (request, reply) => {
    const now = leadership();
    if (now.kind === 'following') {
      const path = request.url.replace(/^\/*/, '/');
      return reply
        .code(307)
        .header('location', `//${authorityOf(now.leader)}${path}`)
        .send();
    }
    const message = now.kind === 'none' ? 'No leader elected' : 'the leader has not finished recovery';
    return reply
      .code(503)
      .header('retry-after', '1')
      .send({ error: { code: 'unavailable', message, hint: 'try again in a moment' } });
  });
}
