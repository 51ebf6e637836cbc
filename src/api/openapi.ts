import { z } from 'zod';
import { type ErrorCode, errorCodes } from '../units/app-error.ts';
import { type Operation, operations } from './operations.ts';
import { apiSchemas, errorSchema } from './schema.ts';

/** What every operation can end in. */
const anywhere: readonly ErrorCode[] = ['bad-request', 'internal'];

/** The OpenAPI 3.1 document of the API, made of the same tables as the routes. */
export function openApiDocument(version: string): unknown {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Headwater',
      version,
      description: 'State and control of a group of servers; every server answers for the whole group.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: Object.fromEntries(
      operations.map((operation) => [operation.path, { [operation.method]: describe(operation) }]),
    ),
    components: {
      schemas: components(),
      securitySchemes: {
        editAuth: { type: 'http', scheme: 'basic', description: 'User and password of `edit_auth`.' },
      },
    },
  };
}

function components(): Record<string, unknown> {
  // As input, so that a later version may add fields without breaking who checks against this one.
  const { schemas } = z.toJSONSchema(apiSchemas, { io: 'input', uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutIdentity(schema)]));
}

/** Inside a document a schema's place is its identity. */
function withoutIdentity(schema: object): unknown {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$id' && key !== '$schema'));
}

function describe(operation: Operation): unknown {
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.method === 'post' ? { security: [{ editAuth: [] }, {}] } : {}),
    ...parametersOf(operation),
    responses: { '200': json('The answer.', operation.answer), ...unready(operation), ...failures(operation) },
  };
}

function parametersOf({ path, query = {} }: Operation): { readonly parameters?: unknown } {
  const inQuery = Object.entries(query).map(([name, description]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema: { type: 'string' },
  }));
  const inPath = {
    name: 'name',
    in: 'path',
    required: true,
    description: 'May hold slashes.',
    schema: { type: 'string' },
  };
  const parameters = path.includes('{name}') ? [inPath, ...inQuery] : inQuery;
  return parameters.length === 0 ? {} : { parameters };
}

/** Readiness is told by the status of the same answer. */
function unready(operation: Operation): Record<string, unknown> {
  return operation.id === 'readiness' ? { '503': json('Not ready.', operation.answer) } : {};
}

/** Codes of one status share its entry. */
function failures({ errors }: Operation): Record<string, unknown> {
  const codes = [...anywhere, ...errors];
  const statuses = [...new Set(codes.map((code) => errorCodes[code].status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const same = codes.filter((code) => errorCodes[code].status === status);
      const meaning = same.map((code) => `\`${code}\`: ${errorCodes[code].meaning}`).join(' ');
      return [String(status), json(meaning, errorSchema)];
    }),
  );
}

function json(description: string, schema: z.ZodType): unknown {
  const id = apiSchemas.get(schema)?.id;
  return { description, content: { 'application/json': { schema: { $ref: `#/components/schemas/${id}` } } } };
}
