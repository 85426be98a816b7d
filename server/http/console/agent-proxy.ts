import { request } from 'undici';
import { DawnError } from '../../../shared/errors.ts';
import type { AgentId } from '../../../shared/ids.ts';
import type { Replies } from '../../../shared/api/operations.ts';
import type { TaskRow } from '../../scheduler/rows.ts';
import type { ConsoleContext } from './context.ts';

const ANSWER_MS = 10_000;
const TEXT_BYTES_MAX = 4 * 1024 * 1024;

type Body = Awaited<ReturnType<typeof request>>['body'];

/** Opens `/dawn/v1/tasks/<id>/<rest>` of the agent that a task is or was on. Logs stream without an end; the caller's signal ends them. */
export async function openAgent(context: ConsoleContext, task: TaskRow, rest: string, signal: AbortSignal): Promise<Body> {
  const agent = task.agent === null ? undefined : context.master?.agents.get(task.agent satisfies AgentId);
  if (task.agent === null) throw new DawnError({ code: 'not_found', message: `${task.job}/${task.instance} has not been on a host yet`, hint: `see \`dawn job why ${task.job}\`` });
  if (!agent) throw new DawnError({ code: 'unavailable', message: `the agent on ${task.host ?? ''} is gone, and what it kept of the task with it` });
  const url = `http://${agent.info.ip}:${agent.info.port}/dawn/v1/tasks/${encodeURIComponent(task.id)}/${rest}`;
  let response: Awaited<ReturnType<typeof request>>;
  try {
    response = await request(url, { signal, headersTimeout: ANSWER_MS, bodyTimeout: 0 });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new DawnError({ code: 'unavailable', message: `the agent on ${agent.info.hostname} does not answer (${(error as Error).message})`, hint: 'see `dawn host list`' });
  }
  if (response.statusCode === 200) return stopOn(response.body, signal);
  const text = await readText(response.body);
  throw new DawnError({ code: response.statusCode === 404 ? 'not_found' : 'unavailable', message: messageIn(text) ?? `the agent on ${agent.info.hostname} answered ${response.statusCode}` });
}

export async function readAgentJson(context: ConsoleContext, task: TaskRow, rest: string, signal: AbortSignal): Promise<Replies['task.files']> {
  return JSON.parse(await readText(await openAgent(context, task, rest, signal))) as Replies['task.files'];
}

function stopOn(body: Body, signal: AbortSignal): Body {
  signal.addEventListener('abort', () => body.destroy());
  return body;
}

async function readText(body: Body): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > TEXT_BYTES_MAX) throw new DawnError({ code: 'too_large', message: 'the agent sent more than is shown here' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function messageIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message;
  } catch {
    return undefined;
  }
}
