import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../support/load.mjs';
import { Postgres } from '../support/postgres.mjs';

const SIZES = [10_000, 100_000, 1_000_000];
const HOST = 'site.test';
const BATCH = 250;

/**
 * The durable frontier alone, without a crawl around it: SQLite and, where there is one, PostgreSQL, turn by turn; by
 * how much a crawl knows already.
 */
export async function frontier() {
  const { openCrawlStore } = await import('../../dist/libs/storage/src/index.js');
  const directory = mkdtempSync(join(tmpdir(), 'orbweaver-bench-'));
  const postgres = Postgres.missing() ? undefined : new Postgres();
  const crawls = [];
  const begin = async (name, url) => {
    const store = await openCrawlStore(url);
    crawls.push({ name, store, claim: await store.frontier.claim(request()), known: 1 });
  };
  try {
    await begin('SQLite', { kind: 'sqlite', path: join(directory, 'frontier.db') });
    if (postgres !== undefined) {
      await postgres.start();
      await begin('PostgreSQL', { kind: 'postgres', url: await postgres.createDatabase() });
    }
    const rows = [];
    for (const size of SIZES) rows.push(...(await measure(crawls, size)));
    return rows;
  } finally {
    for (const { store } of crawls) await store.close();
    await postgres?.stop();
    rmSync(directory, { recursive: true });
  }
}

async function measure(crawls, size) {
  const [found, bare, linked, taken] = [[], [], [], []];
  for (const crawl of crawls) {
    found.push(await grow(crawl, size));
    // The engine leaves out links that it has seen lately; without that, a store has to look each of them up.
    bare.push((await settle(crawl, 20_000, 0))[0]);
    const [rate, takes] = await settle(crawl, 10_000, 29);
    linked.push(rate);
    taken.push(median(takes) * 1_000);
    crawl.firstRate ??= bare.at(-1);
  }
  const known = `at ${size.toLocaleString('en')} known`;
  const kept = crawls.map((crawl, index) => `${crawl.name} ${(bare[index] / crawl.firstRate).toFixed(2)}`);
  const note = `of the rate at ${SIZES[0].toLocaleString('en')}: ${kept.join(', ')}`;
  const memory = `${Math.round(process.memoryUsage().rss / 1024 ** 2)} MiB, all of this process`;
  const settled = 'Pages taken and settled with an item, a new link';
  return [
    row(`New URLs stored, ${known}`, crawls, found, '/s'),
    row(`${settled}, ${known}`, crawls, bare, '/s', note, 'not falling; PostgreSQL at least 0.7'),
    row(`${settled} and 29 known ones, ${known}`, crawls, linked, '/s', '', 'at least 3,000'),
    row(`${BATCH} pages taken, ${known}`, crawls, taken, ' µs', memory),
  ];
}

/** Makes the crawl know so many URLs, as one page of very many links would; gives how many a second. */
async function grow(crawl, size) {
  const from = performance.now();
  const begin = crawl.known;
  while (crawl.known < size) {
    const [page] = await crawl.store.frontier.take(crawl.claim, HOST, 1, []);
    const links = Math.min(20_000, size - crawl.known);
    await crawl.store.frontier.ack(crawl.claim, { results: [result(page, fresh(crawl, links))] });
  }
  return ((crawl.known - begin) * 1000) / (performance.now() - from);
}

async function settle(crawl, count, knownLinks) {
  const { store, claim } = crawl;
  const takes = [];
  const from = performance.now();
  for (let left = count; left > 0; left -= BATCH) {
    const at = performance.now();
    const pages = await store.frontier.take(claim, HOST, BATCH, []);
    takes.push(performance.now() - at);
    const results = pages.map((page) => result(page, [...fresh(crawl, 1), ...repeats(crawl, knownLinks)]));
    await store.frontier.ack(claim, { results });
  }
  return [(count * 1000) / (performance.now() - from), takes];
}

function fresh(crawl, count) {
  return Array.from({ length: count }, () => page(crawl.known++));
}

function repeats(crawl, count) {
  return Array.from({ length: count }, () => page(Math.floor(Math.random() * crawl.known)));
}

function page(n) {
  const url = `http://${HOST}/section-${n % 97}/page-${n}.html`;
  return { url, host: HOST, rule: 'page', depth: 1, priority: 0, redirects: 0, carried: '' };
}

function result({ seq, attempt }, discovered) {
  return {
    ...{ seq, attempt, state: 'done', retryInMs: 0, status: 200, title: 'A page', bytes: 10_000, error: '' },
    ...{ fetchedAt: Date.now(), etag: '', lastModified: '', traceId: '', discovered },
    items: [JSON.stringify({ title: `Page ${seq}`, price: seq % 100, text: 'x'.repeat(100) })],
  };
}

function request() {
  const seeds = [page(0)];
  const of = { resource: 'bench', resourceId: '1', epoch: 1n, specHash: 'x' };
  return { ...of, generation: 0, run: 1, retry: 0, seeds, reloadRules: [], maxPages: 1e9 };
}

function row(what, crawls, values, unit, note = '', aim = '') {
  const each = crawls.map(
    ({ name }, index) => `${name} ${Math.round(values[index]).toLocaleString('en')}${unit}`,
  );
  const ratio = values.length > 1 ? `${(values[1] / values[0]).toFixed(2)} of SQLite` : '';
  return [what, each.join('; '), [ratio, note].filter(Boolean).join('; '), aim];
}
