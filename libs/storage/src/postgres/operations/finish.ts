import type { Claim, OutboxMessage, RunEnd } from '@app/crawl';
import { storable, textArray } from '../arrays.js';
import type { Database, Statement } from '../database.js';
import { hold } from './hold.js';

const FINISH: Statement = {
  name: 'finish',
  text: `
  WITH ended AS (
    UPDATE crawl SET state = $2, reason = $3, since_at = now_ms() WHERE id = $1 AND state = 'open'
    RETURNING resource, since_at
  )
  INSERT INTO outbox (resource, url, body, created_at, due_at)
  SELECT resource, url, body, since_at, since_at
  FROM ended, unnest($4::text[], $5::text[]) WITH ORDINALITY AS message (url, body, place) ORDER BY place`,
};

export async function finish(
  database: Database,
  claim: Claim,
  { state, reason, messages }: RunEnd,
): Promise<void> {
  const column = (of: (message: OutboxMessage) => string): string => textArray(messages.map(of));
  await database.transaction([
    hold(claim),
    [FINISH, claim.crawlId, state, storable(reason), column(({ url }) => url), column(({ body }) => body)],
  ]);
}
