import { setInterval as everyMs } from 'node:timers/promises';
import { Crawler, HttpFetcher, type PageStore, type TaskRunner, type Tenure } from '@app/crawl';
import { isOrbweaverError } from '@app/errors';
import type { Logger } from '@app/observability';
import { openPageStore, parseStoreUrl } from '@app/storage';
import { Slots } from '../assignment/slots.js';
import type { WorkerSettings } from '../settings.js';
import { ownSpec } from '../tasks/spec-source.js';
import { catalogOf, type TaskCatalog } from '../tasks/task-catalog.js';

const PROGRESS_EVERY_MS = 2_000;

/**
 * A worker with no cluster: crawls every task of its catalog, or goes on with it, and ends when all are done.
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
  const store = await openPageStore(parseStoreUrl(settings.store, settings.dataDir));
  const fetcher = new HttpFetcher();
  const runner = new Crawler({ store, fetcher });
  const slots = new Slots(settings.maxRunning);
  const running = new Set<string>();
  const over = new AbortController();
  const reporting = reportProgress(running, runner, logger, over.signal);
  const tenure: Tenure = { signal, holds: () => !signal.aborted };
  try {
    const all = await Promise.all(
      names.map(async (name) => {
        const leave = await slots.enter(signal).catch(() => undefined);
        if (leave === undefined) return false;
        running.add(name);
        try {
          return await runTask(name, catalog, store, runner, tenure, logger);
        } finally {
          running.delete(name);
          leave();
        }
      }),
    );
    return all.every(Boolean) ? 0 : 1;
  } finally {
    over.abort();
    await reporting;
    await fetcher.close();
    store.close();
  }
}

/** Whether it is done. */
async function runTask(
  name: string,
  catalog: TaskCatalog,
  store: PageStore,
  runner: TaskRunner,
  tenure: Tenure,
  logger: Logger,
): Promise<boolean> {
  const found = await catalog.find(name);
  const spec = found && ownSpec(found);
  if (spec?.kind !== 'spec') {
    logger.error({ task: name, reason: spec?.reason ?? 'the task is gone' }, 'task failed');
    return false;
  }
  try {
    // Those of the last owner: the crawl is gone on with, whoever began it.
    const { resourceId: id = '', epoch = 1n } = (await store.progress(name)) ?? {};
    logger.info({ task: name }, 'task started');
    const outcome = await runner.run({ name, id, epoch, spec: spec.spec }, tenure);
    logger.info({ task: name, ...(await figures(name, runner)) }, `task ${outcome}`);
    return outcome === 'done';
  } catch (error) {
    const reason = isOrbweaverError(error) ? error.message : 'internal error';
    logger.error({ task: name, reason, error }, 'task failed');
    return false;
  }
}

async function reportProgress(
  running: ReadonlySet<string>,
  runner: TaskRunner,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const _ of everyMs(PROGRESS_EVERY_MS, undefined, { signal })) {
      for (const name of running) logger.info({ task: name, ...(await figures(name, runner)) }, 'progress');
    }
  } catch (error) {
    if (!signal.aborted) logger.warn({ error }, 'no more progress lines');
  }
}

async function figures(name: string, runner: TaskRunner) {
  const progress = await runner.progress(name);
  return { done: progress?.doneCount, queued: progress?.queuedCount, failed: progress?.failedCount };
}
