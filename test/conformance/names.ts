import type { Json } from './recorded.ts';

/** Which of our ids, streams and ports stands for which recorded one. Learnt as both sides say the same thing in their own names. */
export class Names {
  private readonly ours = new Map<string, string>();
  private readonly recorded = new Map<string, string>();

  learn(recorded: Json | undefined, ours: Json | undefined): void {
    if (typeof recorded !== 'string' || typeof ours !== 'string') return;
    // Operators' streams have no framework.
    if (recorded === '' || this.ours.has(recorded)) return;
    this.ours.set(recorded, ours);
    if (!this.recorded.has(ours)) this.recorded.set(ours, recorded);
  }

  knows(recorded: string): boolean {
    return this.ours.has(recorded);
  }

  our(recorded: string): string | undefined {
    return this.ours.get(recorded);
  }

  /** Recorded text in our names. Longest first: `…-O1` must not be found in `…-O12`. */
  toOurs(text: string): string {
    return replaceAll(text, this.ours);
  }

  /** Our text in recorded names. */
  toRecorded(text: string): string {
    return replaceAll(text, this.recorded);
  }
}

function replaceAll(text: string, names: ReadonlyMap<string, string>): string {
  const known = [...names.keys()].filter((name) => text.includes(name)).sort((a, b) => b.length - a.length);
  if (known.length === 0) return text;
  const pattern = new RegExp(known.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  return text.replace(pattern, (name) => names.get(name) ?? name);
}
