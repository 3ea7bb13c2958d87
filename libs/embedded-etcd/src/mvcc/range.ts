import { EtcdError } from '../etcd-error.js';
import { interval } from './key-interval.js';
import type { KeyValue } from './key-value.js';
import { SortOrder, SortTarget, type RangeRequest, type RangeResponse } from './requests.js';
import type { View } from './view.js';

/** Where a range is read: the view of the present, its revision, and the oldest one that may be asked for. */
export interface Present {
  readonly view: View;
  readonly revision: bigint;
  readonly compactRevision: bigint;
}

/** etcd's Range. `count` is always that of the whole interval, whatever the limit and the filters leave. */
export function range(present: Present, request: RangeRequest): Omit<RangeResponse, 'header'> {
  const view = viewAt(present, request.revision);
  const keys = interval(request.key, request.rangeEnd);
  if (request.countOnly) return { kvs: [], more: false, count: view.count(keys) };

  const { limit } = request;
  const all = request.sortOrder !== SortOrder.NONE || filters(request) || limit <= 0;
  const found = view.range(keys, all ? 0 : limit + 1);
  const kvs = sorted(filtered(found.kvs, request), request);
  const more = limit > 0 && kvs.length > limit;
  if (more) kvs.length = limit;
  return {
    kvs: request.keysOnly ? kvs.map((kv) => ({ ...kv, value: '' })) : kvs,
    more,
    count: found.count,
  };
}

function viewAt(present: Present, revision: bigint): View {
  if (revision > present.revision) throw new EtcdError('FutureRev');
  if (revision <= 0n) return present.view;
  if (revision < present.compactRevision) throw new EtcdError('Compacted');
  return present.view.at(revision);
}

function filters(request: RangeRequest): boolean {
  return (
    request.minModRevision !== 0n ||
    request.maxModRevision !== 0n ||
    request.minCreateRevision !== 0n ||
    request.maxCreateRevision !== 0n
  );
}

function filtered(kvs: KeyValue[], request: RangeRequest): KeyValue[] {
  if (!filters(request)) return kvs;
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  return kvs.filter(
    ({ modRevision: mod, createRevision: create }) =>
      (maxModRevision === 0n || mod <= maxModRevision) &&
      (minModRevision === 0n || mod >= minModRevision) &&
      (maxCreateRevision === 0n || create <= maxCreateRevision) &&
      (minCreateRevision === 0n || create >= minCreateRevision),
  );
}

/** Equal ones stay in the order of their keys, either way; etcd leaves their order open. */
function sorted(kvs: KeyValue[], { sortOrder, sortTarget }: RangeRequest): KeyValue[] {
  const by = ORDERS[sortTarget];
  if (sortOrder === SortOrder.DESCEND) return kvs.sort((a, b) => (by === undefined ? 0 : by(b, a)));
  return sortTarget === SortTarget.KEY || by === undefined ? kvs : kvs.sort(by);
}

const ORDERS: Record<number, (a: KeyValue, b: KeyValue) => number> = {
  [SortTarget.KEY]: (a, b) => order(a.key, b.key),
  [SortTarget.VERSION]: (a, b) => order(a.version, b.version),
  [SortTarget.CREATE]: (a, b) => order(a.createRevision, b.createRevision),
  [SortTarget.MOD]: (a, b) => order(a.modRevision, b.modRevision),
  [SortTarget.VALUE]: (a, b) => order(a.value, b.value),
};

export function order<T extends string | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
