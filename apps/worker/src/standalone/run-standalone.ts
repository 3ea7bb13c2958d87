import { setInterval as everyMs } from 'node:timers/promises';
import type { Crawler, CrawlStore, Tenure } from '@app/crawl';
import { productVersion } from '@app/config';
import { isOrbweaverError } from '@app/errors';
import { Metrics, startTraces, type Logger } from '@app/observability';
import { openCrawlStore, parseStoreUrl } from '@app/storage';
import { Slots } from '../assignment/slots.js';
import { Crawling } from '../crawling/crawling.js';
import { logLimits, type WorkerSettings } from '../settings.js';
import { ownSpec } from '../tasks/spec-source.js';
import { catalogOf, type TaskCatalog } from '../tasks/task-catalog.js';
import { withDeadline } from '../webhooks/deadline.js';

const PROGRESS_EVERY_MS = 2_000;
const LAST_WEBHOOKS_MS = 20_000;

/**
 * A worker with no cluster: crawls every task of its catalog, or goes on with it, and ends when all are over.
 * Gives the exit code: 0 when all are done.
 */
export async function runStandalone(
  settings: WorkerSettings,
  logger: Logger,
  signal: AbortSignal,
): Promise<number> {
  const catalog = catalogOf(settings.tasks);
  const names = (await catalog?.names()) ?? [];
  if (catalog === undefined || names.length === 0) {
    logger.error(
      'there is no task: name a directory with --tasks, or write [[tasks]] into the file of --config',
    );
    return 1;
  }
  const stopTraces = await startTraces({
    service: 'orbweaver-worker',
    instance: 'standalone',
    version: productVersion(),
    endpoint: settings.otlpEndpoint,
    ratio: settings.traceRatio,
    logger,
    metrics: new Metrics({ processMetrics: false }),
  });
  const store = await openCrawlStore(parseStoreUrl(settings.store, settings.dataDir), {
    logLimits: logLimits(settings),
  });
  const crawling = new Crawling({ settings, store, holder: 'standalone', logger });
  const { crawler, webhooks } = crawling;
  const slots = new Slots(settings.maxRunning);
  const running = new Set<string>();
  const over = new AbortController();
  const reporting = reportProgress(running, crawler, logger, over.signal);
  const tenure: Tenure = { signal, holds: () => !signal.aborted };
  try {
    const all = await Promise.all(
      names.map(async (name) => {
        const leave = await slots.enter(signal).catch(() => undefined);
        if (leave === undefined) return false;
        running.add(name);
        try {
          return await runTask(name, catalog, store, crawler, tenure, logger);
        } finally {
          running.delete(name);
          leave();
        }
      }),
    );
    await withDeadline(LAST_WEBHOOKS_MS, signal, (limited) => webhooks.deliverDue(limited));
    return all.every(Boolean) ? 0 : 1;
  } finally {
    over.abort();
    await reporting;
    await crawling.close();
    await store.close();
    await stopTraces();
  }
}

/** Whether it is done. */
async function runTask(
  name: string,
  catalog: TaskCatalog,
  store: CrawlStore,
  crawler: Crawler,
  tenure: Tenure,
  logger: Logger,
): Promise<boolean> {
  const found = await catalog.find(name);
  const own = found && ownSpec(found);
  if (own?.kind !== 'spec') {
    logger.error({ task: name, reason: own?.reason ?? 'the task is gone' }, 'task failed');
    return false;
  }
  try {
    // Those of the last owner: the crawl is gone on with, whoever began it.
    const {
      resourceId: id = '',
      epoch = 1n,
      run = 1,
      retry = 0,
      generation = 0,
    } = (await store.results.progress(name)) ?? {};
    logger.info({ task: name }, 'task started');
    const task = { name, id, epoch, run, retry, generation, spec: own.spec, ...own.code };
    const outcome = await crawler.run(task, tenure);
    logger.info({ task: name, ...(await figures(name, crawler)) }, `task ${outcome}`);
    return outcome === 'done';
  } catch (error) {
    const reason = isOrbweaverError(error) ? error.message : 'internal error';
    logger.error({ task: name, reason, error }, 'task failed');
    return false;
  }
}

async function reportProgress(
  running: ReadonlySet<string>,
  crawler: Crawler,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const _ of everyMs(PROGRESS_EVERY_MS, undefined, { signal })) {
      for (const name of running) logger.info({ task: name, ...(await figures(name, crawler)) }, 'progress');
    }
  } catch (error) {
    if (!signal.aborted) logger.warn({ error }, 'no more progress lines');
  }
}

async function figures(name: string, crawler: Crawler) {
  const progress = await crawler.progress(name);
  return {
    done: progress?.doneCount,
    queued: progress?.queuedCount,
    failed: progress?.failedCount,
    items: progress?.itemCount,
    ...(progress?.reason ? { reason: progress.reason } : {}),
  };
}
