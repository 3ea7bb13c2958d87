import type { MasterApi } from '../api/master-api.js';
import type { Output } from '../output/output.js';
import type { Streams } from '../streams.js';

/** What a command of the client works with. */
export interface Client {
  readonly api: MasterApi;
  readonly output: Output;
  readonly streams: Streams;
}

/** Of commands that list. */
export interface ListOptions {
  limit: number;
  all?: boolean;
  pageToken?: string;
}
