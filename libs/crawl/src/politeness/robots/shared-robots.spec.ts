import type { FetchAnswer, Fetcher } from '@app/fetch';
import { MemoryCrawlStore } from '../../store/memory/memory-crawl-store.js';
import { HostGates } from '../gates/host-gates.js';
import { SharedRobots, type RobotsAnswer } from './shared-robots.js';

const UA = 'Orbweaver/0.1';
const ORIGIN = 'http://site.test';
const DAY_MS = 24 * 3_600_000;

/** Hosts that answer as they are told to, and what they were asked. */
class Web implements Fetcher {
  readonly asked: string[] = [];
  readonly answers: Record<string, Partial<Extract<FetchAnswer, { kind: 'answer' }>>> = {};
  isDown = false;

  async fetch({ url, onSend }: Parameters<Fetcher['fetch']>[0]): Promise<FetchAnswer> {
    this.asked.push(url);
    onSend?.();
    if (this.isDown) return { kind: 'unreachable', reason: 'connection refused' };
    return {
      kind: 'answer',
      status: 404,
      mediaType: 'text/plain',
      contentType: 'text/plain',
      body: Buffer.alloc(0),
      location: undefined,
      retryAfterMs: undefined,
      etag: '',
      lastModified: '',
      ...this.answers[url],
    };
  }

  async close(): Promise<void> {}
}

describe('the robots.txt of an origin', () => {
  let web: Web;
  let store: MemoryCrawlStore;
  let wallNow: number;
  const gates: HostGates[] = [];
  const signal = new AbortController().signal;
  beforeEach(() => {
    web = new Web();
    store = new MemoryCrawlStore();
    wallNow = Date.now();
  });
  afterEach(() => Promise.all(gates.splice(0).map((each) => each.close())));

  const process = (holder = 'me'): SharedRobots => {
    const own = new HostGates({
      store: store.gates,
      holder,
      patience: { firstPauseMs: 1, longestPauseMs: 1 },
    });
    gates.push(own);
    return new SharedRobots({ fetcher: web, gates: own, store: store.gates, wallNow: () => wallNow });
  };
  const ask = (robots: SharedRobots): Promise<RobotsAnswer> =>
    robots.rulesOf(ORIGIN, {
      delayMs: 0,
      waitTimeMs: 0,
      concurrency: 1,
      userAgent: UA,
      timeoutMs: 1_000,
      proxies: [],
      signal,
      maySend: () => true,
    });
  const allows = (answer: RobotsAnswer, path: string): boolean | undefined =>
    'rules' in answer ? answer.rules.allows(`${ORIGIN}${path}`, UA) : undefined;
  const serve = (url: string, text: string): void => {
    web.answers[url] = { status: 200, body: Buffer.from(text) };
  };

  it('is fetched once for all who ask, in this process and, through the store, in others', async () => {
    serve(`${ORIGIN}/robots.txt`, 'User-agent: *\nDisallow: /private');
    const robots = process();
    const answers = await Promise.all([ask(robots), ask(robots), ask(robots)]);
    expect(answers.map((answer) => allows(answer, '/private/x'))).toEqual([false, false, false]);
    expect(allows(await ask(process('other')), '/private/x')).toBe(false);
    expect(robots.peek(ORIGIN)?.allows(`${ORIGIN}/open`, UA)).toBe(true);
    expect(web.asked).toEqual([`${ORIGIN}/robots.txt`]);
    wallNow += DAY_MS + 1;
    expect(robots.peek(ORIGIN)).toBeUndefined();
  });

  it.each([400, 401, 403, 404, 410])('that is not there (%d) allows everything', async (status) => {
    web.answers[`${ORIGIN}/robots.txt`] = { status };
    expect(allows(await ask(process()), '/any')).toBe(true);
  });

  it.each([429, 500, 503])(
    'that a host in trouble does not give (%d) allows nothing, for a day',
    async (status) => {
      web.answers[`${ORIGIN}/robots.txt`] = { status };
      const robots = process();
      expect(await ask(robots)).toEqual({
        unknown: `robots.txt: HTTP ${status}`,
        tries: 1,
        sinceAt: wallNow,
      });
      const since = wallNow;
      wallNow += DAY_MS - 1;
      expect(await ask(robots)).toEqual({ unknown: `robots.txt: HTTP ${status}`, tries: 2, sinceAt: since });
      wallNow += 1;
      expect(allows(await ask(robots), '/any')).toBe(true);
    },
  );

  it('of a host that does not answer allows nothing', async () => {
    web.isDown = true;
    expect(await ask(process())).toMatchObject({ unknown: 'robots.txt: connection refused', tries: 1 });
  });

  it('is followed through five redirects, to other hosts too, and counts for the origin that was asked', async () => {
    for (let hop = 0; hop < 5; hop++) {
      const from = hop === 0 ? `${ORIGIN}/robots.txt` : `http://h${hop}.test/robots.txt`;
      web.answers[from] = { status: 301, location: `http://h${hop + 1}.test/robots.txt` };
    }
    serve('http://h5.test/robots.txt', 'User-agent: *\nDisallow: /');
    expect(allows(await ask(process()), '/any')).toBe(false);
    expect(web.asked).toHaveLength(6);
  });

  it('behind a sixth redirect is taken for missing', async () => {
    web.answers[`${ORIGIN}/robots.txt`] = { status: 302, location: `${ORIGIN}/robots.txt` };
    expect(allows(await ask(process()), '/any')).toBe(true);
    expect(web.asked).toHaveLength(6);
  });

  it('that is too long is read as far as its last whole line', async () => {
    const lines = `User-agent: *\n${'Disallow: /x\n'.repeat(50_000)}`;
    serve(`${ORIGIN}/robots.txt`, `${lines.slice(0, 512 * 1024 - 11)}Disallow: /`.slice(0, 512 * 1024));
    const answer = await ask(process());
    expect([allows(answer, '/x'), allows(answer, '/other')]).toEqual([false, true]);
  });
});
