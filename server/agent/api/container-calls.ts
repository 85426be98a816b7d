import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeMessage } from '../../../shared/mesos/wire/codec.ts';
import type { CommandInfo, MesosResource, TaskInfo } from '../../../shared/mesos/v1.ts';
import { sendBody } from '../../libprocess/body.ts';
import { ACCEPT_PROBLEM, acceptedType } from '../../libprocess/media-type.ts';
import { sendEmpty, sendText } from '../../libprocess/respond.ts';
import type { Chunk, Containerizer, Terminal } from '../containerizer.ts';
import { type ContainerId, dotted, pathOf } from '../nested/container-id.ts';
import type { AloneContainers } from '../nested/alone.ts';
import type { NestedContainers } from '../nested/nested.ts';
import { whyRefused } from '../refusals.ts';
import type { AgentState } from '../state.ts';
import type { Access, Deed } from './access.ts';
import { sendOutput } from './container-output.ts';
import { type StreamType, streamTypeOf } from './process-io.ts';

/** What container calls need of an agent. */
export interface ContainerParts {
  readonly state: AgentState;
  readonly nested: NestedContainers;
  readonly alone: AloneContainers;
  readonly containerizer: Pick<Containerizer, 'logs' | 'usage'>;
  /** Whether whoever reaches this agent may run commands on it: only its own machine does, or it asks who they are. */
  readonly runsCommands: boolean;
}

export const COMMANDS_REFUSED =
  'This agent can be reached by others and asks nobody who they are, so it runs no commands for them: switch on its --authenticate_http_readwrite with --http_credentials=FILE, or let it listen on loopback (--ip=127.0.0.1)';

interface ContainerCall {
  readonly container_id: ContainerId;
  readonly command?: CommandInfo;
  readonly container?: TaskInfo['container'] & { readonly tty_info?: Terminal };
  readonly resources?: readonly MesosResource[];
  readonly limits?: TaskInfo['limits'];
  readonly signal?: number;
}

const LAUNCH = /^LAUNCH_(NESTED_)?CONTAINER(_SESSION)?$/;
const STREAM = /^(LAUNCH_NESTED_CONTAINER_SESSION|ATTACH_CONTAINER_OUTPUT)$/;
const PLAIN = /^(WAIT|KILL|REMOVE)_(NESTED_)?CONTAINER$/;
/** What an id may be made of, as in Mesos: periods stand between those of a path. */
const ID = /^[^\s./\\\u0000-\u001f\u007f]{1,242}$/;
const DEPTH_MAX = 8;

export function isContainerCall(type: string): boolean {
  return LAUNCH.test(type) || STREAM.test(type) || PLAIN.test(type);
}

/** @param call the field of the call's name, lower case */
export async function answerContainerCall(
  parts: ContainerParts,
  access: Access,
  type: string,
  call: ContainerCall,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { container_id: id } = call;
  const problem = idProblem(type, id);
  if (problem !== null) return sendText(response, 400, `Failed to validate agent::Call: ${problem}`);
  const accepted = acceptedType(request.headers.accept);
  const stream = STREAM.test(type) ? streamTypeOf(request.headers) : undefined;
  if (!stream && (!accepted || STREAM.test(type))) return sendText(response, 406, ACCEPT_PROBLEM);
  if (!parts.runsCommands) return sendText(response, 403, COMMANDS_REFUSED);
  if (!access.mayTouch(parts.state, deedOf(type), id, call.command)) return sendText(response, 403);
  if (LAUNCH.test(type)) return launch(parts, call, stream, response);
  if (stream) return sendStream(parts, id, stream, response);
  if (type.startsWith('KILL')) return kill(parts, call, response);
  if (type.startsWith('REMOVE')) return remove(parts, id, response);
  const end = await (id.parent ? nestedEnd(parts, id) : parts.alone.wait(id.value));
  if (end === undefined) return sendText(response, 404, unknown(id));
  const message = { type, [type.toLowerCase()]: end };
  const body = Buffer.from(encodeMessage('mesos.v1.agent.Response', accepted!, message));
  return sendBody(request, response, [body], accepted!);
}

