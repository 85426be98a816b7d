import { DawnError } from '../../shared/errors.ts';

const DEPTH_MAX = 32;

/**
 * Parses a body, refusing what JSON.parse lets through: nesting without end (it parses a million `[`, and everything after it overflows the stack), a key
 * given twice (the last one wins silently), and `__proto__`.
 * @throws DawnError invalid_parameter
 */
export function parseJsonBody(text: string): unknown {
  scan(text);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw invalid(`the body is not JSON: ${(error as Error).message}`);
  }
}

/** One pass over the text: whatever is wrong with its syntax is left for the parser to say. */
function scan(text: string): void {
  // The keys seen in each open object; null for an open array.
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') {
      if (open.push(character === '{' ? new Set() : null) > DEPTH_MAX)
        throw invalid(`the body is nested deeper than ${DEPTH_MAX}`);
    } else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) addKey(keys, text.slice(at, end));
      at = end - 1;
    }
  }
}

/** The index after the closing quote. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** In an object, a string with a colon behind it. */
function isKey(text: string, after: number): boolean {
  let at = after;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

function addKey(keys: Set<string>, quoted: string): void {
  const key = quoted.includes('\\') ? unescaped(quoted) : quoted.slice(1, -1);
  if (key === '__proto__') throw invalid('unknown field __proto__');
  if (keys.has(key)) throw invalid(`the field ${key} is given twice`);
  keys.add(key);
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

function invalid(message: string): DawnError {
  return new DawnError({ code: 'invalid_parameter', message });
}
