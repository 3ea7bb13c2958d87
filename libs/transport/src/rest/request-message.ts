import { ScalarType, type DescField, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import type { Rpc } from '../request/rpc.js';
import { messageFromJson, parseJson, type JsonBody, type JsonObject } from './proto-json.js';

/** The RPC's message out of a REST request: fields of the query, over them the body's, over all the path's. */
export function requestMessage(
  rpc: Rpc,
  body: unknown,
  query: Record<string, unknown>,
  path: Record<string, unknown>,
  bodyField?: string,
): unknown {
  const json = body instanceof Uint8Array && body.length > 0 ? bodyJson(body, bodyField) : NO_BODY;
  const below = fieldsFrom(rpc.input, query);
  const above = fieldsFrom(rpc.input, path);
  return messageFromJson(rpc, {
    value: merge(rpc.input, below, json.value, above),
    exact: json.exact === undefined ? undefined : merge(rpc.input, below, json.exact, above),
  });
}

const NO_BODY: JsonBody = { value: {}, exact: undefined };

/** The message, or where the body is one of its fields alone, a message with that field. */
function bodyJson(bytes: Uint8Array, field: string | undefined): JsonBody {
  const body = parseJson(bytes);
  if (field === undefined) return body;
  const { value, exact } = body;
  return { value: { [field]: value }, exact: exact === undefined ? undefined : { [field]: exact } };
}

function merge(type: DescMessage, below: JsonObject, body: JsonValue, above: JsonObject): JsonValue {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return body;
  }
  const merged = { ...body };
  for (const field of type.fields) {
    const upper = above[field.jsonName];
    const lower = below[field.jsonName];
    if (upper !== undefined) {
      delete merged[field.name];
      merged[field.jsonName] = upper;
    } else if (lower !== undefined && !(field.name in body) && !(field.jsonName in body)) {
      merged[field.jsonName] = lower;
    }
  }
  return merged;
}

/** Scalars and lists of them, by either name; parameters that are no field are options of the call. */
function fieldsFrom(type: DescMessage, texts: Record<string, unknown>): JsonObject {
  const fields: JsonObject = {};
  for (const field of type.fields) {
    const text = texts[field.jsonName] ?? texts[field.name];
    if (text === undefined) {
      continue;
    }
    if (field.fieldKind === 'list') {
      fields[field.jsonName] = [text].flat().map((item) => scalar(field, item));
    } else if (field.fieldKind === 'scalar' || field.fieldKind === 'enum') {
      fields[field.jsonName] = scalar(field, text);
    }
  }
  return fields;
}

function scalar(field: DescField, text: unknown): JsonValue {
  if (field.scalar === ScalarType.BOOL && (text === 'true' || text === 'false')) {
    return text === 'true';
  }
  return text as JsonValue;
}
