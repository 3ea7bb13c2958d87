import { foldKey, goObject, goString } from '@app/go-json';

/**
 * A registry value as go-micro v4 writes it: one node with its whole service description, compact JSON with
 * all fields in a fixed order, `null` for what was never set. Readers take any field order and any case of
 * keys, as Go does.
 */

export interface ServiceRecord {
  name: string;
  version: string;
  metadata: Record<string, string> | null;
  endpoints: Endpoint[] | null;
  nodes: NodeRecord[] | null;
}

export interface NodeRecord {
  id: string;
  address: string;
  metadata: Record<string, string> | null;
}

export interface Endpoint {
  name: string;
  request: Value | null;
  response: Value | null;
  metadata: Record<string, string> | null;
}

/** A message or a field of one: `values` are its fields. */
export interface Value {
  name: string;
  type: string;
  values: Value[] | null;
}

export function encodeService(service: ServiceRecord): string {
  return (
    `{"name":${goString(service.name)},"version":${goString(service.version)},` +
    `"metadata":${goObject(service.metadata)},"endpoints":${list(service.endpoints, endpoint)},` +
    `"nodes":${list(service.nodes, node)}}`
  );
}

/** Undefined when it is not JSON, or not of this shape. */
export function decodeService(json: string): ServiceRecord | undefined {
  try {
    return readService(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function node(record: NodeRecord): string {
  return `{"id":${goString(record.id)},"address":${goString(record.address)},"metadata":${goObject(record.metadata)}}`;
}

function endpoint(record: Endpoint): string {
  return (
    `{"name":${goString(record.name)},"request":${value(record.request)},` +
    `"response":${value(record.response)},"metadata":${goObject(record.metadata)}}`
  );
}

function value(record: Value | null): string {
  if (record === null) return 'null';
  return `{"name":${goString(record.name)},"type":${goString(record.type)},"values":${list(record.values, value)}}`;
}

function list<T>(elements: readonly T[] | null, write: (element: T) => string): string {
  return elements === null ? 'null' : `[${elements.map(write).join(',')}]`;
}

function readService(json: unknown): ServiceRecord {
  const fields = fieldsOf(json);
  return {
    name: readText(fields.get('name')),
    version: readText(fields.get('version')),
    metadata: readMap(fields.get('metadata')),
    endpoints: readList(fields.get('endpoints'), readEndpoint),
    nodes: readList(fields.get('nodes'), readNode),
  };
}

function readNode(json: unknown): NodeRecord {
  const fields = fieldsOf(json);
  return {
    id: readText(fields.get('id')),
    address: readText(fields.get('address')),
    metadata: readMap(fields.get('metadata')),
  };
}

function readEndpoint(json: unknown): Endpoint {
  const fields = fieldsOf(json);
  return {
    name: readText(fields.get('name')),
    request: readValue(fields.get('request')),
    response: readValue(fields.get('response')),
    metadata: readMap(fields.get('metadata')),
  };
}

function readValue(json: unknown): Value | null {
  if (isAbsent(json)) return null;
  const fields = fieldsOf(json);
  return {
    name: readText(fields.get('name')),
    type: readText(fields.get('type')),
    values: readList(
      fields.get('values'),
      (element) => readValue(element) ?? { name: '', type: '', values: null },
    ),
  };
}

function readList<T>(json: unknown, read: (element: unknown) => T): T[] | null {
  if (isAbsent(json)) return null;
  if (!Array.isArray(json)) throw new TypeError('not a list');
  return json.map(read);
}

function readMap(json: unknown): Record<string, string> | null {
  if (isAbsent(json)) return null;
  const entries = Object.entries(objectOf(json)).map(([key, member]) => [key, readText(member)] as const);
  return Object.fromEntries(entries);
}

function readText(json: unknown): string {
  if (isAbsent(json)) return '';
  if (typeof json !== 'string') throw new TypeError('not a text');
  return json;
}

function fieldsOf(json: unknown): Map<string, unknown> {
  return new Map(Object.entries(objectOf(json)).map(([key, member]) => [foldKey(key), member]));
}

function objectOf(json: unknown): object {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new TypeError('not an object');
  return json;
}

function isAbsent(json: unknown): json is null | undefined {
  return json === null || json === undefined;
}
