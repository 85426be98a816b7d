import type { Engine } from './engine.ts';
import { sentence } from './engine.ts';

const PULL_MS = 10 * 60_000;
const PROGRESS_EVERY_MS = 2_000;

/** A pull that the registry or the engine refused; trying again would not help now. */
export class PullError extends Error {
  override readonly name = 'PullError';
}

interface PullLine {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly errorDetail?: { readonly message?: string };
}

/** Pulls an image; progress is told every few seconds. A failure may come in the middle of a stream that began well. */
export async function pullImage(
  engine: Engine,
  image: string,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<void> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(PULL_MS)]);
  onProgress(`pulling ${image}`);
  try {
    const stream = (await engine.streams.pull(image, {
      abortSignal: both,
    } as never)) as AsyncIterable<Buffer>;
    await readProgress(image, stream, onProgress);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new PullError(`image ${image} cannot be pulled: ${sentence(error)}`);
  }
}

async function readProgress(
  image: string,
  stream: AsyncIterable<Buffer>,
  onProgress: (text: string) => void,
): Promise<void> {
  const layers = new Map<string, { current: number; total: number }>();
  let toldMs = performance.now();
  let pending = '';
  for await (const chunk of stream) {
    const pieces = (pending + chunk.toString('utf8')).split('\n');
    pending = pieces.pop() ?? '';
    for (const piece of pieces) {
      if (piece.trim() === '') continue;
      const line = JSON.parse(piece) as PullLine;
      if (line.errorDetail) throw new Error(line.errorDetail.message ?? 'the registry refused');
      if (line.id !== undefined && line.progressDetail?.total !== undefined)
        layers.set(line.id, { current: line.progressDetail.current ?? 0, total: line.progressDetail.total });
    }
    if (performance.now() - toldMs < PROGRESS_EVERY_MS) continue;
    toldMs = performance.now();
    onProgress(`pulling ${image}: ${percent([...layers.values()])} %`);
  }
}

function percent(layers: readonly { current: number; total: number }[]): number {
  const total = layers.reduce((sum, layer) => sum + layer.total, 0);
  const current = layers.reduce((sum, layer) => sum + layer.current, 0);
  return total === 0 ? 0 : Math.floor((100 * current) / total);
}
