import type { Document, Node } from 'yaml';
import { LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseAllDocuments, visit } from 'yaml';
import type { Problem } from './problem.ts';

const BYTES_MAX = 256 * 1024;
/** Checked before parsing: a parser spends a second on 100,000 brackets before it says no. */
const DEPTH_MAX = 32;

export type Parsed =
  | {
      readonly ok: true;
      readonly value: unknown;
      readonly at: (path: readonly PropertyKey[], key?: string) => Position;
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
  const text = typeof input === 'string' ? input : decode(input);
  if (typeof text === 'number') return problem('E_ENCODING', `not UTF-8 at byte ${text}`);
  const deep = tooDeep(text);
  if (deep) return problem('E_DEPTH', `nested deeper than ${DEPTH_MAX}`, deep);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text.replace(/^\ufeff/, ''), {
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
  };
}

/** The text, or the offset of the first byte that is no UTF-8. */
function decode(bytes: Uint8Array): string | number {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    for (let end = 1; end <= bytes.length; end++) {
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      } catch {
        return end - 1;
      }
    }
    return bytes.length;
  }
}

function tooDeep(text: string): Position | undefined {
  let depth = 0;
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\n') {
      line += 1;
      lineStart = at + 1;
      const indent = /^ */.exec(text.slice(lineStart, lineStart + 2 * DEPTH_MAX * 2 + 1))?.[0].length ?? 0;
      if (indent > DEPTH_MAX * 4) return { line, column: indent + 1 };
    } else if (character === '[' || character === '{') depth += 1;
    else if ((character === ']' || character === '}') && depth > 0) depth -= 1;
    // Braces of templates come in pairs and close at once; only true nesting gets this far.
    if (depth > DEPTH_MAX) return { line, column: at - lineStart + 1 };
  }
  return undefined;
}

function refused(document: Document): { code: string; message: string; offset: number } | undefined {
  let found: { code: string; message: string; offset: number } | undefined;
  visit(document, (_key, node) => {
    if (isAlias(node) || ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined)) {
      found ??= {
        code: 'E_YAML_ALIASES',
        message: 'anchors and aliases are not used here; write it out',
        offset: node.range?.[0] ?? 0,
      };
    } else if (
      (isScalar(node) || isMap(node) || isSeq(node)) &&
      node.tag !== undefined &&
      !node.tag.startsWith('tag:yaml.org,2002:str')
    ) {
      found ??= {
        code: 'E_YAML_TAG',
        message: `tag ${node.tag} is not used here`,
        offset: node.range?.[0] ?? 0,
      };
    } else if (isPair(node) && isScalar(node.key) && node.key.value === '<<') {
      found ??= {
        code: 'E_YAML_ALIASES',
        message: 'merge keys are not used here; write it out',
        offset: node.key.range?.[0] ?? 0,
      };
    }
    return found ? visit.BREAK : undefined;
  });
  return found;
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
