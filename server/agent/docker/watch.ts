import type { Engine } from './engine.ts';
import { LABEL_AGENT, LABEL_CONTAINER } from './labels.ts';

const RECONNECT_MS = 1_000;
/** Events are hints (an engine drops them for a slow reader); the list is the truth, and is asked for this often all the same. */
const LIST_EVERY_MS = 60_000;
const EVENT_BYTES_MAX = 1024 * 1024;

export interface EngineListener {
  onExit(id: string): void;
  /** Those that run. */
  onListed(ids: ReadonlySet<string>): void;
  log(message: string, detail: Readonly<Record<string, unknown>>): void;
}

/** Ids of an agent's containers: of those that run, or of all. */
export async function listContainers(
  { calls }: Engine,
  agentKey: string,
  { all }: { readonly all: boolean },
): Promise<ReadonlySet<string>> {
  const filters = { label: [`${LABEL_AGENT}=${agentKey}`] };
  const containers = await calls.listContainers({ all, filters });
  return new Set(containers.flatMap(({ Labels }) => Labels[LABEL_CONTAINER] ?? []));
}

/** Follows the engine's events about our containers until the signal aborts; after each connection, and now and then, lists what there is. */
export function watchEngine(
  engine: Engine,
  agentKey: string,
  signal: AbortSignal,
  listener: EngineListener,
): void {
  const filters = { label: [`${LABEL_AGENT}=${agentKey}`] };
  const list = async (): Promise<void> => {
    listener.onListed(await listContainers(engine, agentKey, { all: false }));
  };
  const follow = async (): Promise<void> => {
    const stream = (await engine.streams.getEvents({
      filters: { ...filters, type: ['container'], event: ['die', 'oom'] },
      abortSignal: signal,
    } as never)) as unknown as AsyncIterable<Buffer>;
    await list();
    for await (const line of lines(stream)) {
      const event = JSON.parse(line) as { Action?: string; Actor?: { Attributes?: Record<string, string> } };
      const id = event.Actor?.Attributes?.[LABEL_CONTAINER];
      if (id !== undefined && event.Action === 'die') listener.onExit(id);
    }
  };
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (!signal.aborted)
          listener.log('lost the events of the engine', { error: (error as Error).message });
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  };
  void loop();
  const timer = setInterval(
    () =>
      void list().catch((error: unknown) =>
        listener.log('the engine did not list its containers', { error: String(error) }),
      ),
    LIST_EVERY_MS,
  );
  signal.addEventListener('abort', () => clearInterval(timer));
}

async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let pending = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = Buffer.concat([pending, chunk]);
    for (let end = pending.indexOf(10); end >= 0; end = pending.indexOf(10)) {
      const line = pending.toString('utf8', 0, end).trim();
      pending = pending.subarray(end + 1);
      if (line !== '') yield line;
    }
    if (pending.length > EVENT_BYTES_MAX) throw new Error('an event is larger than 1 MiB');
  }
}
