import { MemoryCrawlStore, type ClaimRequest, type CrawlStore, type LogLine } from '@app/crawl';
import { OrbweaverError } from '@app/errors';
import { StoreCondition } from './store-condition.js';
import { watchedStore } from './watched-store.js';

const CLAIM: ClaimRequest = {
  resource: 'books',
  resourceId: '1',
  epoch: 1n,
  specHash: 'h',
  generation: 0,
  run: 1,
  retry: 0,
  seeds: [],
  reloadRules: [],
  maxPages: 10,
};

const LINE: LogLine = {
  id: '1',
  at: 1,
  level: 'info',
  message: 'taken up',
  fields: '',
  nodeId: 'w',
  epoch: 1n,
  traceId: '',
};

describe('a store that is watched', () => {
  let inner: MemoryCrawlStore;
  let condition: StoreCondition;
  let logged: string[];
  let store: CrawlStore;
  beforeEach(() => {
    inner = new MemoryCrawlStore();
    condition = new StoreCondition('sqlite');
    logged = [];
    store = watchedStore(inner, {
      called: (error) => condition.called(error),
      committed: (tookMs) => condition.committed(tookMs),
      logged: (resource) => logged.push(resource),
    });
  });

  it('says of which tasks lines were written, however they were', async () => {
    const claim = await store.frontier.claim(CLAIM);
    await store.frontier.ack(claim, { results: [] });
    expect(logged).toEqual([]);
    await store.frontier.ack(claim, { results: [], lines: [LINE] });
    await store.logs.append('films', [LINE]);
    await store.frontier.finish(claim, { state: 'done', reason: '', messages: [], lines: [LINE] });
    expect(logged).toEqual(['books', 'films', 'books']);
  });

  it('is well until a call fails for want of it, and well again with the next that does not', async () => {
    expect(condition.health()).toMatchObject({ kind: 'sqlite', ok: true, reason: '', commitMs: 0 });
    const progress = inner.results.progress.bind(inner.results);
    inner.results.progress = () => Promise.reject(new OrbweaverError('STORE_UNAVAILABLE', 'disk full'));
    await expect(store.results.progress('books')).rejects.toThrow('disk full');
    expect(condition.health()).toMatchObject({ ok: false, reason: 'disk full' });
    inner.results.progress = progress;
    await store.results.progress('books');
    expect(condition.health()).toMatchObject({ ok: true, reason: '' });
  });

  it('is well, though it says no to somebody who is too late', async () => {
    const claim = await store.frontier.claim(CLAIM);
    await store.frontier.claim({ ...CLAIM, epoch: 2n });
    await expect(store.frontier.ack(claim, { results: [] })).rejects.toMatchObject({ code: 'SUPERSEDED' });
    expect(condition.health().ok).toBe(true);
  });

  it('tells how long its last transactions took, as a median', () => {
    for (const tookMs of [1, 900, 3, 2, 4]) condition.committed(tookMs);
    expect(condition.health().commitMs).toBe(3);
    for (let commit = 0; commit < 1_000; commit++) condition.committed(7);
    expect(condition.health().commitMs).toBe(7);
  });
});
