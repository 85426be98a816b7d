import type { Document } from 'yaml';
import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, visit } from 'yaml';

/** Deeper than any job file is, and far from where a recursive parser runs out of stack. */
export const DEPTH_MAX = 32;

/** Something in the text that is refused or remarked on, at an offset of the text. */
export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly offset: number;
}

/**
 * Nesting that is too deep, seen without parsing: a parser spends a second on 100,000 brackets before it says no, and compact
 * lists (`- - - …`) overflow its stack.
 */
export function tooDeep(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (at === 0 || text[at - 1] === '\n') {
      const indent = /^ */.exec(text.slice(at, at + DEPTH_MAX * 4 + 1))?.[0].length ?? 0;
      if (indent > DEPTH_MAX * 4) return at + indent;
      const compact = /^(?:[ \t]*[-?](?=[ \t]))*/.exec(text.slice(at, at + DEPTH_MAX * 8))?.[0] ?? '';
      if (compact.replace(/[ \t]/g, '').length > DEPTH_MAX) return at + compact.length;
    }
    if (character === '[' || character === '{') depth += 1;
    else if ((character === ']' || character === '}') && depth > 0) depth -= 1;
    // Braces of templates come in pairs and close at once; only true nesting gets this far.
    if (depth > DEPTH_MAX) return at;
  }
  return undefined;
}

/** The first thing in a document that makes YAML dangerous: anchors, aliases, merge keys, tags, depth, keys that are no words. */
export function refused(document: Document): Finding | undefined {
  let found: Finding | undefined;
  const refuse = (code: string, message: string, range: readonly number[] | null | undefined): symbol => {
    found = { code, message, offset: range?.[0] ?? 0 };
    return visit.BREAK;
  };
  visit(document, (_key, node, path) => {
    const holder = isScalar(node) || isMap(node) || isSeq(node);
    if (isAlias(node) || (holder && node.anchor !== undefined))
      return refuse('E_YAML_ALIASES', 'anchors and aliases are not used here; write it out', node.range);
    if (holder && node.tag !== undefined && node.tag !== 'tag:yaml.org,2002:str')
      return refuse('E_YAML_TAG', `tag ${node.tag} is not used here`, node.range);
    if (isPair(node) && isCollection(node.key))
      return refuse('E_YAML', 'a key is one word, not a list or a mapping', node.key.range);
    if (isPair(node) && isScalar(node.key) && node.key.value === '<<')
      return refuse('E_YAML_ALIASES', 'merge keys are not used here; write it out', node.key.range);
    if (isCollection(node) && path.filter(isCollection).length >= DEPTH_MAX)
      return refuse('E_DEPTH', `nested deeper than ${DEPTH_MAX}`, node.range);
    return undefined;
  });
  return found;
}

/** Plain numbers with leading zeros: ten and more in YAML 1.2, octal in YAML 1.1 and in many a head. */
export function remarks(document: Document): Finding[] {
  const found: Finding[] = [];
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'number' || !/^[-+]?0\d/.test(node.source ?? '')) return;
      found.push({
        code: 'W_NUMBER',
        message: `${node.source} is read as ${node.value}, not as octal; write ${node.value}`,
        offset: node.range?.[0] ?? 0,
      });
    },
  });
  return found;
}
