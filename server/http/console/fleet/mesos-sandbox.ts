import { setTimeout as pause } from 'node:timers/promises';
import type { Replies } from '../../../../shared/api/operations.ts';
import type { LogLine } from '../../../../shared/api/views.ts';
import { DawnError } from '../../../../shared/errors.ts';
import type { AgentAddress } from '../agent-proxy.ts';
import { askAgent, readText, refusedByAgent } from '../agent-proxy.ts';
import type { LogRequest } from '../fleet.ts';

/** A real agent gives no more of a file at once (16 pages). */
const PIECE_BYTES = 64 * 1024;
/** Looked back for the last lines, at most. */
const TAIL_BYTES_MAX = 4 * 1024 * 1024;
const FILE_BYTES_MAX = 1024 * 1024;
const POLL_MS = 1_000;

type Stream = LogLine['stream'];

interface Sandbox {
  readonly framework: string;
  readonly task: string;
  /** Who this server is, for agents that ask. */
  readonly authorization: string | undefined;
}

/**
 * What a real Mesos agent keeps of a command task: `stdout`, `stderr` and whatever it wrote, read through `/files/read` and `/files/browse` under the path
 * that stands for its newest run. The executor of a command task is named after it.
 */
export class MesosSandbox {
  private readonly agent: AgentAddress;
  private readonly root: string;
  private readonly authorization: string | undefined;

  constructor(agent: AgentAddress, { framework, task, authorization }: Sandbox) {
    this.agent = agent;
    this.authorization = authorization;
    this.root = `/frameworks/${framework}/executors/${task}/runs/latest`;
  }

  /** Lines as NDJSON of `{stream, at, text}`; when they were written is not known. @throws DawnError not_found */
  async logs({ stream, tail, follow }: LogRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const streams: readonly Stream[] = stream === 'both' ? ['stdout', 'stderr'] : [stream];
    const starts = await Promise.all(streams.map((each) => this.tailOf(each, tail, signal)));
    return this.linesOf(streams, starts, follow, signal);
  }

  /** A file's last MiB, or the names in a directory. @throws DawnError not_found */
  async read(path: string, signal: AbortSignal): Promise<Replies['task.files']> {
    const full = this.pathOf(path);
    const listed = await this.get(`/files/browse?path=${encodeURIComponent(full)}`, signal);
    if (listed !== undefined) {
      const entries = (JSON.parse(listed) as readonly { path: string; size?: number; mode?: string }[]).map(
        (entry) => ({
          name: entry.path.split('/').at(-1) ?? '',
          size: entry.size ?? 0,
          directory: entry.mode?.startsWith('d') === true,
        }),
      );
      if (entries.length > 0 || path === '.' || path === '/') return { path, entries };
    }
    const size = await this.sizeOf(path, signal);
    const text = await this.between(path, Math.max(0, size - FILE_BYTES_MAX), size, signal);
    return { path, text };
  }

  private async *linesOf(
    streams: readonly Stream[],
    starts: readonly { readonly text: string; readonly end: number }[],
    follow: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    const ends = starts.map(({ end }) => end);
    const rests = starts.map(() => '');
    const take = (at: number, text: string): string => {
      const lines = (rests[at] + text).split('\n');
      rests[at] = lines.pop() ?? '';
      return lines.map((line) => record(streams[at]!, line)).join('');
    };
    for (const [at, { text }] of starts.entries()) yield Buffer.from(take(at, text));
    while (await again(follow, signal)) {
      for (const [at, stream] of streams.entries()) {
        const text = await this.piece(stream, ends[at]!, PIECE_BYTES, signal);
        ends[at]! += Buffer.byteLength(text);
        if (text !== '') yield Buffer.from(take(at, text));
      }
    }
    for (const [at, rest] of rests.entries()) if (rest !== '') yield Buffer.from(record(streams[at]!, rest));
  }

  /** The last lines of a file as it is now. */
  private async tailOf(
    file: string,
    lines: number,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly end: number }> {
    const end = await this.sizeOf(file, signal);
    let text = '';
    if (lines === 0) return { text, end };
    for (let from = end; from > 0 && end - from < TAIL_BYTES_MAX;) {
      const begin = Math.max(0, from - PIECE_BYTES);
      text = (await this.between(file, begin, from, signal)) + text;
      from = begin;
      const kept = lastLines(text, lines);
      if (kept !== undefined) return { text: kept, end };
    }
    return { text, end };
  }

  private async between(file: string, begin: number, end: number, signal: AbortSignal): Promise<string> {
    let text = '';
    for (let at = begin; at < end;) {
      const piece = await this.piece(file, at, Math.min(PIECE_BYTES, end - at), signal);
      if (piece === '') break;
      text += piece;
      at += Buffer.byteLength(piece);
    }
    return text;
  }

  private async sizeOf(file: string, signal: AbortSignal): Promise<number> {
    return (await this.readAt(file, 'offset=-1', signal)).offset;
  }

  private async piece(file: string, offset: number, length: number, signal: AbortSignal): Promise<string> {
    return (await this.readAt(file, `offset=${offset}&length=${length}`, signal)).data;
  }

  private async readAt(
    file: string,
    query: string,
    signal: AbortSignal,
  ): Promise<{ data: string; offset: number }> {
    const path = encodeURIComponent(this.pathOf(file));
    const text = await this.get(`/files/read?path=${path}&${query}`, signal);
    if (text !== undefined) return JSON.parse(text) as { data: string; offset: number };
    throw new DawnError({
      code: 'not_found',
      message: `the agent on ${this.agent.hostname} has no ${file} of this task; it may have cleaned up already`,
    });
  }

  /** Undefined: 404. */
  private async get(path: string, signal: AbortSignal): Promise<string | undefined> {
    const { authorization } = this;
    const { statusCode, body } = await askAgent(this.agent, path, { signal, endless: false, authorization });
    const text = await readText(body);
    if (statusCode === 200) return text;
    if (statusCode === 404) return undefined;
    const message = `the agent on ${this.agent.hostname} answered ${statusCode} ${text.slice(0, 200)}`.trim();
    throw refusedByAgent(statusCode === 400 ? 404 : statusCode, message);
  }

  private pathOf(path: string): string {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..'))
      throw new DawnError({ code: 'not_found', message: `there is no ${path} in the sandbox` });
    return [this.root, ...parts].join('/');
  }
}

/** After a second, if somebody still listens. */
async function again(follow: boolean, signal: AbortSignal): Promise<boolean> {
  if (follow) await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
  return follow && !signal.aborted;
}

/** Undefined when there are not so many in it. */
function lastLines(text: string, lines: number): string | undefined {
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let left = lines; left > 0; left--) {
    at = at <= 0 ? -1 : text.lastIndexOf('\n', at - 1);
    if (at < 0) return undefined;
  }
  return text.slice(at + 1);
}

function record(stream: Stream, text: string): string {
  return `${JSON.stringify({ stream, at: null, text })}\n`;
}
