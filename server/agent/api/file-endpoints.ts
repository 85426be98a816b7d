import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Value, double } from '../../libprocess/json.ts';
import { queryOf, sendJson } from '../../libprocess/reply.ts';
import { type MesosHandler, begin, refusedMethod, sendText } from '../../libprocess/respond.ts';
import type { AccessOf } from './access.ts';
import { type FileEntry, FileProblem, type SandboxFiles, fileName, modeText } from './files.ts';

/** `/files/*`: sandboxes, and nothing else; the agent's own log goes to its stderr. */
export function fileEndpoints(files: SandboxFiles, accessOf: AccessOf): Map<string, MesosHandler> {
  /** Answers with what is at `path`, or with why there is nothing. */
  const at =
    (answer: (path: string, ...to: Parameters<MesosHandler>) => Promise<void>): MesosHandler =>
    async (request, response) => {
      if (refusedMethod(request, response, ['GET', 'HEAD', 'POST'])) return;
      const path = queryOf(request).get('path');
      if (path === null) return sendText(response, 400, "Expecting 'path=value' in query.\n");
      try {
        await answer(path, request, response);
      } catch (error) {
        if (!(error instanceof FileProblem)) throw error;
        sendText(response, error.status, error.message);
      }
    };
  return new Map<string, MesosHandler>([
    [
      'files/browse',
      at(async (path, request, response) =>
        sendJson(request, response, (await files.list(path, accessOf(request))).map(fileModel)),
      ),
    ],
    [
      'files/read',
      at(async (path, request, response) => {
        const offset = numberIn(request, 'offset', -1);
        const length = numberIn(request, 'length', -1);
        // Without an offset it is asked how much there is.
        const { size, data } = await files.read(
          path,
          accessOf(request),
          Math.max(0, offset),
          offset < 0 ? 0 : length < 0 ? Infinity : length,
        );
        const told = offset < 0 ? size : offset;
        await sendJson(request, response, { data: data.toString('utf8'), offset: told });
      }),
    ],
    [
      'files/download',
      at(async (path, request, response) => {
        const handle = await files.open(path, accessOf(request));
        begin(response);
        response.writeHead(200, {
          'Content-Length': String((await handle.stat()).size),
          'Content-Disposition': `attachment; filename=${encodeURIComponent(fileName(path))}`,
          'Content-Type': 'application/octet-stream',
        });
        // Whoever goes away in the middle has what they wanted; a file that cannot be read on ends the answer.
        await pipeline(handle.createReadStream(), response).catch(() => response.destroy());
      }),
    ],
    [
      'files/debug',
      (request, response) =>
        accessOf(request).may('get_endpoints', '/files/debug')
          ? sendJson(request, response, Object.fromEntries(files.names()))
          : sendText(response, 403),
    ],
  ]);
}

function fileModel({ gid, mode, mtime, nlink, path, size, uid }: FileEntry): Value {
  return { gid, mode: modeText(mode), mtime: double(mtime), nlink, path, size, uid };
}

/** @throws FileProblem 400 for what is no number */
function numberIn(request: IncomingMessage, name: string, otherwise: number): number {
  const text = queryOf(request).get(name);
  if (text === null) return otherwise;
  if (!/^-?\d+$/.test(text))
    throw new FileProblem(400, `Failed to parse ${name}: Failed to convert '${text}' to number.\n`);
  return Number(text);
}
