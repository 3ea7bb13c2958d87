import type {
  CrawlHistory,
  CrawlProgress,
  FinishedPage,
  PageQuery,
  Results,
  StoredItem,
} from '../results.js';
import type { Crawl, Page } from './crawl.js';

export class MemoryResults implements Results {
  constructor(private readonly crawls: ReadonlyMap<string, Crawl>) {}

  async progress(resource: string): Promise<CrawlProgress | undefined> {
    const crawl = this.crawls.get(resource);
    if (crawl === undefined) return undefined;
    const { resourceId, specHash, generation, run, retry, epoch } = crawl.request;
    const { state, reason, sinceAt, itemCount, lastError } = crawl;
    return {
      state,
      reason,
      resourceId,
      specHash,
      generation,
      run,
      retry,
      epoch,
      itemCount,
      sinceAt,
      lastError,
      discoveredCount: crawl.pages.length - crawl.count('redirected'),
      doneCount: crawl.count('done'),
      queuedCount: crawl.count('queued'),
      failedCount: crawl.count('failed'),
    };
  }

  async pages(resource: string, { after, limit, failed = false }: PageQuery): Promise<FinishedPage[]> {
    const pages = this.crawls.get(resource)?.pages ?? [];
    return pages
      .filter(({ seq, state }) => seq > after && (failed ? state === 'failed' : state !== 'queued'))
      .slice(0, limit)
      .map(finished);
  }

  async items(resource: string, after: number, limit: number): Promise<StoredItem[]> {
    const crawl = this.crawls.get(resource);
    if (crawl === undefined) return [];
    const { specHash } = crawl.request;
    return crawl.pages
      .flatMap(({ url, rule, items }) =>
        items.map((item, position) => ({ ...item, resource, rule, url, position, specHash })),
      )
      .filter(({ number }) => number > after)
      .sort((a, b) => a.number - b.number)
      .slice(0, limit);
  }

  async history(resource: string): Promise<CrawlHistory> {
    const crawl = this.crawls.get(resource);
    if (crawl === undefined) return { steps: [], statuses: [] };
    const statuses = Array.from(crawl.statuses, ([status, count]) => ({ status, count }));
    return {
      steps: crawl.steps.map((step) => ({ ...step })),
      statuses: statuses.sort((a, b) => a.status - b.status),
    };
  }
}

function finished({ seq, url, rule, depth, state, attempt, settled }: Page): FinishedPage {
  return { seq, url, rule, depth, attempts: attempt, ...settled, state } as FinishedPage;
}
