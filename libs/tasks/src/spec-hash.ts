import { createHash } from 'node:crypto';
import type { TaskSpec } from './spec.js';

const NOT_CRAWLED: ReadonlySet<string> = new Set<keyof TaskSpec>([
  'name',
  'schedule',
  'webhooks',
  'delayMs',
  'waitTimeMs',
  'concurrency',
  'limits',
  'retries',
  'timeoutMs',
  'proxies',
]);

/**
 * Two specs that crawl the same have the same hash, however they were written: it is that of what is fetched and
 * what is made of it. When it is crawled, how fast, and who is told are no part of it, so that a crawl goes on
 * where it is when these are changed.
 */
export function specHash(spec: TaskSpec): string {
  const crawled = Object.fromEntries(Object.entries(spec).filter(([key]) => !NOT_CRAWLED.has(key)));
  return createHash('sha256').update(canonical(crawled)).digest('hex').slice(0, 32);
}

/** JSON with the members of each object in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
