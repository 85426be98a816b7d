/** What an agent has and what is said of it, as Mesos's `--resources` and `--attributes` write it. */
import { DawnError } from '../errors.ts';
import { roleProblem } from './role-problem.ts';
import type { Attribute, MesosResource } from './v1.ts';
import { fromJson } from './wire/codec.ts';

/** Some amount: a number, ranges or names. */
type Amount = Pick<MesosResource, 'type' | 'scalar' | 'ranges' | 'set'>;

const PORT_MAX = 65_535;
const NAME = /^[\w.-]+$/;
/** `name:value`, or `name(role):value`; the value is cut at the first colon, for texts may have more. */
const PART = /^([^:()]*?)\s*(?:\(([^()]*)\)\s*)?(?::(.*))?$/s;
/** Names that stand for one type of amount, so that a mistake is told at the start rather than by the master. */
const TYPES: ReadonlyMap<string, MesosResource['type']> = new Map([
  ['cpus', 'SCALAR'],
  ['mem', 'SCALAR'],
  ['disk', 'SCALAR'],
  ['gpus', 'SCALAR'],
  ['ports', 'RANGES'],
]);

const RESOURCES_HINT =
  'write them as cpus:4;mem(role):4096;ports:[31000-32000];racks:{a,b}, or as a JSON list of resources';
const ATTRIBUTES_HINT = 'write them as rack:r1;level:10;racks:[1-4]';

/**
 * `cpus:4;mem(prod):4096;disk:20480;ports:[31000-31999, 32500-32999]`, or Mesos's messages as a JSON list. With a role in brackets it is reserved for that role for good
 * (a static reservation); what names none is reserved for the default role, `*` meaning nobody. @throws DawnError
 */
export function parseMesosResources(text: string, defaultRole = '*'): MesosResource[] {
  const resources = text.trimStart().startsWith('[') ? fromJsonList(text) : fromParts(text);
  return resources.map((resource) => ({ ...resource, ...reservedFor(resource, defaultRole) }));
}

/** `rack:r1;level:10;racks:[1-4]`: a number, ranges, or else a text. @throws DawnError */
export function parseMesosAttributes(text: string): Attribute[] {
  return partsOf(text).map((part) => {
    const [, name = '', role, value = ''] = PART.exec(part) ?? [];
    const trimmed = value.trim();
    if (!NAME.test(name) || role !== undefined || trimmed === '')
      throw bad('--attributes', part, ATTRIBUTES_HINT);
    const amount = amountOf(trimmed);
    if (amount?.type === 'SET') throw bad('--attributes', part, ATTRIBUTES_HINT);
    return amount ? ({ name, ...amount } as Attribute) : { name, type: 'TEXT', text: { value: trimmed } };
  });
}

function fromParts(text: string): MesosResource[] {
  return partsOf(text).map((part) => {
    const [, name = '', role, value = ''] = PART.exec(part) ?? [];
    const amount = amountOf(value.trim());
    const given = { name, ...amount, ...(role === undefined ? {} : { role: role.trim() }) };
    if (!isResource(given)) throw bad('--resources', part, RESOURCES_HINT);
    return given;
  });
}

function fromJsonList(text: string): MesosResource[] {
  const unlike = (why: string): DawnError => bad('--resources', why, RESOURCES_HINT);
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw unlike((error as Error).message);
  }
  if (!Array.isArray(list)) throw unlike('JSON that is no list');
  return list.map((value, at) => {
    const decoded = fromJson('mesos.v1.Resource', value);
    if (!decoded.ok) throw unlike(`number ${at + 1} (${decoded.problem})`);
    const resource = decoded.message as unknown as MesosResource;
    if (!isResource(resource)) throw unlike(`number ${at + 1}`);
    return resource;
  });
}

function partsOf(text: string): string[] {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Null: a text. */
function amountOf(text: string): Amount | null {
  const inner = /^([[{])(.*)[\]}]$/s.exec(text);
  if (inner?.[1] === '[') {
    const range = listOf(inner[2]).map((each) => {
      const [, begin, end] = /^(\d+)\s*-\s*(\d+)$/.exec(each) ?? [];
      return { begin: Number(begin), end: Number(end) };
    });
    return { type: 'RANGES', ranges: { range } };
  }
  if (inner?.[1] === '{') return { type: 'SET', set: { item: listOf(inner[2]) } };
  return /^-?[\d.]+(?:[eE][-+]?\d+)?$/.test(text) && Number.isFinite(Number(text))
    ? { type: 'SCALAR', scalar: { value: Number(text) } }
    : null;
}

function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** Whole and possible, and of the type that its name stands for. */
function isResource(resource: Partial<MesosResource>): resource is MesosResource {
  const { name = '', type, scalar, ranges, set, role } = resource;
  if (!NAME.test(name) || type === undefined) return false;
  if (role !== undefined && roleProblem(role) !== null) return false;
  if (type !== (TYPES.get(name) ?? type)) return false;
  if (type === 'SCALAR') return scalar !== undefined && scalar.value >= 0 && Number.isFinite(scalar.value);
  if (type === 'SET') return set !== undefined;
  const most = name === 'ports' ? PORT_MAX : Number.MAX_SAFE_INTEGER;
  return (
    (ranges?.range ?? []).length > 0 && ranges!.range!.every(({ begin, end }) => begin <= end && end <= most)
  );
}

function reservedFor(
  { role, reservations }: MesosResource,
  defaultRole: string,
): Pick<MesosResource, 'role'> {
  if (role !== undefined || reservations !== undefined || defaultRole === '*') return {};
  return { role: defaultRole };
}

function bad(flag: string, part: string, hint: string): DawnError {
  return new DawnError({ code: 'invalid_parameter', message: `${flag}: ${part} is not understood`, hint });
}
