import type { HostState } from '@app/crawl';
import type { Connection } from '../connection.js';

export interface Gate {
  host: string;
  /** Empty while nobody has it. */
  holder: string;
  fence: number;
  leasedUntil: number;
  /** Another process has asked for it during the lease. */
  isWanted: boolean;
  delayMs: number;
  /** When the next request may be sent, if the one before it was `delayMs` ago then. */
  nextAt: number;
  state: HostState;
}

export function readGate(db: Connection, host: string): Gate | undefined {
  const row = db.get(
    `SELECT holder, fence, leased_until, is_wanted, delay_ms, next_at, failures, trouble, down_since_at
     FROM gate WHERE host = ?`,
    host,
  );
  return row === undefined
    ? undefined
    : {
        host,
        holder: String(row.holder),
        fence: Number(row.fence),
        leasedUntil: Number(row.leased_until),
        isWanted: row.is_wanted === 1,
        delayMs: Number(row.delay_ms),
        nextAt: Number(row.next_at),
        state: {
          failures: Number(row.failures),
          trouble: String(row.trouble),
          downSinceAt: Number(row.down_since_at),
        },
      };
}

export function saveGate(db: Connection, gate: Gate): void {
  db.run(
    `INSERT OR REPLACE INTO gate (host, holder, fence, leased_until, is_wanted, delay_ms, next_at, failures, trouble,
       down_since_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    gate.host,
    gate.holder,
    gate.fence,
    Math.trunc(gate.leasedUntil),
    gate.isWanted ? 1 : 0,
    Math.ceil(gate.delayMs),
    Math.ceil(gate.nextAt),
    gate.state.failures,
    gate.state.trouble,
    Math.trunc(gate.state.downSinceAt),
  );
}
