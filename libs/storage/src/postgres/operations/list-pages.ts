import type { FinishedPage, PageQuery } from '@app/crawl';
import type { Database, Row, Statement } from '../database.js';

function list(name: string, condition: string): Statement {
  return {
    name,
    text: `
  SELECT page.id - id_of(crawl.id, 0) AS seq, url, rule, depth, page.state, status, title, bytes, error, attempts,
    fetched_at
  FROM crawl CROSS JOIN LATERAL (
    SELECT * FROM page WHERE id > id_of(crawl.id, $2) AND id < id_of(crawl.id + 1, 0) AND ${condition}
    ORDER BY id LIMIT $3
  ) AS page
  WHERE resource = $1 ORDER BY page.id`,
  };
}

const SETTLED = list('pages', `state <> 'queued'`);
const FAILED = list('failed_pages', `state = 'failed'`);

export async function listPages(
  database: Database,
  resource: string,
  { after, limit, failed = false }: PageQuery,
): Promise<FinishedPage[]> {
  const rows = await database.query(failed ? FAILED : SETTLED, resource, after, limit);
  return rows.map(finished);
}

function finished(row: Row): FinishedPage {
  return {
    seq: row.seq as number,
    url: row.url as string,
    rule: row.rule as string,
    depth: row.depth as number,
    state: row.state as FinishedPage['state'],
    status: row.status as number,
    title: row.title as string,
    bytes: row.bytes as number,
    error: row.error as string,
    attempts: row.attempts as number,
    fetchedAt: row.fetched_at as number,
  };
}
