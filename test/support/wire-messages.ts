/** Messages of Mesos's schema by chance. */
import * as fc from 'fast-check';
import type { Field, MessageType } from '../../shared/mesos/wire/schema.ts';

/** Messages of a type, with some of its optional fields, to a depth. */
export function messages(type: MessageType, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const required = type.fields.filter(({ label }) => label === 'required');
  const fields = type.fields.filter(
    (field) => field.label === 'required' || depth > 0 || typeof field.type === 'string',
  );
  const shape = Object.fromEntries(fields.map((field) => [field.name, values(field, depth)]));
  return fc.record(shape, { requiredKeys: required.map(({ name }) => name) });
}

function values(field: Field, depth: number): fc.Arbitrary<unknown> {
  const one = value(field, depth);
  if (field.label === 'repeated') return fc.array(one, { minLength: 1, maxLength: 3 });
  if (field.label === 'map')
    return fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'é', '__proto__'), one), { minLength: 1 })
      .map(Object.fromEntries);
  return one;
}

function value({ type }: Field, depth: number): fc.Arbitrary<unknown> {
  if (typeof type !== 'string')
    return type.kind === 'enum' ? fc.constantFrom(...type.numbers.keys()) : messages(type, depth - 1);
  switch (type) {
    case 'string':
      return fc.string({ unit: 'grapheme' });
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 }).map((data) => Buffer.from(data).toString('base64'));
    case 'bool':
      return fc.boolean();
    case 'double':
      return fc.double({ noNaN: true }).map((number) => (number === 0 ? 0 : number));
    case 'int32':
      return fc.integer();
    case 'uint32':
      return fc.nat();
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(shortest);
    case 'uint64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(shortest);
  }
}

function shortest(big: bigint): number | bigint {
  return Number.isSafeInteger(Number(big)) ? Number(big) : big;
}
