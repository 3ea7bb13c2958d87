import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import * as fc from 'fast-check';
import type { KeyValue } from '../key-value.js';
import { compare, op, type Compare, type Op } from '../transaction.js';
import { Reader } from './reader.js';
import {
  encodeLeaseGrant,
  encodeLeaseId,
  encodePut,
  encodeRange,
  encodeTxn,
  encodeWatchCreate,
  prefixEnd,
} from './requests.js';
import { decodeLease, decodeRange, decodeTxn, decodeWatch } from './responses.js';
import { Writer } from './writer.js';

// The measure: etcd's own .proto files, as npm etcd3 ships them, read by protobufjs.
const definitions = loadSync(
  join(dirname(createRequire(import.meta.url).resolve('etcd3/package.json')), 'proto/rpc.proto'),
  { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true },
);
const method = (service: string, name: string) =>
  (definitions[`etcdserverpb.${service}`] as ServiceDefinition)[name]!;
const asProto = (service: string, name: string, bytes: Buffer) =>
  method(service, name).requestDeserialize(bytes) as Record<string, any>; // oxlint-disable-line typescript/no-explicit-any
const fromProto = (service: string, name: string, response: object) =>
  method(service, name).responseSerialize(response);

const int64 = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
  fc.nat().map(BigInt),
  fc.constantFrom(127n, 128n, (1n << 28n) - 1n, 1n << 28n, (1n << 53n) - 1n, 1n << 53n, 1n << 56n),
);
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.nat(40_000).map((length) => 'ä'.repeat(length)),
);
const keyValue = fc.record({
  key: text,
  value: text,
  createRevision: int64,
  modRevision: int64,
  version: int64,
  leaseId: int64,
});
const protoKv = (kv: KeyValue) => ({
  key: Buffer.from(kv.key),
  value: Buffer.from(kv.value),
  create_revision: String(kv.createRevision),
  mod_revision: String(kv.modRevision),
  version: String(kv.version),
  lease: String(kv.leaseId),
});
const sample: KeyValue = {
  key: '',
  value: '',
  createRevision: 0n,
  modRevision: 0n,
  version: 0n,
  leaseId: 0n,
};

describe('requests, read back with the definitions of etcd', () => {
  it('a transaction says what was meant, whatever the texts and numbers', () => {
    const anyCompare: fc.Arbitrary<Compare> = fc.oneof(
      fc
        .tuple(
          fc.constantFrom(
            'createRevision' as const,
            'modRevision' as const,
            'version' as const,
            'lease' as const,
          ),
          text,
          fc.constantFrom('=' as const, '>' as const, '<' as const, '!=' as const),
          int64,
        )
        .map(([target, key, is, operand]) => compare[target](key, is, operand)),
      fc.tuple(text, text).map(([key, value]) => compare.value(key, '=', value)),
    );
    const anyOp: fc.Arbitrary<Op> = fc.oneof(
      fc.tuple(text, text, int64).map(([key, value, leaseId]) => op.put(key, value, { leaseId })),
      text.map(op.delete),
      text.map(op.get),
    );
    const ops = fc.array(anyOp, { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(anyCompare, { maxLength: 4 }), ops, ops, (conditions, success, failure) => {
        const read = asProto('KV', 'Txn', encodeTxn({ compare: conditions, success, failure }));
        expect(read.compare.map(meantByCompare)).toEqual(conditions);
        expect(read.success.map(meantByOp)).toEqual(success);
        expect(read.failure.map(meantByOp)).toEqual(failure);
      }),
      { numRuns: 200 },
    );
  });

  it('a range says its limits, order and revision', () => {
    const read = asProto(
      'KV',
      'Range',
      encodeRange({
        key: 'a/',
        rangeEnd: prefixEnd('a/'),
        limit: 70_000,
        revision: 1n << 60n,
        sort: { by: 'createRevision', order: 'descending' },
        maxCreateRevision: 300n,
        keysOnly: true,
        serializable: true,
      }),
    );
    expect(read).toMatchObject({
      key: Buffer.from('a/'),
      range_end: Buffer.from('a0'),
      limit: '70000',
      revision: String(1n << 60n),
      sort_order: 'Descend',
      sort_target: 'Create',
      max_create_revision: '300',
      keys_only: true,
      serializable: true,
      count_only: false,
    });
  });

  it('puts, leases and watches too', () => {
    expect(asProto('KV', 'Put', encodePut('k', 'v', (1n << 63n) - 1n))).toMatchObject({
      key: Buffer.from('k'),
      value: Buffer.from('v'),
      lease: '9223372036854775807',
    });
    expect(asProto('Lease', 'LeaseGrant', encodeLeaseGrant(60))).toMatchObject({ TTL: '60', ID: '0' });
    expect(asProto('Lease', 'LeaseKeepAlive', encodeLeaseId(-5n))).toEqual({ ID: '-5' });
    const { create_request } = asProto('Watch', 'Watch', encodeWatchCreate({ prefix: 'p' }, 7n, true));
    expect(create_request).toMatchObject({
      key: Buffer.from('p'),
      range_end: Buffer.from('q'),
      start_revision: '7',
      prev_kv: true,
      progress_notify: true,
      fragment: true,
    });
  });

  it('a prefix that ends in 0xff bytes, or is empty, has an end all the same', () => {
    expect(prefixEnd('')).toBe('\0');
    expect(Buffer.from(prefixEnd('a\u007f') as Uint8Array)).toEqual(Buffer.from([0x61, 0x80]));
    expect(asProto('KV', 'Range', encodeRange({ key: '\0', rangeEnd: prefixEnd('') }))).toMatchObject({
      key: Buffer.from([0]),
      range_end: Buffer.from([0]),
    });
  });
});

