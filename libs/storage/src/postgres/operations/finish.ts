import type { Claim, LogLimits, OutboxMessage, RunEnd } from '@app/crawl';
import { storable, textArray } from '../arrays.js';
import type { Database, Statement } from '../database.js';
import { appending } from './append-lines.js';
import { hold } from './hold.js';

const FINISH: Statement = {
  name: 'finish',
  text: `
  WITH ended AS (
    UPDATE crawl SET state = $2, reason = $3, since_at = now_ms() WHERE id = $1 AND state = 'open'
    RETURNING resource, since_at
  ), sent AS (
    INSERT INTO outbox (resource, url, body, created_at, due_at)
    SELECT resource, url, body, since_at, since_at
    FROM ended, unnest($4::text[], $5::text[]) WITH ORDINALITY AS message (url, body, place) ORDER BY place
  )
  SELECT FROM ended`,
};

export async function finish(
  database: Database,
  claim: Claim,
  { state, reason, messages, lines = [] }: RunEnd,
  logLimits: LogLimits,
): Promise<void> {
  const column = (of: (message: OutboxMessage) => string): string => textArray(messages.map(of));
  const { crawlId, resource } = claim;
  const [urls, bodies] = [column(({ url }) => url), column(({ body }) => body)];
  await database.dialogue(async (query) => {
    await query(...hold(claim));
    const ended = await query(FINISH, crawlId, state, storable(reason), urls, bodies);
    if (ended.length === 0) return;
    for (const call of appending(resource, lines, logLimits)) await query(...call);
  });
}
