/** Mesos's endpoints of before the v1 API that change something: each is a call of that API in other clothes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OperatorCall } from '../../../../shared/mesos/operator.ts';
import { fromJson } from '../../../../shared/mesos/wire/codec.ts';
import { principalOfRequest } from '../../auth/authenticate.ts';
import { sendAnswer } from '../operator/endpoint.ts';
import type { OperatorParts } from '../operator/parts.ts';
import { readBody, refusedMethod, sendText, type MesosHandler } from '../../../libprocess/respond.ts';
import { quotaModel, scheduleModel, weightsModel } from './reads.ts';
import { pathOf, sendJson } from '../../../libprocess/reply.ts';

/** A call, or the text of the 400 that the request is worth. */
type Made = { readonly call: object } | { readonly problem: string };

export function legacyWrites(parts: OperatorParts): Map<string, MesosHandler> {
  const post =
    (make: (body: string) => Made): MesosHandler =>
    async (request, response) => {
      if (!refusedMethod(request, response, ['POST'])) await act(parts, request, response, make);
    };
  const volumes = (type: string, field: string): MesosHandler =>
    post((body) =>
      onAgent(body, 'volumes', (agent_id, list) => ({ type, [field]: { agent_id, volumes: list } })),
    );
  const resources = (type: string, field: string): MesosHandler =>
    post((body) =>
      onAgent(body, 'resources', (agent_id, list) => ({ type, [field]: { agent_id, resources: list } })),
    );
  return new Map([
    ['teardown', post(teardown)],
    ['reserve', resources('RESERVE_RESOURCES', 'reserve_resources')],
    ['unreserve', resources('UNRESERVE_RESOURCES', 'unreserve_resources')],
    ['create-volumes', volumes('CREATE_VOLUMES', 'create_volumes')],
    ['destroy-volumes', volumes('DESTROY_VOLUMES', 'destroy_volumes')],
    ['machine/down', post((body) => machines(body, 'START_MAINTENANCE', 'start_maintenance'))],
    ['machine/up', post((body) => machines(body, 'STOP_MAINTENANCE', 'stop_maintenance'))],
    ['maintenance/schedule', schedule(parts)],
    ['weights', weights(parts)],
    ['quota', quota(parts)],
  ]);
}

function schedule(parts: OperatorParts): MesosHandler {
  return async (request, response) => {
    if (refusedMethod(request, response, ['GET', 'POST'])) return;
    if (request.method === 'GET') return sendJson(request, response, scheduleModel(parts));
    await act(parts, request, response, (body) =>
      parsed(body, (value) => ({
        type: 'UPDATE_MAINTENANCE_SCHEDULE',
        update_maintenance_schedule: { schedule: value },
      })),
    );
  };
}

function weights(parts: OperatorParts): MesosHandler {
  return async (request, response) => {
    if (refusedMethod(request, response, ['GET', 'PUT'])) return;
    if (request.method === 'GET') return sendJson(request, response, weightsModel(parts));
    await act(parts, request, response, (body) =>
      parsed(body, (value) => ({ type: 'UPDATE_WEIGHTS', update_weights: { weight_infos: value } })),
    );
  };
}

function quota(parts: OperatorParts): MesosHandler {
  return async (request, response) => {
    if (refusedMethod(request, response, ['GET', 'POST', 'DELETE'])) return;
    if (request.method === 'GET') return sendJson(request, response, quotaModel(parts));
    if (request.method === 'DELETE') return removeQuota(parts, request, response);
    await act(parts, request, response, (body) =>
      parsed(body, (value) => ({ type: 'SET_QUOTA', set_quota: { quota_request: value } })),
    );
  };
}

/** The role is what follows in the path. Whether there is a quota is said before anybody is asked, as Mesos does: also to those who may not see it. */
async function removeQuota(
  { master, whole = master, operators }: OperatorParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const role = pathOf(request).slice(1).join('/');
  if (!whole.quotas.has(role)) {
    const told = `Failed to remove quota for path '/master/quota/${role}': Role '${role}' has no quota set`;
    return sendText(response, 400, told);
  }
  const call = { type: 'REMOVE_QUOTA', remove_quota: { role } } as const;
  sendAnswer(response, await operators.perform(call, principalOfRequest(request)));
}

function teardown(body: string): Made {
  const id = new URLSearchParams(body).get('frameworkId');
  if (id === null) return { problem: "Missing 'frameworkId' query parameter in the request body" };
  return { call: { type: 'TEARDOWN', teardown: { framework_id: { value: id } } } };
}

function onAgent(
  body: string,
  field: string,
  make: (agent: { value: string }, list: unknown) => object,
): Made {
  const form = new URLSearchParams(body);
  const [id, text] = [form.get('slaveId'), form.get(field)];
  if (id === null) return { problem: "Missing 'slaveId' query parameter in the request body" };
  if (text === null) return { problem: `Missing '${field}' query parameter in the request body` };
  try {
    return { call: make({ value: id }, JSON.parse(text)) };
  } catch (error) {
    const told = `Error in parsing '${field}' query parameter in the request body`;
    return { problem: `${told}: ${(error as Error).message}` };
  }
}

function machines(body: string, type: string, field: string): Made {
  return parsed(body, (value) => ({ type, [field]: { machines: value } }));
}

function parsed(body: string, make: (value: unknown) => object): Made {
  try {
    return { call: make(JSON.parse(body)) };
  } catch (error) {
    return { problem: `Failed to parse the request body as JSON: ${(error as Error).message}` };
  }
}

async function act(
  { operators }: OperatorParts,
  request: IncomingMessage,
  response: ServerResponse,
  make: (body: string) => Made,
): Promise<void> {
  const body = await readBody(request, response);
  if (!body) return;
  const made = make(body.toString());
  if ('problem' in made) return sendText(response, 400, made.problem);
  // The same fields and types as in the v1 API: nothing gets past here that could not come in there.
  const decoded = fromJson('mesos.v1.master.Call', made.call);
  if (!decoded.ok) return sendText(response, 400, decoded.problem);
  const call = decoded.message as unknown as OperatorCall;
  sendAnswer(response, await operators.perform(call, principalOfRequest(request)));
}