describe('responses, written with the definitions of etcd', () => {
  it('entries come out with every digit and every letter', () => {
    fc.assert(
      fc.property(fc.array(keyValue, { maxLength: 5 }), int64, fc.boolean(), (entries, revision, more) => {
        const bytes = fromProto('KV', 'Range', {
          header: { cluster_id: '18446744073709551615', revision: String(revision), raft_term: '3' },
          kvs: entries.map(protoKv),
          more,
          count: '1000000',
        });
        const { lastKey, ...read } = decodeRange(bytes);
        expect(read).toEqual({ revision, entries, more, count: 1_000_000 });
        expect(Buffer.from(entries.at(-1)?.key ?? '').equals(lastKey)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('a transaction tells what became of each op', () => {
    const kv = { ...sample, key: 'k', value: 'v', modRevision: 9n };
    const bytes = fromProto('KV', 'Txn', {
      header: { revision: '12' },
      succeeded: true,
      responses: [
        { response_put: { header: { revision: '12' } } },
        { response_delete_range: { header: { revision: '12' }, deleted: '3' } },
        { response_range: { header: { revision: '12' }, kvs: [protoKv(kv)], count: '1' } },
      ],
    });
    expect(decodeTxn(bytes)).toEqual({
      succeeded: true,
      revision: 12n,
      responses: [{ type: 'put' }, { type: 'delete', deleted: 3 }, { type: 'get', kvs: [kv] }],
    });
  });

  it('watch responses tell their events and their end', () => {
    const kv = { ...sample, key: 'k', value: 'v', modRevision: 9n };
    const bytes = fromProto('Watch', 'Watch', {
      header: { revision: '12' },
      canceled: true,
      compact_revision: '8',
      cancel_reason: 'why',
      fragment: true,
      events: [
        { type: 'Put', kv: protoKv(kv) },
        { type: 'Delete', kv: { key: Buffer.from('k'), mod_revision: '10' }, prev_kv: protoKv(kv) },
      ],
    });
    expect(decodeWatch(bytes)).toEqual({
      revision: 12n,
      created: false,
      canceled: true,
      compactRevision: 8n,
      cancelReason: 'why',
      fragment: true,
      events: [
        { type: 'put', kv },
        { type: 'delete', kv: { ...sample, key: 'k', modRevision: 10n }, prevKv: kv },
      ],
    });
  });

  it('a lease has its id and the time that is left', () => {
    const bytes = fromProto('Lease', 'LeaseGrant', {
      header: {},
      ID: '7587863094483917828',
      TTL: '-1',
      error: '',
    });
    expect(decodeLease(bytes)).toEqual({ leaseId: 7587863094483917828n, ttlSeconds: -1n });
  });

  it('a message that is cut off is refused, not read beyond its end', () => {
    const bytes = fromProto('KV', 'Range', { kvs: [protoKv({ ...sample, key: 'key', value: 'value' })] });
    expect(() => decodeRange(bytes.subarray(0, bytes.length - 1))).toThrow(/ends too early/);
  });

  it('fields that are unknown here are stepped over, of whichever kind', () => {
    const writer = new Writer();
    writer.string(1000, 'later');
    writer.int64(1001, 1n << 63n);
    const before = writer.finish();
    const fixed = Buffer.from([((90 << 3) & 0x7f) | 0x80 | 1, (90 << 3) >> 7, 1, 2, 3, 4, 5, 6, 7, 8]);
    const bytes = Buffer.concat([before, fixed, fromProto('KV', 'Put', { header: { revision: '4' } })]);
    expect(decodeRange(bytes).revision).toBe(4n);
    expect(() => new Reader(Buffer.from([0])).skip(3)).toThrow(/not protobuf/);
  });
});

type Proto = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any

function meantByCompare(read: Proto): Compare {
  const target = {
    Version: 'version',
    Create: 'createRevision',
    Mod: 'modRevision',
    Lease: 'lease',
    Value: 'value',
  }[read.target as string] as Compare['target'];
  const is = ({ Equal: '=', Greater: '>', Less: '<', NotEqual: '!=' } as const)[
    read.result as 'Equal' | 'Greater' | 'Less' | 'NotEqual'
  ];
  const key = read.key.toString();
  if (target === 'value') return compare.value(key, is, read.value.toString());
  const field = {
    version: 'version',
    createRevision: 'create_revision',
    modRevision: 'mod_revision',
    lease: 'lease',
  }[target];
  return compare[target](key, is, BigInt(read[field]));
}

function meantByOp(read: Proto): Op {
  const { request_put: put, request_delete_range: remove, request_range: range } = read;
  if (put) return op.put(put.key.toString(), put.value.toString(), { leaseId: BigInt(put.lease) });
  return remove ? op.delete(remove.key.toString()) : op.get(range.key.toString());
}
