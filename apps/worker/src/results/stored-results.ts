import {
  HISTORY_STEP_MS,
  type FinishedPage,
  type HistoryStep,
  type Results,
  type StoredItem,
} from '@app/crawl';
import { OrbweaverError } from '@app/errors';
import { columnsOf, encodeItems, EXPORT_FORMATS, isExportFormat, storedItems } from '@app/export';
import type { worker as proto } from '@app/proto';
import type { TaskSpec } from '@app/tasks';
import { timestamp } from '../status/timestamp.js';
import { chunksOf } from './export-chunks.js';
import { searchItems } from './search-items.js';
import { wantedItems } from './wanted-items.js';

/** What the store holds of crawls, whoever has crawled. */
export class StoredResults {
  constructor(
    private readonly results: Results,
    private readonly isAssigned: (name: string) => boolean,
    /** What a task crawls, as far as that can be told: its fields are the columns of a table. */
    private readonly specOf: (name: string) => Promise<TaskSpec | undefined>,
  ) {}

  async pages(request: proto.ListPagesRequest): Promise<proto.ListPagesResponse> {
    const { name, failed } = request;
    const { after, limit } = windowOf(request);
    const pages = await this.results.pages(name, { after, limit, failed });
    if (pages.length === 0) await this.#mustBeKnown(name);
    return {
      pages: pages.map(pageMessage),
      nextPageToken: pages.length < limit ? '' : String(pages.at(-1)?.seq),
    };
  }

  async items(request: proto.ListItemsRequest): Promise<proto.ListItemsResponse> {
    const { name, contains } = request;
    const { after, limit } = windowOf(request);
    const found = await searchItems(
      this.results,
      { resource: name, after, limit, contains },
      { now: () => performance.now() },
    );
    if (found.searchedCount === 0) await this.#mustBeKnown(name);
    return {
      items: found.items.map(itemMessage),
      nextPageToken: String(found.next ?? ''),
      searched: BigInt(found.searchedCount),
    };
  }

  async history({ name }: proto.GetHistoryRequest): Promise<proto.History> {
    if (name === '') throw invalid('the name of a task is missing');
    const { steps, statuses } = await this.results.history(name);
    if (statuses.length === 0) await this.#mustBeKnown(name);
    return {
      points: steps.map(pointMessage),
      stepSeconds: HISTORY_STEP_MS / 1_000,
      statuses: statuses.map(({ status, count }) => ({ status, pages: BigInt(count) })),
    };
  }

  /** Items as one file. Rejects before the first chunk when there is no such task or format. */
  async export(
    { name, format: wanted, contains }: proto.ExportItemsRequest,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<proto.ExportChunk>> {
    const format = wanted === '' ? 'jsonl' : wanted;
    if (!isExportFormat(format)) {
      throw invalid(`format is one of ${Object.keys(EXPORT_FORMATS).join(', ')}: ${JSON.stringify(wanted)}`);
    }
    if (name === '') throw invalid('the name of a task is missing');
    await this.#mustBeKnown(name);
    const spec = await this.specOf(name);
    const items = wantedItems(storedItems(this.results, name), contains, signal);
    const file = encodeItems(items, format, spec === undefined ? [] : columnsOf(spec));
    const { mediaType, extension } = EXPORT_FORMATS[format];
    return chunksOf(file, { contentType: mediaType, fileName: `${name}.${extension}` }, signal);
  }

  async #mustBeKnown(name: string): Promise<void> {
    if (this.isAssigned(name) || (await this.results.progress(name)) !== undefined) return;
    throw new OrbweaverError('NOT_FOUND', 'no such task');
  }
}

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1_000;

function windowOf({ name, pageSize, pageToken }: { name: string; pageSize: number; pageToken: string }) {
  if (name === '') throw invalid('the name of a task is missing');
  if (pageSize < 0 || pageSize > MAX_PAGE_SIZE) {
    throw invalid(`page_size is between 1 and ${MAX_PAGE_SIZE}, or 0 for ${DEFAULT_PAGE_SIZE}: ${pageSize}`);
  }
  if (!/^\d{0,15}$/.test(pageToken)) throw invalid('page_token is not one that was given by an earlier call');
  return { after: Number(pageToken), limit: pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize };
}

function pageMessage(page: FinishedPage): proto.Page {
  const { url, rule, depth, state, status, title, bytes, error, attempts, fetchedAt } = page;
  const at = timestamp(fetchedAt);
  return { url, rule, depth, state, status, title, bytes: BigInt(bytes), error, attempts, fetchedAt: at };
}

function itemMessage({
  rule,
  url,
  position,
  fetchedAt,
  epoch,
  run,
  specHash,
  data,
  traceId,
}: StoredItem): proto.Item {
  return { rule, url, position, fetchedAt: timestamp(fetchedAt), epoch, run, specHash, data, traceId };
}

function pointMessage(step: HistoryStep): proto.HistoryPoint {
  return {
    at: timestamp(step.at),
    done: BigInt(step.doneCount),
    failed: BigInt(step.failedCount),
    items: BigInt(step.itemCount),
    bytes: BigInt(step.bytes),
    queued: BigInt(step.queuedCount),
  };
}

function invalid(message: string): OrbweaverError {
  return new OrbweaverError('INVALID_ARGUMENT', message);
}