function deedOf(type: string): Deed {
  if (type === 'LAUNCH_NESTED_CONTAINER_SESSION') return 'SESSION';
  if (type === 'ATTACH_CONTAINER_OUTPUT') return 'OUTPUT';
  return type.split('_')[0] as 'LAUNCH' | 'WAIT' | 'KILL' | 'REMOVE';
}

async function nestedEnd({ nested }: ContainerParts, id: ContainerId): Promise<object | undefined> {
  const exit_status = await nested.wait(id);
  return exit_status === undefined ? undefined : { exit_status };
}

function kill(
  { nested, alone }: ContainerParts,
  { container_id: id, signal }: ContainerCall,
  response: ServerResponse,
): void {
  try {
    if (id.parent ? nested.kill(id, signal) : alone.kill(id.value, signal)) return sendEmpty(response, 200);
  } catch (error) {
    return sendText(response, 400, (error as Error).message);
  }
  sendText(response, 404, `Container '${dotted(id)}' cannot be found (or is already killed)`);
}

async function remove(
  { nested, alone }: ContainerParts,
  id: ContainerId,
  response: ServerResponse,
): Promise<void> {
  if (id.parent ? nested.remove(id) : await alone.remove(id.value)) return sendEmpty(response, 200);
  sendText(response, 500, `Container ${dotted(id)} has not terminated yet: kill it first`);
}

/** @param session the answer is what it writes */
async function launch(
  { nested, ...parts }: ContainerParts,
  call: ContainerCall,
  session: StreamType | undefined,
  response: ServerResponse,
): Promise<void> {
  const { container_id: id, command, container, resources = [], limits } = call;
  const refused = id.parent ? whyNestedRefused(call) : whyAloneRefused(call);
  if (refused !== null || !command) return sendText(response, 400, refused ?? 'There is no command to run');
  try {
    const isNew = await (id.parent
      ? nested.launch(id, command, container?.tty_info)
      : parts.alone.launch({
          id: id.value,
          command,
          resources,
          ...(container ? { container } : {}),
          ...(limits ? { limits } : {}),
        }));
    if (!isNew) return sendEmpty(response, 202);
  } catch (error) {
    return sendText(response, 400, (error as Error).message);
  }
  if (!session) return sendEmpty(response, 200);
  // Everything that a session started ends with its connection.
  response.once('close', () => nested.kill(id));
  if (response.destroyed) return void nested.kill(id);
  return sendStream({ nested, ...parts }, id, session, response);
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
function whyNestedRefused({
  command,
  container = { type: 'MESOS' },
  resources = [],
  limits = {},
}: ContainerCall): string | null {
  const { type, tty_info: _tty, ...more } = container;
  const [first] = Object.keys(more);
  if (first !== undefined || type !== 'MESOS')
    return `A nested container has the file system and network of its parent: leave container.${first ?? 'type DOCKER'} out`;
  const taken = resources.length > 0 ? 'resources' : Object.keys(limits).length > 0 ? 'limits' : undefined;
  if (taken !== undefined) return `A nested container shares the resources of its parent: leave ${taken} out`;
  if ((command?.uris ?? []).length > 0)
    return 'Nothing is fetched for nested containers: leave command.uris out';
  return null;
}

/** One that stands alone is run as a task of a command is, and may have no more; what limits it is a matter of what runs it. */
function whyAloneRefused({
  container_id: { value },
  command,
  container,
  resources = [],
}: ContainerCall): string | null {
  if (container?.tty_info)
    return 'A container that stands alone has no terminal: leave container.tty_info out';
  if (resources.some(({ disk }) => disk?.persistence))
    return 'Persistent volumes belong to tasks: leave them out of the resources';
  const named = { name: value, task_id: { value }, agent_id: { value: '' }, resources };
  return whyRefused({ ...named, ...(command ? { command } : {}) }, false);
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
