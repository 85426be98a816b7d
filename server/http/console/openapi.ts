import { z } from 'zod';
import { INPUTS } from '../../../shared/api/inputs.ts';
import type { OperationId } from '../../../shared/api/operations.ts';
import { OPERATIONS } from '../../../shared/api/operations.ts';
import { VERSION } from '../../../shared/version.ts';

const MEDIA = { json: 'application/json', sse: 'text/event-stream', ndjson: 'application/x-ndjson' } as const;

interface JsonSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** The API as OpenAPI 3.1, made from the table of operations and the schemas that check requests. */
export function openApi(): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const id of Object.keys(OPERATIONS) as OperationId[]) {
    const { method, path } = OPERATIONS[id];
    const template = path.replace(/:(\w+)/g, '{$1}');
    (paths[template] ??= {})[method.toLowerCase()] = describe(id);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Dawn',
      version: VERSION,
      description: 'Cluster operations. Errors are `{"error": {"code", "message", "hint"}}`.',
    },
    paths,
  };
}

function describe(id: OperationId): unknown {
  const { path, summary, answer } = OPERATIONS[id];
  const inputs = INPUTS[id];
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const body = inputs?.body
    ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(inputs.body) } } } }
    : {};
  return {
    operationId: id,
    summary,
    parameters: [...inPath, ...inQuery(inputs?.query)],
    ...body,
    responses: {
      200: { description: 'done', content: { [MEDIA[answer]]: {} } },
      default: { description: 'refused', content: { 'application/json': {} } },
    },
  };
}

function inQuery(query: z.ZodType | undefined): unknown[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemaOf(query);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as Record<string, unknown>;
  return rest as JsonSchema;
}
