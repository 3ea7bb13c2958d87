import { MemoryCrawlStore, type Claim, type CrawlStore } from '@app/crawl';
import { parseTaskSpec, seedPages } from '@app/tasks';
import { StoredResults } from './stored-results.js';

const SPEC = parseTaskSpec({
  seeds: 'http://books.test/',
  rules: { page: { fields: { title: 'h1', price: { css: '.price', type: 'number' } } } },
});

describe('what the store holds of crawls', () => {
  let store: CrawlStore;
  let claim: Claim;
  let results: StoredResults;
  beforeEach(async () => {
    store = new MemoryCrawlStore(() => performance.now());
    claim = await store.frontier.claim({
      resource: 'books',
      resourceId: '1',
      epoch: 7n,
      specHash: 'abc',
      generation: 0,
      run: 1,
      retry: 0,
      seeds: seedPages(SPEC),
      reloadRules: [],
      maxPages: 100,
    });
    results = new StoredResults(
      store.results,
      (name) => name === 'assigned',
      async () => SPEC,
    );
  });
  afterEach(() => store.close());

  /** Ends the one page of the crawl. */
  async function finish(page: { state: 'done' | 'failed'; error?: string; items?: object[] }): Promise<void> {
    await store.frontier.ack(claim, {
      results: [
        {
          seq: 1,
          attempt: 0,
          state: page.state,
          retryInMs: 0,
          status: 200,
          title: 'Books',
          bytes: 5,
          error: page.error ?? '',
          fetchedAt: 1_000,
          etag: '',
          lastModified: '',
          discovered: [],
          traceId: '',
          items: (page.items ?? []).map((item) => JSON.stringify(item)),
        },
      ],
    });
  }

  async function exported(
    name: string,
    format: string,
    contains = '',
    signal = new AbortController().signal,
  ) {
    const chunks = [];
    for await (const chunk of await results.export({ name, format, contains }, signal)) chunks.push(chunk);
    const [head, ...parts] = chunks;
    return { head, parts, text: Buffer.concat(parts.map(({ data }) => data)).toString() };
  }

  const page = (name: string, pageSize = 0, pageToken = '') => ({ name, pageSize, pageToken, contains: '' });

  it('is given page by page, with where each item comes from', async () => {
    await finish({ state: 'done', items: [{ title: 'A' }, { title: 'B' }, { title: 'C' }] });
    const first = await results.items(page('books', 2));
    expect(first.items).toMatchObject([
      { rule: 'page', url: 'http://books.test/', position: 0, epoch: 7n, run: 1, data: '{"title":"A"}' },
      { position: 1 },
    ]);
    const second = await results.items(page('books', 2, first.nextPageToken));
    expect(second).toMatchObject({ items: [{ position: 2 }], nextPageToken: '' });
  });

  it('is given in answers of a bounded size, at least an item in each', async () => {
    const large = 'x'.repeat(700_000);
    await finish({ state: 'done', items: [{ large }, { large }, { large }] });
    const first = await results.items(page('books'));
    expect([first.items.length, first.nextPageToken]).toEqual([1, '1']);
  });

  it('is searched for a text, in what is shown and in what is exported', async () => {
    await finish({ state: 'done', items: [{ title: 'Red fox' }, { title: 'Hare' }, { title: 'Fox cub' }] });
    const found = await results.items({ ...page('books', 1), contains: 'FOX' });
    expect(found).toMatchObject({ items: [{ position: 0 }], searched: 1n });
    const rest = await results.items({ ...page('books', 1, found.nextPageToken), contains: 'FOX' });
    expect(rest).toMatchObject({ items: [{ position: 2 }], searched: 2n });
    expect((await exported('books', 'jsonl', 'fox')).text.match(/"title":"[^"]+"/g)).toEqual([
      '"title":"Red fox"',
      '"title":"Fox cub"',
    ]);
    expect((await exported('books', 'json', 'wolf')).text.trim()).toBe('[]');
    expect(await results.items({ ...page('books'), contains: 'wolf' })).toMatchObject({
      items: [],
      searched: 3n,
      nextPageToken: '',
    });
  });

  it('tells failed pages from the others', async () => {
    await finish({ state: 'failed', error: 'no price' });
    const failed = await results.pages({ ...page('books'), failed: true });
    expect(failed.pages).toMatchObject([{ state: 'failed', error: 'no price', rule: 'page', bytes: 5n }]);
  });

  it('is exported as a file whose name and columns come first', async () => {
    await finish({ state: 'done', items: [{ price: 2, title: 'A' }] });
    const { head, text } = await exported('books', 'csv');
    expect(head).toMatchObject({ fileName: 'books.csv', contentType: expect.stringContaining('text/csv') });
    expect(head?.data).toHaveLength(0);
    expect(text).toMatch(/^title,price,_url,.*\r\nA,2,http:\/\/books\.test\/,/);
    expect((await exported('books', '')).head?.fileName).toBe('books.jsonl');
  });

  it('is exported in pieces that a message can hold, as long as somebody wants them', async () => {
    await finish({ state: 'done', items: [{ text: 'x'.repeat(600_000) }] });
    const { parts } = await exported('books', 'jsonl');
    expect(parts.map(({ data }) => data.length <= 262_144)).toEqual([true, true, true]);
    await expect(exported('books', 'jsonl', '', AbortSignal.abort())).rejects.toThrow('aborted');
  });

  it('is nothing for a task that nobody knows, and empty for one that has not begun', async () => {
    await expect(results.items(page('nobody'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(exported('nobody', 'csv')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await results.items(page('assigned'))).toMatchObject({ items: [], nextPageToken: '' });
  });

  it.each([
    ['a format', () => exported('books', 'xlsx'), 'format is one of jsonl, json, csv, parquet: "xlsx"'],
    ['a size', () => results.items(page('books', 1_001)), 'page_size is between 1 and 1000'],
    ['a token', () => results.items(page('books', 1, 'x')), 'page_token is not one'],
    ['no name', () => results.items(page('')), 'the name of a task is missing'],
  ])('refuses %s that cannot be', async (_, ask, message) => {
    await expect(ask()).rejects.toThrow(message);
  });

  it('is told as a history, and of a task that has none as none', async () => {
    await finish({ state: 'done', items: [{ title: 'A' }] });
    const { points, stepSeconds, statuses } = await results.history({ name: 'books' });
    expect(points).toMatchObject([{ done: 1n, failed: 0n, items: 1n, bytes: 5n }]);
    expect(stepSeconds).toBe(10);
    expect(statuses).toEqual([{ status: 200, pages: 1n }]);
    await expect(results.history({ name: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
