import { DawnError } from '../../shared/errors.ts';

const DEPTH_MAX = 32;

/**
 * Parses a body, refusing what JSON.parse lets through: nesting without end (it parses a million `[`, and everything after it overflows the stack), a key
 * given twice (the last one wins silently), and `__proto__`.
 * @throws DawnError invalid_parameter
 */
export function parseJsonBody(text: string): unknown {
  if (!isPlain(text)) scan(text);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw invalid(`the body is not JSON: ${(error as Error).message}`);
  }
}

const [QUOTE, BACKSLASH, COLON] = [34, 92, 58];
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [123, 125, 91, 93];
/** Objects with more keys are looked at thoroughly. */
const KEYS_MAX = 32;
/** Of the keys of each object that is open, by depth; and how many there are. */
const hashes = new Int32Array((DEPTH_MAX + 1) * KEYS_MAX);
const counts = new Int32Array(DEPTH_MAX + 1);
const PROTO = hashOf('__proto__');

function hashOf(key: string): number {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  return hash;
}

/** A quick look, for agents say megabytes when they come back: true when nothing can be wrong but the syntax. Keys are told apart by their hashes, and nothing is allocated. */
function isPlain(text: string): boolean {
  let depth = 0;
  counts[0] = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      let hash = 0;
      let isEscaped = false;
      for (at += 1; at < text.length; at++) {
        const inside = text.charCodeAt(at);
        if (inside === QUOTE) break;
        hash = (Math.imul(hash, 31) + inside) | 0;
        if (inside !== BACKSLASH) continue;
        isEscaped = true;
        at += 1;
      }
      if (isKey(text, at + 1) && (isEscaped || hash === PROTO || !isNew(hash, depth))) return false;
    } else if (code === BRACE || code === BRACKET) {
      if ((depth += 1) > DEPTH_MAX) return false;
      counts[depth] = 0;
    } else if (code === BRACE_END || code === BRACKET_END) {
      if ((depth -= 1) < 0) return false;
    }
  }
  return true;
}

/** Notes the hash of a key. */
function isNew(hash: number, depth: number): boolean {
  const [from, count] = [depth * KEYS_MAX, counts[depth] ?? 0];
  if (count === KEYS_MAX) return false;
  for (let at = from; at < from + count; at++) if (hashes[at] === hash) return false;
  hashes[from + count] = hash;
  counts[depth] = count + 1;
  return true;
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
  let code = text.charCodeAt(at);
  // Space, line feed, carriage return, tabulator.
  while (code === 32 || code === 10 || code === 13 || code === 9) code = text.charCodeAt((at += 1));
  return code === COLON;
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
