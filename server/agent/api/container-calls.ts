import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeMessage } from '../../../shared/mesos/wire/codec.ts';
import type { CommandInfo } from '../../../shared/mesos/v1.ts';
import { sendBody } from '../../libprocess/body.ts';
import { ACCEPT_PROBLEM, acceptedType } from '../../libprocess/media-type.ts';
import { sendEmpty, sendText } from '../../libprocess/respond.ts';
import type { Chunk, Containerizer, Terminal } from '../containerizer.ts';
import { type ContainerId, dotted, pathOf } from '../nested/container-id.ts';
import type { NestedContainers } from '../nested/nested.ts';
import { sendOutput } from './container-output.ts';
import { type StreamType, streamTypeOf } from './process-io.ts';

/** What container calls need of an agent. */
export interface ContainerParts {
  readonly nested: NestedContainers;
  readonly containerizer: Pick<Containerizer, 'logs' | 'usage'>;
  /** Whether whoever reaches this agent may run commands on it: only its own machine does, or it asks who they are. */
  readonly runsCommands: boolean;
}

export const COMMANDS_REFUSED =
  'This agent can be reached by others and asks nobody who they are, so it runs no commands for them: switch on its --authenticate_http_readwrite with --http_credentials=FILE, or let it listen on loopback (--ip=127.0.0.1)';

interface ContainerCall {
  readonly container_id: ContainerId;
  readonly command?: CommandInfo;
  readonly container?: { readonly type: string; readonly tty_info?: Terminal };
  readonly resources?: readonly object[];
  readonly signal?: number;
}

const LAUNCH = /^LAUNCH_(NESTED_)?CONTAINER(_SESSION)?$/;
const STREAM = /^(LAUNCH_NESTED_CONTAINER_SESSION|ATTACH_CONTAINER_OUTPUT)$/;
const PLAIN = /^(WAIT|KILL|REMOVE)_(NESTED_)?CONTAINER$/;
/** What an id may be made of, as in Mesos: periods stand between those of a path. */
const ID = /^[^\s./\\\u0000-\u001f\u007f]{1,255}$/;
const DEPTH_MAX = 8;

export function isContainerCall(type: string): boolean {
  return LAUNCH.test(type) || STREAM.test(type) || PLAIN.test(type);
}

/** @param call the field of the call's name, lower case */
export async function answerContainerCall(
  parts: ContainerParts,
  type: string,
  call: ContainerCall,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { nested } = parts;
  const { container_id: id } = call;
  const problem = idProblem(type, id);
  if (problem !== null) return sendText(response, 400, `Failed to validate agent::Call: ${problem}`);
  const accepted = acceptedType(request.headers.accept);
  const stream = STREAM.test(type) ? streamTypeOf(request.headers) : undefined;
  if (!stream && (!accepted || STREAM.test(type))) return sendText(response, 406, ACCEPT_PROBLEM);
  if (!parts.runsCommands) return sendText(response, 403, COMMANDS_REFUSED);
  if (LAUNCH.test(type)) return launch(parts, call, stream, response);
  if (stream) return sendStream(parts, id, stream, response);
  switch (type.split('_')[0]) {
    case 'WAIT': {
      const exit_status = await nested.wait(id);
      if (exit_status === undefined) return sendText(response, 404, unknown(id));
      const message = { type, [type.toLowerCase()]: { exit_status } };
      const body = Buffer.from(encodeMessage('mesos.v1.agent.Response', accepted!, message));
      return sendBody(request, response, [body], accepted!);
    }
    case 'KILL':
      return nested.kill(id, call.signal)
        ? sendEmpty(response, 200)
        : sendText(response, 404, `Container '${dotted(id)}' cannot be found (or is already killed)`);
    default:
      return nested.remove(id)
        ? sendEmpty(response, 200)
        : sendText(response, 500, `Container ${dotted(id)} has not terminated yet: kill it first`);
  }
}

/** @param session the answer is what it writes */
async function launch(
  parts: ContainerParts,
  call: ContainerCall,
  session: StreamType | undefined,
  response: ServerResponse,
): Promise<void> {
  const { container_id: id, command, container } = call;
  const refused = whyRefused(call);
  if (refused !== null || !command) return sendText(response, 400, refused ?? 'There is no command to run');
  try {
    if (!(await parts.nested.launch(id, command, container?.tty_info))) return sendEmpty(response, 202);
  } catch (error) {
    return sendText(response, 400, (error as Error).message);
  }
  if (!session) return sendEmpty(response, 200);
  // Everything that a session started ends with its connection.
  response.once('close', () => parts.nested.kill(id));
  if (response.destroyed) return void parts.nested.kill(id);
  return sendStream(parts, id, session, response);
}

async function sendStream(
  { nested, containerizer }: ContainerParts,
  id: ContainerId,
  stream: StreamType,
  response: ServerResponse,
): Promise<void> {
  const output = await nested.read(id);
  if (output) {
    response.once('close', () => output.destroy());
    return sendOutput(response, output, stream);
  }
  const task = nested.realNamed(id);
  if (task === undefined) return sendText(response, 404, unknown(id));
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return sendOutput(response, linesOf(containerizer, task, gone.signal), stream);
}

/** What a task writes from now on. */
async function* linesOf(
  containerizer: ContainerParts['containerizer'],
  container: string,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const query = { stream: 'both', tail: 0, follow: true } as const;
  for await (const { stream, text } of containerizer.logs(container, query, signal))
    yield { stream: stream === 'stderr' ? 'STDERR' : 'STDOUT', data: Buffer.from(`${text}\n`) };
}

function unknown(id: ContainerId): string {
  return `Container ${dotted(id)} cannot be found`;
}

/** What a nested container cannot have of its own is refused by name. */
function whyRefused({
  command,
  container = { type: 'MESOS' },
  resources = [],
}: ContainerCall): string | null {
  const { type, tty_info: _tty, ...more } = container;
  const [first] = Object.keys(more);
  if (first !== undefined || type !== 'MESOS')
    return `A nested container has the file system and network of its parent: leave container.${first ?? 'type DOCKER'} out`;
  if (resources.length > 0)
    return 'A nested container shares the resources of its parent: leave resources out';
  if ((command?.uris ?? []).length > 0)
    return 'Nothing is fetched for nested containers: leave command.uris out';
  return null;
}

function idProblem(type: string, id: ContainerId): string | null {
  const field = `${type.toLowerCase()}.container_id`;
  const path = pathOf(id);
  const wrong = path.find((value) => !ID.test(value));
  if (wrong !== undefined)
    return `'${field}' is invalid: '${wrong}' is empty, too long or contains invalid characters`;
  if (path.length > DEPTH_MAX) return `'${field}' is invalid: it is more than ${DEPTH_MAX} deep`;
  return type.includes('NESTED') && !id.parent ? `Expecting '${field}.parent' to be present` : null;
}
