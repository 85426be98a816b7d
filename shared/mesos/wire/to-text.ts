import type { Message } from './from-json.ts';
import { messageType, type Field, type MessageType } from './schema.ts';

/** A message in protobuf's text format, as Mesos quotes messages in its sentences: a field a line, in the order of their numbers, with a newline at the end. @param name as in `mesos.v1.ExecutorInfo` */
export function textOf(name: string, message: object): string {
  return linesOf(messageType(name), message as Message, '');
}

function linesOf(type: MessageType, message: Message, indent: string): string {
  const fields = [...type.fields].sort((a, b) => a.number - b.number);
  return fields
    .flatMap((field) => valuesOf(field, message[field.name]).map((value) => lineOf(field, value, indent)))
    .join('');
}

function valuesOf({ label }: Field, value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (label === 'repeated') return value as readonly unknown[];
  return label === 'map' ? Object.entries(value as object) : [value];
}

function lineOf(field: Field, value: unknown, indent: string): string {
  const { name, type, label } = field;
  if (label === 'map') {
    const [key, held] = value as [string, unknown];
    const inner = `${indent}  key: ${quoted(key)}\n${lineOf({ ...field, name: 'value', label: 'optional' }, held, `${indent}  `)}`;
    return `${indent}${name} {\n${inner}${indent}}\n`;
  }
  if (typeof type === 'string')
    return `${indent}${name}: ${type === 'string' || type === 'bytes' ? quoted(String(value)) : String(value)}\n`;
  if (type.kind === 'enum') return `${indent}${name}: ${String(value)}\n`;
  return `${indent}${name} {\n${linesOf(type, value as Message, `${indent}  `)}${indent}}\n`;
}

/** As C quotes text, with everything that is no ASCII in octal. */
function quoted(text: string): string {
  const escaped = [...new TextEncoder().encode(text)].map((byte) => {
    const known = ESCAPES.get(byte);
    if (known !== undefined) return known;
    return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${escaped.join('')}"`;
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
  [34, '\\"'],
  [39, "\\'"],
  [92, '\\\\'],
]);
