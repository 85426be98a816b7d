import { request } from 'undici';
import { DawnError } from '../../../shared/errors.ts';
import type { TaskRow } from '../../scheduler/rows.ts';

/** Within this an agent begins to answer, and says more unless it was asked to follow. */
const ANSWER_MS = 10_000;
const TEXT_BYTES_MAX = 4 * 1024 * 1024;

export type Response = Awaited<ReturnType<typeof request>>;

/** Where an agent's HTTP endpoint is, and what people call its machine. */
export interface AgentAddress {
  readonly hostname: string;
  readonly ip: string;
  readonly port: number;
}

export interface Reading {
  readonly signal: AbortSignal;
  /** A quiet task says nothing for as long as it likes; the caller's signal ends it. */
  readonly endless: boolean;
  /** Who this server is, for agents that ask (`--agent_credential`), as an `Authorization` header. */
  readonly authorization: string | undefined;
}

/** Opens `/dawn/v1/tasks/<id>/<rest>` of one of Dawn's agents. @throws DawnError not_found, unavailable */
export async function openAgent(
  agent: AgentAddress,
  task: TaskRow,
  rest: string,
  reading: Reading,
): Promise<Response['body']> {
  const { statusCode, body } = await askAgent(
    agent,
    `/dawn/v1/tasks/${encodeURIComponent(task.id)}/${rest}`,
    reading,
  );
  if (statusCode !== 200) {
    const message =
      messageIn(await readText(body)) ?? `the agent on ${agent.hostname} answered ${statusCode}`;
    throw refusedByAgent(statusCode, message);
  }
  reading.signal.addEventListener('abort', () => body.destroy());
  return body;
}

/** GET of a path at an agent. @throws DawnError unavailable when there is no answer */
export async function askAgent(
  { hostname, ip, port }: AgentAddress,
  path: string,
  { signal, endless, authorization }: Reading,
): Promise<Response> {
  const host = ip.includes(':') ? `[${ip}]` : ip;
  try {
    return await request(`http://${host}:${port}${path}`, {
      signal,
      ...(authorization === undefined ? {} : { headers: { authorization } }),
      headersTimeout: ANSWER_MS,
      bodyTimeout: endless ? 0 : ANSWER_MS,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const message = `the agent on ${hostname} does not answer (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`;
    throw new DawnError({ code: 'unavailable', message, hint: 'see `dawn host list`' });
  }
}

/** What an agent's refusal is to whoever asked for logs or files. */
export function refusedByAgent(status: number, message: string): DawnError {
  const code = status === 404 ? 'not_found' : 'unavailable';
  if (status !== 401 && status !== 403) return new DawnError({ code, message });
  const hint =
    status === 401
      ? 'start the server with --agent-credential=FILE, a principal and its secret that its agents know'
      : "the agent's --acls do not let the server's principal (--agent-credential) access sandboxes";
  return new DawnError({ code, message, hint });
}

/** The agent that a task is or was on. @throws DawnError not_found when it was on none, unavailable when that one is gone */
export function agentOf<Agent>(
  { agent: id, host, job, instance }: TaskRow,
  find: (id: NonNullable<TaskRow['agent']>) => Agent | undefined,
): Agent {
  if (id === null) {
    throw new DawnError({
      code: 'not_found',
      message: `${job}/${instance} has not been on a host yet`,
      hint: `see \`dawn job why ${job}\``,
    });
  }
  const agent = find(id);
  if (agent !== undefined) return agent;
  throw new DawnError({
    code: 'unavailable',
    message: `the agent on ${host ?? id} is gone, and what it kept of the task with it`,
  });
}

/** @throws DawnError too_large */
export async function readText(body: Response['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > TEXT_BYTES_MAX)
      throw new DawnError({ code: 'too_large', message: 'the agent sent more than is shown here' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What one of Dawn's agents says of an error; undefined when it is none of ours that speaks. */
export function messageIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message;
  } catch {
    return undefined;
  }
}
