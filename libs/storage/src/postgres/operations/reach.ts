/** Lets the queues of these pages' hosts begin with them, where they are better than what stands there. */
export function reach(pages: string): string {
  return `
    INSERT INTO crawl_host AS known (crawl, host, urgency, depth, page)
    SELECT DISTINCT ON (host) $1, host, urgency, depth, id FROM ${pages} ORDER BY host, urgency, depth, id
    ON CONFLICT (crawl, host) DO UPDATE
      SET urgency = excluded.urgency, depth = excluded.depth, page = excluded.page
      WHERE known.page IS NULL
        OR (excluded.urgency, excluded.depth, excluded.page) < (known.urgency, known.depth, known.page)`;
}
