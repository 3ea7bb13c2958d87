import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import type { CallOption } from '../request/rpc-call.js';
import { rpcNamed, type Rpc } from '../request/rpc.js';
import type { RouteRpc } from '../rest/route-rpc.js';
import { JSON_FIELDS } from '../rest/proto-json.js';
import { commentOf } from './comment.js';
import type { Route } from './routes.js';

/** What stands at the top of the API's documentation. */
export interface Docs {
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

type Json = Record<string, unknown>;

/** OpenAPI 3.1 of the routes, written from the contract's descriptors: there is no second copy of a shape. */
export function openApi(docs: Docs, routes: readonly Route[]): Json {
  const schemas = new Map<string, Json>();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method] = operation(route, schemas);
  }
  schemas.set('Error', ERROR);
  return { openapi: '3.1.0', info: docs, paths, components: { schemas: Object.fromEntries(schemas) } };
}

function operation({ method, path, rpc: docs }: Route, schemas: Map<string, Json>): Json {
  const rpc = rpcNamed(docs.name);
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const rest = rpc.input.fields.filter((field) => !inPath.includes(field.name));
  const hasBody = method !== 'get' && rest.length > 0;
  const query = hasBody ? [] : rest.filter(isInQuery);
  const description = commentOf(rpc.method);
  return {
    tags: [docs.name.split('.')[0]],
    operationId: docs.name.replace('.', '_'),
    ...(docs.summary === undefined ? {} : { summary: docs.summary }),
    ...(description === '' ? {} : { description }),
    parameters: [
      ...rpc.input.fields
        .filter((field) => inPath.includes(field.name))
        .map((field) => ({ ...parameter(field, schemas), in: 'path', required: true })),
      ...query.map((field) => ({ ...parameter(field, schemas), in: 'query' })),
      ...(docs.options ?? []).map((option) => ({ name: option, in: 'query', ...OPTIONS[option] })),
    ],
    ...(hasBody ? { requestBody: { required: true, content: requestContent(rpc, docs, schemas) } } : {}),
    responses: {
      200: {
        description: 'OK',
        content:
          docs.files === undefined
            ? json(rpc.output, schemas, docs.answer)
            : files(docs.files, messageSchema(rpc.output, schemas)),
      },
      default: { description: 'An error', content: { 'application/json': { schema: ref('Error') } } },
    },
  };
}

/** Scalars and lists of them; a list's parameter is given once for each element. */
function isInQuery({ fieldKind, message }: DescField): boolean {
  return fieldKind !== 'map' && message === undefined;
}

function requestContent(rpc: Rpc, { body, request }: RouteRpc, schemas: Map<string, Json>): Json {
  if (body === undefined) return json(rpc.input, schemas, request);
  const example = request === undefined ? {} : { example: request };
  return { 'application/json': { schema: { type: 'object' }, ...example } };
}

/** Of server-sent events the schema is that of the data of one. */
function files(types: readonly string[], event: Json): Json {
  const bytes = { type: 'string', format: 'binary' };
  return Object.fromEntries(
    types.map((type) => [type, { schema: type === 'text/event-stream' ? event : bytes }]),
  );
}

function json(type: DescMessage, schemas: Map<string, Json>, example: object | undefined): Json {
  return {
    'application/json': {
      schema: messageSchema(type, schemas),
      ...(example === undefined ? {} : { example }),
    },
  };
}

function parameter(field: DescField, schemas: Map<string, Json>): Json {
  const { description, ...schema } = fieldSchema(field, schemas);
  return { name: field.jsonName, schema, ...(description === undefined ? {} : { description }) };
}

function messageSchema(type: DescMessage, schemas: Map<string, Json>): Json {
  if (type.typeName === 'google.protobuf.Timestamp') {
    return { type: 'string', format: 'date-time' };
  }
  if (!schemas.has(type.name)) {
    const properties: Json = {};
    // Known before its fields are, for messages that hold themselves.
    schemas.set(type.name, { type: 'object', properties });
    for (const field of type.fields) {
      properties[field.jsonName] = fieldSchema(field, schemas);
    }
  }
  return ref(type.name);
}

function fieldSchema(field: DescField, schemas: Map<string, Json>): Json {
  const description = commentOf(field);
  const one = valueSchema(field, schemas);
  const schema = field.fieldKind === 'list' ? { type: 'array', items: one } : one;
  return description === '' ? schema : { ...schema, description };
}

function valueSchema(field: DescField, schemas: Map<string, Json>): Json {
  if (field.message !== undefined) {
    return messageSchema(field.message, schemas);
  }
  if (field.enum !== undefined) {
    return { type: 'string', enum: field.enum.values.map((value) => value.name) };
  }
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the rest is text
  switch (field.scalar) {
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: 'number' };
    case ScalarType.INT32:
    case ScalarType.UINT32:
      return { type: 'integer', format: 'int32' };
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return { type: 'string', format: 'int64' };
    default:
      return JSON_FIELDS.has(field.name) ? { type: ['string', 'object'] } : { type: 'string' };
  }
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

const ERROR = {
  type: 'object',
  properties: {
    code: { type: 'integer', description: 'gRPC status code' },
    message: { type: 'string' },
    details: { type: 'array', items: {}, description: 'always empty' },
  },
  example: { code: 5, message: 'no such task', details: [] },
};

const OPTIONS: Readonly<Record<CallOption, Json>> = {
  pending: {
    schema: { type: 'boolean' },
    description: 'keep the resource without a worker while there is none',
  },
  consistency: {
    schema: { type: 'string', enum: ['strong'] },
    description: 'strong: answered by the leader, not from the view of the master asked',
  },
  'forwarded-by': { schema: { type: 'string' } },
  gathered: { schema: { type: 'boolean' } },
};
