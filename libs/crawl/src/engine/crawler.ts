import { setMaxListeners } from 'node:events';
import { isOrbweaverError, OrbweaverError } from '@app/errors';
import type { HttpFetcher } from '../fetch/http-fetcher.js';
import { normalizeUrl, type PageUrl } from '@app/tasks';
import type { Claim, PageResult, PageStore, TakenPage } from '../frontier/page-store.js';
import { HostGates } from '../politeness/host-gates.js';
import { RobotsCache } from '../politeness/robots-cache.js';
import { specHash, type TaskSpec } from '@app/tasks';
import type { RunOutcome, Task, TaskProgress, TaskRunner, Tenure } from '../task/task-runner.js';
import { AckBatch } from './ack-batch.js';
import { failed, visit, type VisitParts } from './visit.js';

export interface CrawlerOptions {
  store: PageStore;
  fetcher: HttpFetcher;
  /** Told of every page that is finished. */
  onPage?: (result: PageResult) => void;
}

/**
 * The first engine: fetches the seeds of a task, follows links on their hosts, and keeps frontier and pages in
 * the store. Each host of a task has a lane, which visits its pages one after the other; the gates make the
 * lanes of all tasks take turns at a host.
 */
export class Crawler implements TaskRunner {
  readonly #store: PageStore;
  readonly #parts: VisitParts;
  readonly #onPage: (result: PageResult) => void;

  constructor({ store, fetcher, onPage = () => {} }: CrawlerOptions) {
    const gates = new HostGates();
    this.#store = store;
    this.#parts = { fetcher, gates, robots: new RobotsCache(fetcher, gates) };
    this.#onPage = onPage;
  }

  progress(name: string): Promise<TaskProgress | undefined> {
    return this.#store.progress(name);
  }

  async isDone(task: Task): Promise<boolean> {
    const progress = await this.#store.progress(task.name);
    return (
      progress?.state === 'done' &&
      progress.resourceId === task.id &&
      progress.specHash === specHash(task.spec)
    );
  }

  async run(task: Task, tenure: Tenure): Promise<RunOutcome> {
    // A claim in the store takes the crawl from whoever holds it: nothing for someone who overslept.
    if (tenure.signal.aborted || !tenure.holds()) return 'stopped';
    try {
      const seeds = task.spec.seeds.map(({ url }) => normalizeUrl(url) as PageUrl);
      const claim = await this.#store.claim({
        resource: task.name,
        resourceId: task.id,
        epoch: task.epoch,
        specHash: specHash(task.spec),
        seeds: seeds.map(({ href, host }) => ({ url: href, host, depth: 0, redirects: 0 })),
        maxPages: task.spec.maxPages,
      });
      if (claim.done) return 'done';
      return await this.#crawl(claim, task.spec, new Set(seeds.map(({ host }) => host)), tenure);
    } catch (error) {
      if (isOrbweaverError(error, 'SUPERSEDED')) return 'superseded';
      throw error;
    }
  }

  async #crawl(
    claim: Claim,
    spec: TaskSpec,
    hosts: ReadonlySet<string>,
    tenure: Tenure,
  ): Promise<RunOutcome> {
    // Ends with the tenure, or with the first thing that goes wrong.
    const end = new AbortController();
    // One for each lane at most: no leak.
    setMaxListeners(0, end.signal);
    const endTenure = (): void => end.abort(tenure.signal.reason);
    if (tenure.signal.aborted) endTenure();
    tenure.signal.addEventListener('abort', endTenure, { once: true });
    const run: Run = {
      claim,
      spec,
      acks: new AckBatch(this.#store, claim, (error) => end.abort(error)),
      tenure: { signal: end.signal, holds: () => tenure.holds() },
    };
    const waiting = hosts.values();
    try {
      const lanes = Array.from({ length: Math.min(hosts.size, MAX_LANES) }, async () => {
        for (const host of waiting) {
          if (end.signal.aborted) return;
          await this.#lane(host, run).catch((error: unknown) => end.abort(error));
        }
      });
      await Promise.all(lanes);
    } finally {
      tenure.signal.removeEventListener('abort', endTenure);
    }
    await run.acks.flush();
    if (!end.signal.aborted) {
      if (await this.#store.finish(claim)) return 'done';
      throw new OrbweaverError('INTERNAL', 'all lanes of the crawl ended and left pages in the frontier');
    }
    await this.#store.release(claim);
    if (tenure.signal.aborted || isOrbweaverError(end.signal.reason, 'CANCELLED')) return 'stopped';
    throw end.signal.reason;
  }

  /** Visits the pages of one host until there are none. Rejects when the run ends before. */
  async #lane(host: string, run: Run): Promise<void> {
    for (;;) {
      // What the last pages discovered has to be in the frontier.
      await run.acks.flush();
      const pages = await this.#store.take(run.claim, host, TAKEN_AT_ONCE);
      if (pages.length === 0) return;
      for (const page of pages) {
        const result = await this.#finish(page, run);
        run.acks.add(result);
        this.#onPage(result);
      }
    }
  }

  async #finish(page: TakenPage, { spec, tenure, acks }: Run): Promise<PageResult> {
    for (let attempt = 1; ; attempt++) {
      const seen = await visit(page, this.#parts, { spec, tenure, wantsLinks: acks.room > 0 });
      if (seen.trouble !== undefined && attempt < MAX_ATTEMPTS) continue;
      const found = seen.trouble === undefined ? seen.found : failed(seen.status, seen.trouble);
      return { ...found, seq: page.seq, fetchedAt: Date.now() };
    }
  }
}

interface Run {
  claim: Claim;
  spec: TaskSpec;
  acks: AckBatch;
  tenure: Tenure;
}

/** Hosts of one task that are visited at the same time. */
const MAX_LANES = 32;
const TAKEN_AT_ONCE = 50;
/** Visits of a page whose host is in trouble; the gate makes the pauses between them grow. */
const MAX_ATTEMPTS = 4;
