import type { Frontier } from '@app/crawl';
import { PAGE } from '../schema.js';
import type { Work } from '../work.js';
import { heldCrawl, unfinishedOf, type Held } from './held-crawl.js';
import { readyPages } from './ready-pages.js';

type Hosts = Awaited<ReturnType<Frontier['hosts']>>;

export function listHosts(work: Work, held: Held, except: readonly string[], limit: number): Hosts {
  const { db, now } = work;
  const crawl = heldCrawl(db, held);
  readyPages(work, crawl.id);
  const excepted = new Set(except);
  const hosts: string[] = [];
  const ready = db.iterate(
    `SELECT name FROM host INDEXED BY host_ready WHERE crawl = ? AND seq IS NOT NULL
     ORDER BY priority DESC, depth, seq LIMIT ?`,
    crawl.id,
    limit + except.length,
  );
  for (const { name } of ready) {
    if (!excepted.has(String(name)) && hosts.length < limit) hosts.push(String(name));
  }
  const next = db.get(
    `SELECT min(due_at) AS due_at FROM page INDEXED BY page_waiting WHERE crawl = ? AND state = ${PAGE.waiting}`,
    crawl.id,
  )?.due_at;
  return {
    hosts,
    nextInMs: next === null || next === undefined ? undefined : Math.max(0, Number(next) - now),
    unfinishedCount: unfinishedOf(crawl),
  };
}
