import type { HeldGate } from '@app/crawl';
import { numberArray, textArray } from '../arrays.js';
import type { Statement, Value } from '../database.js';

/**
 * Writes what the holder knows, with `change` beside it, to the gates that are its own: by the fence alone, for a
 * lease that ran out and that nobody took since is still its holder's. Locks in the order of hosts, as all do.
 */
export function writeGates(name: string, change: string): Statement {
  return {
    name,
    text: `
  INSERT INTO gate AS known (holder, host, fence, delay_ms, next_at, failures, trouble, down_since_at, leased_until)
  SELECT $1, host, fence, delay_ms, now_ms() + wait_ms, failures, trouble, down_since_at, now_ms() + $9
  FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::integer[], $7::text[], $8::bigint[])
    AS told (host, fence, delay_ms, wait_ms, failures, trouble, down_since_at)
  ORDER BY host COLLATE "C"
  ON CONFLICT (host) DO UPDATE SET delay_ms = excluded.delay_ms, next_at = excluded.next_at,
    failures = excluded.failures, trouble = excluded.trouble, down_since_at = excluded.down_since_at, ${change}
  WHERE known.holder = excluded.holder AND known.fence = excluded.fence
  RETURNING host, is_wanted`,
  };
}

export function gateValues(holder: string, gates: readonly HeldGate[]): Value[] {
  return [
    holder,
    textArray(gates.map(({ host }) => host)),
    numberArray(gates.map(({ fence }) => fence)),
    numberArray(gates.map(({ delayMs }) => Math.ceil(delayMs))),
    numberArray(gates.map(({ waitMs }) => Math.ceil(waitMs))),
    numberArray(gates.map(({ state }) => state.failures)),
    textArray(gates.map(({ state }) => state.trouble)),
    numberArray(gates.map(({ state }) => Math.round(state.downSinceAt))),
  ];
}
