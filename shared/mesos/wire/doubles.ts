/**
 * The message with numbers in place of bigints, each the nearest double: nanoseconds of today lose less than a microsecond. Worlds, journals and JSON.stringify know no
 * bigints.
 */
export function inDoubles(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(inDoubles);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inDoubles(each)]));
}
