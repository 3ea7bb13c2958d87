import type { PageResult } from '@app/crawl';
import { numberArray } from '../arrays.js';
import type { Call, Statement } from '../database.js';

const POSTPONE: Statement = {
  name: 'postpone',
  text: `
  UPDATE queue SET attempt = attempt + 1, due_at = now_ms() + ($3::bigint[])[array_position($2::bigint[], id - id_of($1, 0))]
  WHERE id = ANY(ARRAY(SELECT id_of($1, seq) FROM unnest($2::bigint[]) AS seq))`,
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
