import { z } from 'zod';
import { jobFileSchema } from './schema.ts';

/** The fields that may stand at a path of a job file: what a misspelt one is compared with. */
export function knownFields(path: readonly PropertyKey[]): string[] {
  return fieldsAt(jobFileSchema, path);
}

/** The fields that may stand at a path of whatever a schema describes; of every kind where it has several. */
export function fieldsAt(root: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let schemas: z.core.$ZodType[] = [root];
  for (const part of path) schemas = schemas.flatMap((schema) => step(schema, part));
  return schemas.flatMap((schema) => objectsIn(schema).flatMap((object) => Object.keys(object.shape)));
}

function step(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return [inner.element];
  return objectsIn(inner).flatMap(
    (object) => (object.shape as Record<PropertyKey, z.core.$ZodType>)[part] ?? [],
  );
}

function objectsIn(schema: z.core.$ZodType): z.ZodObject[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return [inner];
  return inner instanceof z.ZodUnion
    ? inner.options.flatMap((option) => objectsIn(option as z.core.$ZodType))
    : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return unwrap(schema.unwrap() as z.core.$ZodType);
  return schema;
}
