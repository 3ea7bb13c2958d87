import type { HeldGate } from '@app/crawl';
import type { Database } from '../database.js';
import { gateValues, writeGates } from './write-gates.js';

const RENEW = writeGates('gates_renew', 'leased_until = excluded.leased_until');

export async function renewGates(
  database: Database,
  holder: string,
  gates: readonly HeldGate[],
  leaseMs: number,
): Promise<{ lost: string[]; wanted: string[] }> {
  if (gates.length === 0) return { lost: [], wanted: [] };
  const rows = await database.query(RENEW, ...gateValues(holder, gates), Math.floor(leaseMs));
  const held = new Map(rows.map((row) => [row.host as string, row.is_wanted === true]));
  const hosts = gates.map(({ host }) => host);
  return {
    lost: hosts.filter((host) => !held.has(host)),
    wanted: hosts.filter((host) => held.get(host) === true),
  };
}
