import type { NewPageResult as PageResult } from '@app/crawl';
import { numberArray } from '../arrays.js';
import type { Call, Statement } from '../database.js';

const POSTPONE: Statement = {
  name: 'postpone',
  text: `
  UPDATE queue SET attempt = attempt + 1, due_at = now_ms() + given.wait_ms
  FROM unnest($2::bigint[], $3::bigint[]) AS given (seq, wait_ms)
  WHERE queue.crawl = $1 AND queue.seq = given.seq`,
};

/** All are queued; each is to be tried once more. */
export function postpone(crawlId: number, results: readonly PageResult[]): Call {
  return [
    POSTPONE,
    crawlId,
    numberArray(results.map(({ seq }) => seq)),
    numberArray(results.map(({ retryInMs }) => Math.ceil(retryInMs))),
  ];
}
