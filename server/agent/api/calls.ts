import type { AgentInfo } from '../../../shared/mesos/agent.ts';
import type { Action } from '../../../shared/mesos/acls.ts';
import { measure } from '../usage.ts';
import { inDoubles } from '../../../shared/mesos/wire/doubles.ts';
import { type MediaType, encodeMessage } from '../../../shared/mesos/wire/codec.ts';
import { sendBody } from '../../libprocess/body.ts';
import type { LoggingLevel } from '../../libprocess/logging-level.ts';
import { ACCEPT_PROBLEM, acceptedType } from '../../libprocess/media-type.ts';
import { processAnswer } from '../../libprocess/process-calls.ts';
import { readMessage } from '../../libprocess/read-message.ts';
import { type MesosHandler, sendEmpty, sendText } from '../../libprocess/respond.ts';
import { type Field, writeFields } from '../../libprocess/wire-tree.ts';
import type { AgentClock } from '../parts.ts';
import type { AgentState } from '../state.ts';
import type { Access, AccessOf } from './access.ts';
import {
  type ContainerParts,
  COMMANDS_REFUSED,
  answerContainerCall,
  isContainerCall,
} from './container-calls.ts';
import { attachInput } from './container-input.ts';
import { FileProblem, type SandboxFiles } from './files.ts';
import {
  containersMessage,
  executorsFields,
  frameworksFields,
  stateFields,
  tasksFields,
} from './messages.ts';
import { agentMetrics } from './metrics.ts';
import { RECORDIO } from './process-io.ts';

export interface ApiParts {
  readonly state: AgentState;
  readonly info: Omit<AgentInfo, 'id'>;
  readonly clock: AgentClock;
  readonly startedAtMs: number;
  /** As `/flags` shows them. */
  readonly flags: Readonly<Record<string, string>>;
  readonly files: SandboxFiles;
  readonly logging: LoggingLevel;
  readonly containers: ContainerParts;
  readonly access: AccessOf;
}

/** The calls that need the field of their name, with what it is. */
interface Fields {
  readonly set_logging_level: { readonly level: number; readonly duration: { readonly nanoseconds: number } };
  readonly list_files: { readonly path: string };
  readonly read_file: { readonly path: string; readonly offset: number; readonly length?: number };
}
type AgentCall = { readonly type: string } & Partial<Fields> & {
    readonly get_containers?: { readonly show_nested?: boolean; readonly show_standalone?: boolean };
  };

const WITH_FIELD: ReadonlySet<string> = new Set<keyof Fields>([
  'set_logging_level',
  'list_files',
  'read_file',
]);

/** Lists, with the numbers of their types and fields in mesos.v1.agent.Response. */
const LISTS = {
  GET_STATE: { word: 8, number: 9, read: stateFields },
  GET_FRAMEWORKS: { word: 10, number: 11, read: frameworksFields },
  GET_EXECUTORS: { word: 11, number: 12, read: executorsFields },
  GET_TASKS: { word: 12, number: 13, read: tasksFields },
} as const;

/** Calls that rules close altogether. */
const CLOSED_BY: Readonly<Record<string, Action | undefined>> = {
  GET_FLAGS: 'view_flags',
  SET_LOGGING_LEVEL: 'set_log_level',
};

/** `POST /api/v1` of an agent. In Mesos's order: method, type of the body, its text, its fields, what is accepted, and then the call. */
export function callsEndpoint(parts: ApiParts): MesosHandler {
  return async (request, response) => {
    if (request.method === 'POST' && request.headers['content-type'] === RECORDIO) {
      if (parts.containers.runsCommands)
        return attachInput(request, response, parts.containers, parts.access(request));
      return sendText(response, 403, COMMANDS_REFUSED);
    }
    const read = await readMessage(request, response, 'mesos.v1.agent.Call');
    if (!read) return;
    const call = inDoubles(read.message) as unknown as AgentCall;
    const { type } = call;
    if (typeof type !== 'string')
      return sendText(response, 400, "Failed to validate agent::Call: Expecting 'type' to be present");
    const field = type.toLowerCase();
    const container = isContainerCall(type);
    if ((container || WITH_FIELD.has(field)) && call[field as keyof Fields] === undefined)
      return sendText(response, 400, `Failed to validate agent::Call: Expecting '${field}' to be present`);
    if (type === 'ATTACH_CONTAINER_INPUT')
      return sendText(response, 415, `Expecting 'Content-Type' to be ${RECORDIO} for ${type} call`);
    const access = parts.access(request);
    if (container)
      return answerContainerCall(parts.containers, access, type, call[field as never], request, response);
    const accepted = acceptedType(request.headers.accept);
    if (!accepted) return sendText(response, 406, ACCEPT_PROBLEM);
    const closedBy = CLOSED_BY[type];
    if (closedBy && !access.may(closedBy)) return sendText(response, 403);
    if (type === 'SET_LOGGING_LEVEL') {
      const { level, duration } = call.set_logging_level!;
      const problem = parts.logging.set(level, duration.nanoseconds / 1e6);
      return problem === null ? sendEmpty(response, 200) : sendText(response, 400, problem);
    }
    const list = LISTS[type as keyof typeof LISTS];
    if (list) {
      const { word, number, read: fields } = list;
      const answer: Field[] = [
        { name: 'type', number: 1, word: { name: type, number: word } },
        { name: field, number, fields: fields(access.viewOf(parts.state), accepted) },
      ];
      return sendBody(request, response, writeFields(answer, accepted), accepted);
    }
    try {
      const answer = await answerOf(parts, access, call);
      // Resource providers there are none, nor images of our own to prune.
      if (!answer) return sendText(response, 501);
      const message = { type, [field]: answer };
      await sendBody(request, response, [encoded(message, accepted)], accepted);
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      sendText(response, error.status, error.message);
    }
  };
}

function encoded(message: object, type: MediaType): Buffer {
  return Buffer.from(encodeMessage('mesos.v1.agent.Response', type, message));
}

/** The field of mesos.v1.agent.Response that answers a call; undefined: it is none that is answered here. */
async function answerOf(parts: ApiParts, access: Access, call: AgentCall): Promise<object | undefined> {
  const { state, info, clock, flags, files, logging, startedAtMs } = parts;
  const metrics = (): Map<string, number> => agentMetrics(state, info, clock.now() - startedAtMs);
  switch (call.type) {
    case 'GET_CONTAINERS':
      return containersMessage(
        parts.containers,
        access,
        call.get_containers ?? {},
        clock.now(),
        await measure(state, parts.containers.containerizer),
      );
    case 'GET_AGENT':
      return { agent_info: agentInfoMessage(parts) };
    // Reservations and volumes are done when the master decides them; resource providers there are none.
    case 'GET_OPERATIONS':
    case 'GET_RESOURCE_PROVIDERS':
      return {};
    case 'LIST_FILES': {
      const found = await files.list(call.list_files!.path, access);
      const file_infos = found.map((file) => ({ ...file, mtime: { nanoseconds: file.mtime * 1e9 } }));
      return { file_infos };
    }
    case 'READ_FILE': {
      const { path, offset, length = Infinity } = call.read_file!;
      const { size, data } = await files.read(path, access, offset, length);
      return { size, data: data.toString('base64') };
    }
    default:
      return processAnswer(call.type, { flags, logging, metrics });
  }
}

/** mesos.v1.AgentInfo, without what is ours alone. */
function agentInfoMessage({ info, state }: ApiParts): object {
  const { hostname, port, resources, attributes } = info;
  const id = state.agentId === undefined ? {} : { id: { value: state.agentId } };
  return { hostname, port, resources, attributes, ...id };
}
