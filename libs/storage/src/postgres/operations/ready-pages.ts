/**
 * The pages of a host of the crawl `$1` that are ready, the best first, in SQL. From where the host's queue begins: no
 * scan passes over what settled pages leave behind in the index.
 */
export function readyPages(columns: string, host: string, condition = 'true'): string {
  return `
    SELECT ${columns} FROM queue
    WHERE queue.crawl = $1 AND queue.host = ${host} AND due_at = 0 AND ${condition}
      AND (urgency, depth, id) >= (
        SELECT urgency, depth, page FROM crawl_host WHERE crawl_host.crawl = $1 AND crawl_host.host = ${host}
      )
    ORDER BY urgency, depth, id`;
}
