import { HISTORY_STEP_MS, HISTORY_STEPS, type CrawlHistory, type PageResult } from '@app/crawl';
import { numberArray } from '../arrays.js';
import { tallyOf } from '../../tally.js';
import type { Call, Database, Statement } from '../database.js';

/** The beginning of the step that it is. */
export const STEP_AT = `now_ms() / ${HISTORY_STEP_MS} * ${HISTORY_STEP_MS}`;

/** Adds what is selected, a row like those of the table, to the step of its time. */
export function addToStep(selected: string): string {
  return `
    INSERT INTO history_step AS known (crawl, at, done_count, failed_count, item_count, bytes, queued_count)
    ${selected}
    ON CONFLICT (crawl, at) DO UPDATE SET
      done_count = known.done_count + excluded.done_count,
      failed_count = known.failed_count + excluded.failed_count,
      item_count = known.item_count + excluded.item_count,
      bytes = known.bytes + excluded.bytes,
      queued_count = excluded.queued_count`;
}

const ROOM = 'greatest(0, max_pages - queued_count - done_count - failed_count) AS room, item_count';

/** What an ack answers, when it settled nothing. */
export const ANSWER: Statement = { name: 'answer', text: `SELECT ${ROOM} FROM crawl WHERE id = $1` };

const NOTE: Statement = {
  name: 'note',
  text: `
  WITH answered AS (
    INSERT INTO answer AS known (crawl, status, count)
    SELECT $1, status, count FROM unnest($2::integer[], $3::bigint[]) AS given (status, count)
    ON CONFLICT (crawl, status) DO UPDATE SET count = known.count + excluded.count
  ), noted AS (${addToStep(`
    SELECT $1, ${STEP_AT}, $4::bigint, $5::bigint, $6::bigint, $7::bigint, queued_count
    FROM crawl WHERE id = $1 AND $8::boolean`)}
  )
  SELECT ${ROOM} FROM crawl WHERE id = $1`,
};
const FORGET: Statement = {
  name: 'forget_steps',
  text: `DELETE FROM history_step WHERE crawl = $1
    AND at <= (SELECT at FROM history_step WHERE crawl = $1 ORDER BY at DESC LIMIT 1 OFFSET ${HISTORY_STEPS})`,
};

/** Adds to a crawl's history, after its counts have changed; the last call gives what an ack answers. */
export function note(crawlId: number, results: readonly PageResult[]): Call[] {
  const tally = tallyOf(results);
  const noting: Call = [
    NOTE,
    crawlId,
    numberArray([...tally.statuses.keys()]),
    numberArray([...tally.statuses.values()]),
    tally.doneCount,
    tally.failedCount,
    tally.itemCount,
    tally.bytes,
    tally.settledCount > 0,
  ];
  // A step has a page at least: now and then is enough.
  const isTime = results.some(({ seq }) => seq % FORGOTTEN_EVERY === 0);
  return isTime ? [[FORGET, crawlId], noting] : [noting];
}

const FORGOTTEN_EVERY = 200;

const STEPS: Statement = {
  name: 'history_steps',
  text: `
  SELECT step.* FROM crawl CROSS JOIN LATERAL (
    SELECT * FROM history_step WHERE history_step.crawl = crawl.id ORDER BY at DESC LIMIT ${HISTORY_STEPS}
  ) AS step
  WHERE resource = $1`,
};
const STATUSES: Statement = {
  name: 'history_statuses',
  text: `
  SELECT status, count FROM crawl CROSS JOIN LATERAL (
    SELECT * FROM answer WHERE answer.crawl = crawl.id ORDER BY status
  ) AS answered
  WHERE resource = $1`,
};

export async function readHistory(database: Database, resource: string): Promise<CrawlHistory> {
  const [steps, statuses] = await Promise.all([
    database.query(STEPS, resource),
    database.query(STATUSES, resource),
  ]);
  return {
    steps: steps.toReversed().map((row) => ({
      at: row.at as number,
      doneCount: row.done_count as number,
      failedCount: row.failed_count as number,
      itemCount: row.item_count as number,
      bytes: row.bytes as number,
      queuedCount: row.queued_count as number,
    })),
    statuses: statuses.map((row) => ({ status: row.status as number, count: row.count as number })),
  };
}
