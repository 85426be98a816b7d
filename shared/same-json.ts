/** Whether two values read the same as JSON: the order of fields does not matter, and a field without a value is none. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((each, at) => sameJson(each, b[at]))
    );
  return hasFieldsOf(a as Fields, b as Fields) && lacksNone(a as Fields, b as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

function hasFieldsOf(a: Fields, b: Fields): boolean {
  for (const name in b) if (!sameJson(own(a, name), own(b, name))) return false;
  return true;
}

function lacksNone(a: Fields, b: Fields): boolean {
  for (const name in a) if (a[name] !== undefined && own(b, name) === undefined) return false;
  return true;
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
