import { fileURLToPath } from 'node:url';
import type { MethodDefinition } from '@grpc/proto-loader';
import { loadSync } from '@grpc/proto-loader';
import fc from 'fast-check';
import * as messages from './messages.js';
import type { MessageType } from './wire.js';

/** The tables are held against the .proto files, read by a library that knows nothing of them. */
const definition = loadSync('etcdserverpb/rpc.proto', {
  includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
  longs: String,
  enums: Number,
  defaults: true,
  arrays: true,
});

interface Descriptor {
  name: string;
  field: { jsonName: string; type: string; label: string; typeName: string; oneofIndex: number }[];
}

const types = new Map<string, Descriptor>(
  Object.values(definition).flatMap((entry) => {
    if (!('type' in entry) || !('field' in entry.type)) return [];
    const type = entry.type as unknown as Descriptor;
    return [[type.name, type] as const];
  }),
);

const tables = messages as unknown as Record<string, MessageType<object>>;

const services = ['KV', 'Watch', 'Lease', 'Cluster', 'Maintenance'];
const methods = services.flatMap((service) =>
  Object.values(
    definition[`etcdserverpb.${service}`] as unknown as Record<string, MethodDefinition<object, object>>,
  ),
);

const cases = methods.flatMap((method) => [
  {
    type: typeOf(method.requestType),
    serialize: method.requestSerialize,
    deserialize: method.requestDeserialize,
  },
  {
    type: typeOf(method.responseType),
    serialize: method.responseSerialize,
    deserialize: method.responseDeserialize,
  },
]);

describe.each(cases.map((entry) => [entry.type.name, entry] as const))('%s', (name, entry) => {
  const table = tables[name[0]!.toLowerCase() + name.slice(1)]!;

  it('is read as others write it, and written so that others can read it', () => {
    fc.assert(
      fc.property(message(entry.type, 3), (sent) => {
        const received = table.decode(entry.serialize(sent));
        const returned = entry.deserialize(table.encode(received));
        expect(plain(returned)).toEqual(plain(entry.deserialize(entry.serialize(sent))));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a message that is cut off, or reads less of it, but never more', () => {
    fc.assert(
      fc.property(message(entry.type, 2), fc.nat(), (sent, cut) => {
        const bytes = entry.serialize(sent);
        const part = bytes.subarray(0, cut % (bytes.length + 1));
        try {
          expect(table.encode(table.decode(part)).length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(String(error)).toMatch(/ends too early|wire type/);
        }
      }),
      { numRuns: 100 },
    );
  });
});

it('skips fields that it does not know', () => {
  const unknown = Buffer.from(
    'f83e05 f13e0102030405060708 fa3e03616263 fd3e01020304'.replaceAll(' ', ''),
    'hex',
  );
  const known = messages.putRequest.encode({
    key: 'k',
    value: 'v',
    lease: 0n,
    prevKv: false,
    ignoreValue: false,
    ignoreLease: false,
  });
  expect(messages.putRequest.decode(Buffer.concat([unknown, known, unknown]))).toMatchObject({
    key: 'k',
    value: 'v',
  });
});

it('writes messages larger than its buffer', () => {
  const kv = {
    key: 'k',
    value: 'v'.repeat(50_000),
    createRevision: 1n,
    modRevision: 1n,
    version: 1n,
    lease: 0n,
  };
  const kvs = Array.from({ length: 100 }, () => kv);
  const bytes = messages.rangeResponse.encode({ header: undefined, kvs, more: true, count: 100 });
  expect(messages.rangeResponse.decode(bytes)).toEqual({ header: undefined, kvs, more: true, count: 100 });
});

function typeOf(type: { type: object }): Descriptor {
  return type.type as Descriptor;
}

/** A message in the form that proto-loader takes: at most one field of a oneof, nested up to `depth`. */
function message(type: Descriptor, depth: number): fc.Arbitrary<object> {
  const fields = Object.fromEntries(
    type.field
      .filter(({ typeName }) => depth > 0 || !types.has(nameOf(typeName)))
      .map((field) => {
        const one = value(field, depth);
        return [field.jsonName, field.label === 'LABEL_REPEATED' ? fc.array(one, { maxLength: 3 }) : one];
      }),
  );
  return fc.record(fields, { requiredKeys: [] }).map((record) => oneOfEach(type, record));
}

function oneOfEach(type: Descriptor, record: Record<string, unknown>): Record<string, unknown> {
  const taken = new Set<number>();
  return Object.fromEntries(
    Object.entries(record).filter(([name]) => {
      const { oneofIndex } = type.field.find(({ jsonName }) => jsonName === name)!;
      if (!isOneOf(type, name)) return true;
      if (taken.has(oneofIndex)) return false;
      taken.add(oneofIndex);
      return true;
    }),
  );
}

/** Proto3 descriptors give every field a oneofIndex of 0 by default: the names of the oneofs' fields decide. */
function isOneOf({ name }: Descriptor, field: string): boolean {
  if (name === 'Compare')
    return ['version', 'createRevision', 'modRevision', 'value', 'lease'].includes(field);
  return ['RequestOp', 'ResponseOp', 'WatchRequest'].includes(name);
}

function value({ type, typeName }: Descriptor['field'][number], depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case 'TYPE_MESSAGE':
      return message(types.get(nameOf(typeName))!, depth - 1);
    case 'TYPE_BYTES':
      return fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));
    case 'TYPE_STRING':
      return fc.string({ unit: 'grapheme', maxLength: 10 });
    case 'TYPE_BOOL':
      return fc.boolean();
    case 'TYPE_ENUM':
      return fc.nat(1);
    case 'TYPE_INT64':
      // Counts, limits and the like are numbers here, and need not be exact beyond 2^53.
      return fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constant(0)).map(String);
    case 'TYPE_UINT64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
    default:
      throw new Error(`no values for ${type}`);
  }
}

function nameOf(typeName: string): string {
  return typeName.split('.').at(-1)!;
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, field: unknown) => (field === null ? undefined : field)));
}
