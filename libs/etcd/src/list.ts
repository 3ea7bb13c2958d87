import { isOrbweaverError, OrbweaverError } from '@app/errors';
import type { Connections } from './connections.js';
import type { CallOptions } from './etcd-options.js';
import type { KeyValue } from './key-value.js';
import { KV } from './methods.js';
import { encodeRange, rangeOf } from './wire/requests.js';
import type { RangeResponse } from './wire/responses.js';

export interface Page {
  /** The revision that all pages of a list are read at. */
  revision: bigint;
  entries: KeyValue[];
}

export interface ListOptions extends CallOptions {
  revision?: bigint;
  keysOnly?: boolean;
  limit?: number;
  /** Entries a page. By default as many as make some megabytes, judged by the pages before. */
  pageSize?: number;
}

const FIRST_PAGE_SIZE = 1_000;
const LARGEST_PAGE_SIZE = 50_000;
const PAGE_BYTES = 8 << 20;

/**
 * Everything under a prefix in key order, page by page, all at the revision of the first page (COMPACTED when
 * etcd has it no more). There is at least one page. The next page is fetched while this one is being read.
 *
 * Few large pages, since etcd counts all keys from a page's begin to the prefix's end each time: a million keys
 * in pages of 5,000 took four times as long as in pages of 50,000.
 */
export async function* listPages(
  connections: Connections,
  prefix: string,
  { signal, timeoutMs, keysOnly, pageSize, ...options }: ListOptions = {},
): AsyncGenerator<Page, void, undefined> {
  const abandon = new AbortController();
  const call = { signal: signal ? AbortSignal.any([signal, abandon.signal]) : abandon.signal, timeoutMs };
  const { key, rangeEnd } = rangeOf({ prefix });
  const fetch = async (from: string | Uint8Array, revision: bigint, size: number): Promise<RangeResponse> => {
    try {
      return await connections.repeatable(
        KV.range,
        encodeRange({ key: from, rangeEnd, limit: size, revision, keysOnly }),
        call,
      );
    } catch (error) {
      // A page may come out larger than gRPC takes, after small entries and before large ones.
      if (pageSize !== undefined || size === 1 || !isOrbweaverError(error, 'RESOURCE_EXHAUSTED')) throw error;
      return fetch(from, revision, Math.ceil(size / 16));
    }
  };
  let size = pageSize ?? FIRST_PAGE_SIZE;
  let left = options.limit ?? Infinity;
  if (!(left > 0 && size > 0)) throw new OrbweaverError('INVALID_ARGUMENT', 'a limit is above 0');
  let upcoming = fetch(key, options.revision ?? 0n, Math.min(size, left));
  try {
    for (;;) {
      const { entries, more, lastKey, ...response } = await upcoming;
      const revision: bigint = options.revision ?? response.revision;
      options.revision = revision;
      left -= entries.length;
      if (!more || left <= 0) {
        yield { revision, entries };
        return;
      }
      size = pageSize ?? nextPageSize(entries);
      upcoming = fetch(after(lastKey), revision, Math.min(size, left));
      upcoming.catch(() => {}); // it is awaited after the yield, if the reader comes back
      yield { revision, entries };
    }
  } finally {
    abandon.abort();
  }
}

function nextPageSize(entries: KeyValue[]): number {
  // UTF-16 units for bytes: near enough.
  const size = entries.reduce((sum, { key, value }) => sum + key.length + value.length + 40, 0);
  return Math.max(1, Math.min(LARGEST_PAGE_SIZE, Math.floor((PAGE_BYTES * entries.length) / size)));
}

function after(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
