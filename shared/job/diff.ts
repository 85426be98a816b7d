import type { ConfigChange } from '../api/views.ts';
import { sameJson } from '../same-json.ts';
import type { Job, TaskConfig } from './config.ts';
import { jobFields } from './to-yaml.ts';

/** The fields of two configs that differ, named as a job file names them. Null: nothing there on that side. */
export function diffConfigs(from: TaskConfig | null, to: TaskConfig | null): ConfigChange[] {
  const before = flatten(from ? jobFields(asJob(from)) : {});
  const after = flatten(to ? jobFields(asJob(to)) : {});
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path): ConfigChange[] => {
    const [a, b] = [before.get(path), after.get(path)];
    if (sameJson(a, b)) return [];
    return [{ path, ...(a === undefined ? {} : { from: a }), ...(b === undefined ? {} : { to: b }) }];
  });
}

function asJob(task: TaskConfig): Pick<Job, 'task'> {
  return { task };
}

/** `{a: {b: 1}}` → `a.b: 1`; lists of objects are indexed, lists of words stay whole. */
function flatten(value: unknown, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  const nested =
    typeof value === 'object' &&
    value !== null &&
    !(Array.isArray(value) && value.every((item) => typeof item !== 'object'));
  if (!nested) {
    if (path !== '') into.set(path, value);
    return into;
  }
  for (const [key, item] of Object.entries(value)) {
    flatten(item, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`, into);
  }
  return into;
}
