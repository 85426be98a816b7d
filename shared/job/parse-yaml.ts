import type { Document, Node } from 'yaml';
import { LineCounter, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Problem } from './problem.ts';
import { DEPTH_MAX, refused, remarks, tooDeep } from './yaml-guards.ts';

const BYTES_MAX = 256 * 1024;

export type Parsed =
  | {
      readonly ok: true;
      readonly value: unknown;
      readonly at: (path: readonly PropertyKey[], key?: string) => Position;
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** YAML 1.2 (so JSON too) without what makes it dangerous: no aliases, no merge keys, no tags, one document, bounded. */
export function parseYaml(input: string | Uint8Array, file: string): Parsed {
  const problem = (code: string, message: string, position: Position = { line: 0, column: 0 }): Parsed => ({
    ok: false,
    problems: [{ code, file, path: '', message, ...position }],
  });
  if (input.length > BYTES_MAX) return problem('E_TOO_LARGE', `larger than ${BYTES_MAX / 1024} KiB`);
  const decoded = typeof input === 'string' ? input : decode(input);
  if (typeof decoded === 'number') return problem('E_ENCODING', `not UTF-8 at byte ${decoded}`);
  if (decoded.includes('\0')) return problem('E_ENCODING', 'NUL characters in it; is it UTF-16?');
  const text = decoded.replace(/^\ufeff/, '');
  const deep = tooDeep(text);
  if (deep !== undefined)
    return problem('E_DEPTH', `nested deeper than ${DEPTH_MAX}`, lineAndColumn(text, deep));
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
    version: '1.2',
    prettyErrors: false,
  });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const list = Array.isArray(documents) ? documents : [];
  const [document] = list;
  if (!document || document.contents === null) return problem('E_YAML_EMPTY', 'no document in it');
  const [error] = list.flatMap(({ errors }) => errors);
  if (error) return problem('E_YAML', firstLine(error.message), position(error.pos[0]));
  if (list.length > 1)
    return problem(
      'E_YAML_DOCUMENTS',
      `expected one document, found ${list.length}`,
      position(list[1]?.range[0] ?? 0),
    );
  const odd = refused(document);
  if (odd) return problem(odd.code, odd.message, position(odd.offset));
  return {
    ok: true,
    value: document.toJS({ maxAliasCount: 0 }),
    at: (path, key) => position(offsetOf(document, path, key)),
    warnings: remarks(document).map(({ code, message, offset }) => ({
      code,
      file,
      path: '',
      message,
      ...position(offset),
    })),
  };
}

/** The text, or the offset of the byte that shows it to be no UTF-8 (the length where the text is cut inside a character). */
function decode(bytes: Uint8Array): string | number {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // A beginning that is bad stays bad however it goes on, so the shortest bad one can be searched by halves.
    let [good, bad] = [0, bytes.length + 1];
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      if (mayBeginText(bytes.subarray(0, middle))) good = middle;
      else bad = middle;
    }
    return good;
  }
}

function mayBeginText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function lineAndColumn(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Where the value at a path begins; with `key`, where that key of it stands. The nearest thing that exists when the path does not. */
function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  let node: unknown = document.contents;
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair) break;
      offset = (pair.value as Node | null)?.range?.[0] ?? (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  if (key === undefined || !isMap(node)) return offset;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return (pair?.key as Node | undefined)?.range?.[0] ?? offset;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
