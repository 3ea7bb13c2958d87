import type { HeldGate } from '@app/crawl';
import type { Database } from '../database.js';
import { gateValues, writeGates } from './write-gates.js';

const RELEASE = writeGates('gates_release', `holder = '', leased_until = 0`);

export async function releaseGates(
  database: Database,
  holder: string,
  gates: readonly HeldGate[],
): Promise<void> {
  if (gates.length > 0) await database.query(RELEASE, ...gateValues(holder, gates), 0);
}
