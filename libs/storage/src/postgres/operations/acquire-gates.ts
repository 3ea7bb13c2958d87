import type { GateAnswer, GateRequest } from '@app/crawl';
import { numberArray, textArray } from '../arrays.js';
import type { Database, Row, Statement } from '../database.js';

/**
 * A gate that is held by another only learns that it is wanted. One that was not given back (its lease ran out, or its
 * holder asks again) may have let a request through as late as its lease was, or now. Rows are locked in the order of
 * their hosts, by all.
 */
const ACQUIRE: Statement = {
  name: 'gates_acquire',
  text: `
  INSERT INTO gate AS known (host, holder, fence, leased_until, delay_ms)
  SELECT host, $1, 1, now_ms() + $2, delay_ms FROM unnest($3::text[], $4::bigint[]) AS wanted (host, delay_ms)
  ORDER BY host COLLATE "C"
  ON CONFLICT (host) DO UPDATE SET (holder, fence, leased_until, is_wanted, delay_ms, next_at) = (
    SELECT
      CASE WHEN is_free THEN $1 ELSE known.holder END,
      CASE WHEN is_free THEN known.fence + 1 ELSE known.fence END,
      CASE WHEN is_free THEN now + $2 ELSE known.leased_until END,
      NOT is_free,
      CASE WHEN is_free THEN excluded.delay_ms ELSE known.delay_ms END,
      CASE WHEN is_free THEN
        greatest(known.next_at, CASE known.holder WHEN '' THEN 0 ELSE least(known.leased_until, now) + known.delay_ms END)
          + greatest(0, excluded.delay_ms - known.delay_ms)
      ELSE known.next_at END
    FROM (SELECT now, known.holder IN ('', $1) OR known.leased_until <= now AS is_free FROM now_ms() AS now) AS gate
  )
  RETURNING host, holder = $1 AS is_granted, fence, greatest(0, next_at - now_ms()) AS wait_ms,
    greatest(1, leased_until - now_ms()) AS left_ms, failures, trouble, down_since_at`,
};

/** Who waits for a gate asks this often: its holder may give it back before its lease is over. */
const LOOK_AGAIN_MS = 500;

export async function acquireGates(
  database: Database,
  holder: string,
  wanted: readonly GateRequest[],
  leaseMs: number,
): Promise<GateAnswer[]> {
  // Asked for twice, a gate keeps to the longer delay.
  const delays = new Map<string, number>();
  for (const { host, delayMs } of wanted) delays.set(host, Math.max(delayMs, delays.get(host) ?? 0));
  if (delays.size === 0) return [];
  const rows = await database.query(
    ACQUIRE,
    holder,
    Math.floor(leaseMs),
    textArray([...delays.keys()]),
    numberArray([...delays.values()].map(Math.ceil)),
  );
  const answers = new Map(rows.map((row) => [row.host as string, answerOf(row)]));
  return wanted.map(({ host }) => answers.get(host) as GateAnswer);
}

function answerOf(row: Row): GateAnswer {
  const host = row.host as string;
  if (row.is_granted !== true) {
    return { host, granted: false, retryInMs: Math.min(row.left_ms as number, LOOK_AGAIN_MS) };
  }
  return {
    host,
    granted: true,
    fence: row.fence as number,
    waitMs: row.wait_ms as number,
    state: {
      failures: row.failures as number,
      trouble: row.trouble as string,
      downSinceAt: row.down_since_at as number,
    },
  };
}
