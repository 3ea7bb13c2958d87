import {
  create,
  fromJson,
  toJson,
  type DescMessage,
  type JsonValue,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { OrbweaverError } from '@app/errors';
import type { Rpc } from '../request/rpc.js';

/** proto3's JSON form of an RPC's messages, over the contract's descriptors. */
export type JsonObject = Record<string, JsonValue>;

/** Text of a body, checked to be UTF-8 and JSON. Integers beyond 2^53 keep their digits, see `exactIntegers`. */
export interface JsonBody {
  readonly value: JsonValue;
  /** The same value with long integers as strings, where the text has any. */
  readonly exact: JsonValue | undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function parseJson(bytes: Uint8Array): JsonBody {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new OrbweaverError('INVALID_ARGUMENT', 'the request body is not valid UTF-8', { cause });
  }
  try {
    const value = JSON.parse(text) as JsonValue;
    const exact = LONG_INTEGER.test(text) ? (JSON.parse(exactIntegers(text)) as JsonValue) : undefined;
    if (LONE_SURROGATE.test(JSON.stringify(value))) {
      throw new SyntaxError('a string holds half of a surrogate pair');
    }
    return { value, exact };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrbweaverError('INVALID_ARGUMENT', `the request body is not valid JSON: ${why}`, { cause });
  }
}

/**
 * The message in the generated code's form: the libraries agree on it, but for oneofs, maps and bytes,
 * which no message of a REST route has. Unknown fields are ignored, null is unset.
 */
export function messageFromJson(rpc: Rpc, body: JsonBody): unknown {
  try {
    const message = fromJson(rpc.input, objectsAsText(rpc.input, body.value), LENIENT);
    // Types are checked on the text as given; only then the pass with all digits, where strings stand for numbers.
    const exact =
      body.exact === undefined ? message : fromJson(rpc.input, objectsAsText(rpc.input, body.exact), LENIENT);
    return exact;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrbweaverError('INVALID_ARGUMENT', why, { cause });
  }
}

/** Every field is written, set or not. */
export function messageToJson(rpc: Rpc, message: unknown): JsonValue {
  return toJson(rpc.output, create(rpc.output, message as MessageInitShape<DescMessage>), EVERY_FIELD);
}

const EVERY_FIELD = { alwaysEmitImplicit: true };
const LENIENT = { ignoreUnknownFields: true };
const LONG_INTEGER = /\d{16}/;
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/** Puts long integers outside strings in quotes: `JSON.parse` would round them. The text is valid JSON. */
function exactIntegers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
}

/** String fields of these names hold JSON as text, in requests. */
export const JSON_FIELDS: ReadonlySet<string> = new Set(['spec', 'carry']);

/** String fields that hold JSON take a JSON object too, and pass it on as its text. */
function objectsAsText(type: DescMessage, json: JsonValue): JsonValue {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return json;
  }
  let copy = json;
  for (const field of type.fields) {
    const value = json[field.jsonName] ?? json[field.name];
    if (typeof value !== 'object' || value === null) {
      continue;
    }
    const key = field.jsonName in json ? field.jsonName : field.name;
    if (field.fieldKind === 'scalar' && JSON_FIELDS.has(field.name)) {
      copy = { ...copy, [key]: JSON.stringify(value) };
    } else if (field.fieldKind === 'message') {
      copy = { ...copy, [key]: objectsAsText(field.message, value) };
    } else if (field.fieldKind === 'list' && field.listKind === 'message' && Array.isArray(value)) {
      copy = { ...copy, [key]: value.map((item) => objectsAsText(field.message, item)) };
    }
  }
  return copy;
}
