import { request } from 'undici';
import type { Replies } from '../../../shared/api/operations.ts';
import { DawnError } from '../../../shared/errors.ts';
import type { MasterAgent } from '../../master/world.ts';
import type { TaskRow } from '../../scheduler/rows.ts';
import type { ConsoleContext } from './context.ts';

/** Within this an agent begins to answer, and says more unless it was asked to follow. */
const ANSWER_MS = 10_000;
const TEXT_BYTES_MAX = 4 * 1024 * 1024;

type Response = Awaited<ReturnType<typeof request>>;

interface Reading {
  readonly signal: AbortSignal;
  /** A quiet task says nothing for as long as it likes; the caller's signal ends it. */
  readonly endless: boolean;
}

/** Opens `/dawn/v1/tasks/<id>/<rest>` of the agent that a task is or was on. @throws DawnError not_found, unavailable */
export async function openAgent(
  context: ConsoleContext,
  task: TaskRow,
  rest: string,
  reading: Reading,
): Promise<Response['body']> {
  const agent = agentOf(context, task);
  const { statusCode, body } = await ask(
    agent,
    `/dawn/v1/tasks/${encodeURIComponent(task.id)}/${rest}`,
    reading,
  );
  if (statusCode !== 200) {
    const message =
      messageIn(await readText(body)) ?? `the agent on ${agent.info.hostname} answered ${statusCode}`;
    throw new DawnError({ code: statusCode === 404 ? 'not_found' : 'unavailable', message });
  }
  reading.signal.addEventListener('abort', () => body.destroy());
  return body;
}

export async function readAgentJson(
  context: ConsoleContext,
  task: TaskRow,
  rest: string,
  signal: AbortSignal,
): Promise<Replies['task.files']> {
  const text = await readText(await openAgent(context, task, rest, { signal, endless: false }));
  return JSON.parse(text) as Replies['task.files'];
}

function agentOf({ master }: ConsoleContext, { agent: id, host, job, instance }: TaskRow): MasterAgent {
  if (id === null) {
    throw new DawnError({
      code: 'not_found',
      message: `${job}/${instance} has not been on a host yet`,
      hint: `see \`dawn job why ${job}\``,
    });
  }
  const agent = master?.agents.get(id);
  if (agent) return agent;
  throw new DawnError({
    code: 'unavailable',
    message: `the agent on ${host ?? id} is gone, and what it kept of the task with it`,
  });
}

async function ask({ info }: MasterAgent, path: string, { signal, endless }: Reading): Promise<Response> {
  const host = info.ip.includes(':') ? `[${info.ip}]` : info.ip;
  try {
    return await request(`http://${host}:${info.port}${path}`, {
      signal,
      headersTimeout: ANSWER_MS,
      bodyTimeout: endless ? 0 : ANSWER_MS,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const message = `the agent on ${info.hostname} does not answer (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`;
    throw new DawnError({ code: 'unavailable', message, hint: 'see `dawn host list`' });
  }
}

async function readText(body: Response['body']): Promise<string> {
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

/** What an agent says of an error. */
function messageIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message;
  } catch {
    return undefined;
  }
}
