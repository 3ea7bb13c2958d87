import type { ResourceRecord } from '@app/resources';

/** A resource that this worker is to crawl. */
export interface Assignment {
  name: string;
  record: ResourceRecord;
  /** The mod revision of the assignment's key: grows with each change of worker or spec. */
  epoch: bigint;
}
