import type { StoredItem } from '@app/crawl';

/** Where an item comes from, as it stands beside the item's own fields in every format. */
export const PROVENANCE = [
  '_url',
  '_rule',
  '_fetched_at',
  '_epoch',
  '_run',
  '_spec_hash',
  '_trace_id',
] as const;

export type ProvenanceName = (typeof PROVENANCE)[number];

/** Holds, as one JSON object, what has no column of its own. */
export const MORE = '_more';

export function provenanceOf(item: StoredItem): Record<ProvenanceName, string | number | bigint | null> {
  return {
    _url: item.url,
    _rule: item.rule,
    _fetched_at: new Date(item.fetchedAt).toISOString(),
    _epoch: item.epoch,
    _run: item.run,
    _spec_hash: item.specHash,
    _trace_id: item.traceId || null,
  };
}

const RESERVED: ReadonlySet<string> = new Set([...PROVENANCE, MORE]);

/** Whether an item's own field of that name has to give way. */
export function isReserved(name: string): boolean {
  return RESERVED.has(name);
}
