import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Action, authorize } from '../../../../shared/mesos/acls.ts';
import type { OperatorCall } from '../../../../shared/mesos/operator.ts';
import { encodeMessage, type MediaType } from '../../../../shared/mesos/wire/codec.ts';
import { sendBody } from '../../../libprocess/body.ts';
import { masterInfo } from '../master-info.ts';
import { ACCEPT_PROBLEM, acceptedType } from '../../../libprocess/media-type.ts';
import { readMessage } from '../../../libprocess/read-message.ts';
import { sendEmpty, sendText, type MesosHandler } from '../../../libprocess/respond.ts';
import { slices } from '../../../libprocess/slices.ts';
import { principalOfRequest } from '../../auth/authenticate.ts';
import { Together } from '../together.ts';
import { checkCall, fieldOf } from './call-problem.ts';
import { OperatorLists } from './lists.ts';
import type { LoggingLevel } from '../../../libprocess/logging-level.ts';
import type { Answer, MasterCall, OperatorParts } from './parts.ts';
import { readAnswer } from './reads.ts';
import type { OperatorStream } from './stream.ts';
import { type Field, writeFields } from '../../../libprocess/wire-tree.ts';

/** Numbers of those types of mesos.v1.master.Response that are put together here, and of the fields that go with them. */
const LISTS = {
  GET_STATE: { type: 8, field: 9, read: (lists: OperatorLists) => lists.getState() },
  GET_AGENTS: { type: 9, field: 10, read: (lists: OperatorLists) => lists.getAgents() },
  GET_FRAMEWORKS: { type: 10, field: 11, read: (lists: OperatorLists) => lists.getFrameworks() },
  GET_EXECUTORS: { type: 11, field: 12, read: (lists: OperatorLists) => lists.getExecutors() },
  GET_TASKS: { type: 12, field: 13, read: (lists: OperatorLists) => lists.getTasks() },
} as const;

/** Calls that rules close altogether. */
const CLOSED_BY: Readonly<Record<string, Action | undefined>> = {
  GET_FLAGS: 'view_flags',
  SET_LOGGING_LEVEL: 'set_log_level',
  LIST_FILES: 'access_mesos_logs',
  READ_FILE: 'access_mesos_logs',
};

/** `POST /api/v1`. In Mesos's order: method, type of the body, its text, its fields, what is accepted, and then the call. */
export function operatorEndpoint(
  parts: OperatorParts,
  stream: OperatorStream,
  logging: LoggingLevel,
): MesosHandler {
  const lists = listsByType(parts);
  const answers = new Together<Buffer[]>();
  return async (request, response) => {
    const call = await readCall(request, response);
    if (!call) return;
    const type = acceptedType(request.headers.accept);
    if (!type) return sendText(response, 406, ACCEPT_PROBLEM);
    if (call.type === 'SUBSCRIBE')
      return slices.run(() => stream.open(response, type, lists(type).getState(), parts.viewer));
    const closedBy = CLOSED_BY[call.type];
    if (closedBy && !authorize(parts.acls, principalOfRequest(request), closedBy, undefined))
      return sendText(response, 403, '403 Forbidden.');
    const list = LISTS[call.type as keyof typeof LISTS];
    if (list) {
      const { type: number, field, read } = list;
      const answer = (): Field[] => [
        { name: 'type', number: 1, word: { name: call.type, number } },
        { name: fieldOf(call.type), number: field, fields: read(lists(type)) },
      ];
      return sendBody(
        request,
        response,
        await answers.get(`${call.type} ${type}`, () => writeFields(answer(), type)),
        type,
      );
    }
    const answer = readAnswer(call, {
      parts,
      logging,
      watchers: stream.size,
      info: () => masterInfo(parts.master.id, response.socket ?? {}, parts.advertised),
    });
    if (answer) {
      const message = { type: call.type, [fieldOf(call.type)]: answer };
      const bytes = Buffer.from(encodeMessage('mesos.v1.master.Response', type, message));
      return sendBody(request, response, [bytes], type);
    }
    sendAnswer(response, await act(parts, logging, call, principalOfRequest(request)));
  };
}

export function sendAnswer(response: ServerResponse, { status, message }: Answer): void {
  if (message === undefined && status < 300) sendEmpty(response, status);
  else sendText(response, status, message);
}

async function act(
  parts: OperatorParts,
  logging: LoggingLevel,
  call: MasterCall,
  principal: string | undefined,
): Promise<Answer> {
  switch (call.type) {
    case 'UNKNOWN':
      return { status: 501 };
    case 'SET_LOGGING_LEVEL': {
      const { level, duration } = call['set_logging_level'] as {
        level: number;
        duration: { nanoseconds: number };
      };
      const problem = logging.set(level, Number(duration.nanoseconds) / 1e6);
      return problem === null ? { status: 200 } : { status: 400, message: problem };
    }
    // A master without a log file has no virtual paths; Mesos says so without a word.
    case 'LIST_FILES':
    case 'READ_FILE':
      return { status: 404, message: '' };
    // Every type that is left has its field, and the decoder has seen to what is in it.
    default:
      return parts.operators.perform(call as unknown as OperatorCall, principal);
  }
}

/** Both encodings keep their own lists; one that nobody asks for costs nothing. */
function listsByType({ master }: OperatorParts): (type: MediaType) => OperatorLists {
  const known = new Map<MediaType, OperatorLists>();
  return (type) => {
    let lists = known.get(type);
    if (!lists) known.set(type, (lists = new OperatorLists(master, type)));
    return lists;
  };
}

/** Undefined: refused, and answered. */
async function readCall(request: IncomingMessage, response: ServerResponse): Promise<MasterCall | undefined> {
  const read = await readMessage(request, response, 'mesos.v1.master.Call');
  if (!read) return undefined;
  const checked = checkCall(read.message);
  if (checked.ok) return checked.call;
  sendText(response, 400, `Failed to validate master::Call: ${checked.problem}`);
  return undefined;
}
