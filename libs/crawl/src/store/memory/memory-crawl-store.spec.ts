import type { Claim, ClaimRequest, Discovery, PageResult, TakenPage } from '../frontier.js';
import { MemoryCrawlStore } from './memory-crawl-store.js';

// The promises of the ports are tested by the contract suite, on this store like on any other. Here: its clock.
describe('the memory store', () => {
  let now = 1_000_000;
  const store = new MemoryCrawlStore(() => now);

  it('counts what waits by the clock that it is given', async () => {
    const claim = await store.frontier.claim(request());
    const [page] = await take(claim);
    await store.frontier.ack(claim, { results: [{ ...result(page), state: 'retry', retryInMs: 5_000 }] });
    expect(await take(claim)).toEqual([]);
    expect(await store.frontier.hosts(claim, [], 10)).toEqual({
      hosts: [],
      nextInMs: 5_000,
      unfinishedCount: 1,
    });
    now += 5_000;
    expect(await take(claim)).toMatchObject([{ seq: 1, attempt: 1 }]);
  });

  it('makes the next holder of a gate wait the delay from the end of a lease that ran out', async () => {
    const wanted = [{ host: 'site.test', delayMs: 1_000 }];
    expect(await store.gates.acquire('a', wanted, 10_000)).toMatchObject([{ granted: true, waitMs: 0 }]);
    now += 9_800;
    expect(await store.gates.acquire('b', wanted, 10_000)).toEqual([
      { host: 'site.test', granted: false, retryInMs: 200 },
    ]);
    now += 500;
    expect(await store.gates.acquire('b', wanted, 10_000)).toMatchObject([{ granted: true, waitMs: 700 }]);
  });

  const take = (claim: Claim) => store.frontier.take(claim, 'site.test', 10, []);
});

function request(): ClaimRequest {
  const seed: Discovery = {
    url: 'http://site.test/',
    host: 'site.test',
    rule: 'page',
    depth: 0,
    priority: 0,
    redirects: 0,
    carried: '',
  };
  return {
    resource: 'task',
    resourceId: '1',
    epoch: 1n,
    specHash: 'hash',
    generation: 0,
    run: 1,
    retry: 0,
    seeds: [seed],
    reloadRules: [],
    maxPages: 10,
  };
}

function result(page: TakenPage | undefined): PageResult {
  return {
    seq: page?.seq ?? 0,
    attempt: page?.attempt ?? 0,
    state: 'done',
    retryInMs: 0,
    status: 200,
    title: '',
    bytes: 0,
    error: '',
    fetchedAt: 0,
    etag: '',
    lastModified: '',
    discovered: [],
    items: [],
    traceId: '',
  };
}
