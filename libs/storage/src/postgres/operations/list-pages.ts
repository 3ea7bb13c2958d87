import type { NewFinishedPage as FinishedPage, PageQuery } from '@app/crawl';
import type { Database, Row, Statement } from '../database.js';

function list(name: string, condition: string): Statement {
  return {
    name,
    text: `
  SELECT page.seq, page.url, page.rule, page.depth, page.state, page.status, page.title, page.bytes, page.error,
    page.attempts, page.fetched_at
  FROM page WHERE page.crawl = (SELECT id FROM crawl WHERE resource = $1) AND page.seq > $2 AND ${condition}
  ORDER BY page.seq LIMIT $3`,
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
