import stringWidth from 'string-width';
import type { Output as SlowOutput } from 'ink-slow-output';
import Slow from 'ink-slow-output';

interface Write {
  readonly kind: 'write';
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly transformers: readonly ((line: string, index: number) => string)[];
}
type Operation = Write | { readonly kind: 'clip'; readonly clip: unknown } | { readonly kind: 'unclip' };

/**
 * Ink's frame builder for frames of whole lines: rows are put together as strings instead of cell by cell, a seventh of the CPU. What it cannot do (clipping, writes
 * that overlap) goes to Ink's own, so every frame comes out the same.
 */
export default class Output {
  private readonly size: { readonly width: number; readonly height: number };
  private readonly operations: Operation[] = [];

  constructor(size: { width: number; height: number }) {
    this.size = size;
  }

  write(x: number, y: number, text: string, options: { transformers: Write['transformers'] }): void {
    if (text !== '') this.operations.push({ kind: 'write', x, y, text, transformers: options.transformers });
  }

  clip(clip: unknown): void {
    this.operations.push({ kind: 'clip', clip });
  }

  unclip(): void {
    this.operations.push({ kind: 'unclip' });
  }

  get(): { output: string; height: number } {
    const rows: (string | undefined)[] = Array.from({ length: this.size.height });
    for (const operation of this.operations)
      if (operation.kind !== 'write' || !place(rows, operation)) return this.slowly();
    return { output: rows.map((row) => row?.trimEnd() ?? '').join('\n'), height: this.size.height };
  }

  private slowly(): { output: string; height: number } {
    const slow: SlowOutput = new Slow(this.size);
    for (const operation of this.operations) {
      if (operation.kind === 'write')
        slow.write(operation.x, operation.y, operation.text, { transformers: operation.transformers });
      else if (operation.kind === 'clip') slow.clip(operation.clip);
      else slow.unclip();
    }
    return slow.get();
  }
}

/** False: something stands there already. */
function place(rows: (string | undefined)[], { x, y, text, transformers }: Write): boolean {
  for (const [index, plain] of text.split('\n').entries()) {
    const at = y + index;
    if (at < 0 || at >= rows.length) continue;
    const line = transformers.reduce((done, transform) => transform(done, index), plain);
    const row = rows[at] ?? '';
    // How far a row reaches is costly to know, and asked only where two writes share one.
    const end = row === '' ? 0 : stringWidth(row);
    if (x < end) return false;
    rows[at] = row + ' '.repeat(x - end) + line;
  }
  return true;
}
