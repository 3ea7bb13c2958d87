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
  WITH own AS MATERIALIZED (
    SELECT told.* FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::integer[], $7::text[], $8::bigint[])
      AS told (host, fence, delay_ms, wait_ms, failures, trouble, down_since_at)
      JOIN gate ON gate.host = told.host AND gate.holder = $1 AND gate.fence = told.fence
    ORDER BY told.host COLLATE "C" FOR NO KEY UPDATE OF gate
  )
  UPDATE gate SET delay_ms = own.delay_ms, next_at = now_ms() + own.wait_ms, failures = own.failures,
    trouble = own.trouble, down_since_at = own.down_since_at, ${change}
  FROM own WHERE gate.host = own.host AND gate.holder = $1 AND gate.fence = own.fence
  RETURNING gate.host, gate.is_wanted`,
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
