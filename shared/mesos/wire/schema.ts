/** Reads the schema: the part of proto2 that Mesos's messages are written in. */
import { AGENT_CALLS } from './schema/agent-calls.ts';
import { AGENT_RESPONSES } from './schema/agent-responses.ts';
import { CLUSTER } from './schema/cluster.ts';
import { CONTAINERS } from './schema/containers.ts';
import { EXECUTOR } from './schema/executor.ts';
import { MASTER_CALLS } from './schema/master-calls.ts';
import { MASTER_RESPONSES } from './schema/master-responses.ts';
import { OPERATORS } from './schema/operators.ts';
import { RESOURCES } from './schema/resources.ts';
import { SCHEDULER } from './schema/scheduler.ts';
import { STATISTICS } from './schema/statistics.ts';
import { TASKS } from './schema/tasks.ts';
import { VOLUMES } from './schema/volumes.ts';

export type Scalar = 'string' | 'bytes' | 'bool' | 'double' | 'int32' | 'int64' | 'uint32' | 'uint64';
const SCALARS: ReadonlySet<string> = new Set<Scalar>([
  'string',
  'bytes',
  'bool',
  'double',
  'int32',
  'int64',
  'uint32',
  'uint64',
]);

export interface EnumType {
  readonly kind: 'enum';
  readonly name: string;
  readonly numbers: Map<string, number>;
  readonly names: Map<number, string>;
}

export interface MessageType {
  readonly kind: 'message';
  /** Full name: `mesos.v1.scheduler.Call`. */
  readonly name: string;
  readonly fields: Field[];
  readonly byName: Map<string, Field>;
  readonly byNumber: Map<number, Field>;
}

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly label: 'required' | 'optional' | 'repeated' | 'map';
  /** Of a map: of its values. Keys are strings. */
  type: Scalar | EnumType | MessageType;
  /** Written where the field is unset: it has a default and is not deprecated. */
  readonly shownDefault: unknown;
}

let known: ReadonlyMap<string, MessageType> | undefined;

/** @throws Error for a name that is not in the schema: a fault of ours */
export function messageType(name: string): MessageType {
  known ??= readSchema([
    CLUSTER,
    RESOURCES,
    TASKS,
    CONTAINERS,
    VOLUMES,
    STATISTICS,
    SCHEDULER,
    EXECUTOR,
    MASTER_CALLS,
    MASTER_RESPONSES,
    AGENT_CALLS,
    AGENT_RESPONSES,
    OPERATORS,
  ]);
  const type = known.get(name);
  if (!type) throw new Error(`the schema has no message ${name}`);
  return type;
}

/** Every message, nested ones too. */
export function messageNames(): string[] {
  messageType('mesos.v1.FrameworkID');
  return [...(known?.keys() ?? [])];
}

const TOKEN = /"[^"]*"|[\w.]+|[{}=;<>,[\]]/g;

function readSchema(texts: readonly string[]): ReadonlyMap<string, MessageType> {
  const types = new Map<string, MessageType | EnumType>();
  const unresolved: { field: Field; type: string; scope: string }[] = [];
  for (const text of texts) readText(text, types, unresolved);
  for (const { field, type, scope } of unresolved) field.type = resolve(types, type, scope);
  return new Map([...types].flatMap(([name, type]) => (type.kind === 'message' ? [[name, type]] : [])));
}

function readText(
  text: string,
  types: Map<string, MessageType | EnumType>,
  unresolved: { field: Field; type: string; scope: string }[],
): void {
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  let scope = '';
  const open: MessageType[] = [];
  const next = (): string => tokens[at++] ?? '';
  while (at < tokens.length) {
    const word = next();
    if (word === 'package') {
      scope = next();
      next();
    } else if (word === 'message') {
      scope = `${scope}.${next()}`;
      const type: MessageType = {
        kind: 'message',
        name: scope,
        fields: [],
        byName: new Map(),
        byNumber: new Map(),
      };
      types.set(scope, type);
      open.push(type);
      next();
    } else if (word === 'enum') {
      const name = `${scope}.${next()}`;
      const type: EnumType = { kind: 'enum', name, numbers: new Map(), names: new Map() };
      types.set(name, type);
      next();
      for (let value = next(); value !== '}'; value = next()) {
        next();
        const number = Number(next());
        type.numbers.set(value, number);
        type.names.set(number, value);
        next();
      }
    } else if (word === '}') {
      open.pop();
      scope = scope.slice(0, scope.lastIndexOf('.'));
    } else {
      const message = open.at(-1);
      if (!message) throw new Error(`the schema has ${word} outside of a message`);
      const { field, type } = readField(word, next);
      message.fields.push(field);
      message.byName.set(field.name, field);
      message.byNumber.set(field.number, field);
      if (!SCALARS.has(type)) unresolved.push({ field, type, scope });
    }
  }
}

/** From its label (or `map`) to the semicolon. */
function readField(label: string, next: () => string): { field: Field; type: string } {
  let type = next();
  if (label === 'map') {
    // `<string, T>`
    next();
    next();
    type = next();
    next();
  }
  const name = next();
  next();
  const number = Number(next());
  const options = new Map<string, string>();
  for (let token = next(); token !== ';'; token = next()) {
    if (token !== 'default' && token !== 'deprecated') continue;
    next();
    options.set(token, next());
  }
  const shown = options.get('deprecated') === 'true' ? undefined : options.get('default');
  const field: Field = {
    name,
    number,
    label: label as Field['label'],
    type: type as Scalar,
    shownDefault: shown === undefined ? undefined : valueOf(shown, type),
  };
  return { field, type };
}

function valueOf(text: string, type: string): unknown {
  if (type === 'bool') return text === 'true';
  if (type === 'string') return text.slice(1, -1);
  return Number.isNaN(Number(text)) ? text : Number(text);
}

/** As protobuf does: innermost scope first. */
function resolve(
  types: ReadonlyMap<string, MessageType | EnumType>,
  name: string,
  scope: string,
): MessageType | EnumType {
  for (let outer = scope; ; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
    const found = types.get(outer === '' ? name : `${outer}.${name}`);
    if (found) return found;
    if (outer === '') throw new Error(`the schema has no ${name}, which ${scope} names`);
  }
}
