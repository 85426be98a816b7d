import { refusedMethod, sendText, type MesosHandler } from '../../../libprocess/respond.ts';
import { queryOf, sendJson } from '../../../libprocess/reply.ts';

/** `/files/*` of a master that writes no log file: it has no virtual paths, and says so as Mesos does, without a word. */
export function legacyFiles(): Map<string, MesosHandler> {
  const find: MesosHandler = (request, response) => {
    if (refusedMethod(request, response, ['GET', 'HEAD', 'POST'])) return;
    if (queryOf(request).has('path')) sendText(response, 404, '');
    else sendText(response, 400, "Expecting 'path=value' in query.\n");
  };
  return new Map<string, MesosHandler>([
    ['files/browse', find],
    ['files/read', find],
    ['files/download', find],
    ['files/debug', (request, response) => sendJson(request, response, {})],
  ]);
}
