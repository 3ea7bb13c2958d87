import type { GateState } from '@app/crawl';
import { textArray } from '../arrays.js';
import type { Database, Row, Statement } from '../database.js';

const GATES: Statement = {
  name: 'gates',
  text: `
  SELECT gate.host, delay_ms, greatest(0, next_at - now_ms()) AS wait_ms,
    CASE WHEN leased_until > now_ms() THEN holder ELSE '' END AS holder, failures, trouble, down_since_at
  FROM gate WHERE host = ANY($1::text[]) ORDER BY array_position($1::text[], host)`,
};

export async function listGates(database: Database, hosts: readonly string[]): Promise<GateState[]> {
  return (await database.query(GATES, textArray(hosts))).map(stateOf);
}

function stateOf(row: Row): GateState {
  return {
    host: row.host as string,
    delayMs: row.delay_ms as number,
    waitMs: row.wait_ms as number,
    holder: row.holder as string,
    failures: row.failures as number,
    trouble: row.trouble as string,
    downSinceAt: row.down_since_at as number,
  };
}
