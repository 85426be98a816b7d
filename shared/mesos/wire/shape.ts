/** Whether a JSON value may be taken for a message as it stands, without being copied. */
import { DEPTH_MAX } from './from-json.ts';
import type { EnumType, Field, MessageType, Scalar } from './schema.ts';

/**
 * Where a value is not of its message's shape and what is wrong there, or null. What is unset is absent, lists are lists, and what is required is there; members that the
 * schema does not know are passed over. A number that is not finite is null, for JSON has no word for it.
 */
export function shapeProblem(type: MessageType, value: unknown, depth = 0): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ': is no object';
  if (depth > DEPTH_MAX) return ': is nested too deeply';
  const message = value as Readonly<Record<string, unknown>>;
  for (const name in message) {
    const field = type.byName.get(name);
    if (!field || message[name] === undefined) continue;
    const problem = fieldProblem(field, message[name], depth);
    if (problem !== null) return `.${name}${problem}`;
  }
  for (const { name, label } of type.fields)
    if (label === 'required' && message[name] === undefined) return `.${name}: is missing`;
  return null;
}

function fieldProblem({ type, label }: Field, value: unknown, depth: number): string | null {
  if (label === 'repeated') {
    if (!Array.isArray(value)) return ': is no list';
    for (const each of value) {
      const problem = valueProblem(type, each, depth);
      if (problem !== null) return problem;
    }
    return null;
  }
  if (label !== 'map') return valueProblem(type, value, depth);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ': is no object';
  for (const each of Object.values(value)) {
    const problem = valueProblem(type, each, depth);
    if (problem !== null) return problem;
  }
  return null;
}

function valueProblem(type: Scalar | EnumType | MessageType, value: unknown, depth: number): string | null {
  if (typeof type !== 'string') {
    if (type.kind === 'message') return shapeProblem(type, value, depth + 1);
    return typeof value === 'string' ? null : ': is no text';
  }
  switch (type) {
    case 'string':
    case 'bytes':
      return typeof value === 'string' ? null : ': is no text';
    case 'bool':
      return typeof value === 'boolean' ? null : ': is neither true nor false';
    case 'double':
      return typeof value === 'number' || value === null ? null : ': is no number';
    default:
      return Number.isInteger(value) ? null : ': is no whole number';
  }
}
