import type { TaskSpec } from '@app/tasks';
import type { OutboxMessage, RunEnd } from '../../store/frontier.js';
import type { CrawlProgress, Results } from '../../store/results.js';

/** How a run whose frontier is empty, or that has reached a bound, ends: `reason` names the bound. */
export async function runEndOf(
  resource: string,
  spec: TaskSpec,
  run: { hasGood: boolean; reason: string; endedAt: number },
  progress: CrawlProgress | undefined,
  results: Results,
): Promise<RunEnd> {
  const isFailed = !run.hasGood && (progress?.failedCount ?? 0) > 0;
  const state = isFailed ? 'failed' : 'done';
  const reason = isFailed ? await whyFailed(resource, results) : run.reason;
  const messages = spec.webhooks
    .filter(({ on }) => on.includes(state))
    .map(({ url }): OutboxMessage => ({ url, body: bodyOf(resource, state, reason, run.endedAt, progress) }));
  return { state, reason, messages };
}

async function whyFailed(resource: string, results: Results): Promise<string> {
  const [page] = await results.pages(resource, { after: 0, limit: 1, failed: true });
  return page === undefined ? 'no page went well' : `no page went well: ${page.url}: ${page.error}`;
}

/** The error of a page that robots.txt forbids. */
export const FORBIDDEN = 'robots.txt disallows it';

/** Whether a run that failed for this reason, of which a store keeps no more, was not let begin. */
export function isForbidden(reason: string): boolean {
  return reason.endsWith(`: ${FORBIDDEN}`);
}

function bodyOf(
  task: string,
  state: 'done' | 'failed',
  reason: string,
  endedAt: number,
  progress: CrawlProgress | undefined,
): string {
  const { doneCount = 0, failedCount = 0, queuedCount = 0, itemCount = 0 } = progress ?? {};
  return JSON.stringify({
    event: `crawl.${state}`,
    task,
    run: progress?.run ?? 1,
    state,
    reason,
    pages: { done: doneCount, failed: failedCount, queued: queuedCount },
    items: itemCount,
    startedAt: new Date(progress?.sinceAt ?? endedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
  });
}
