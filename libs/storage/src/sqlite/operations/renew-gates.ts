import type { HeldGate } from '@app/crawl';
import type { Work } from '../work.js';
import { readGate, saveGate, type Gate } from './gate-row.js';

export function renewGates(
  { db, now }: Work,
  holder: string,
  gates: readonly HeldGate[],
  leaseMs: number,
): { lost: string[]; wanted: string[] } {
  const lost: string[] = [];
  const wanted: string[] = [];
  for (const held of gates) {
    const gate = writtenBy(readGate(db, held.host), holder, held, now);
    if (gate === undefined) {
      lost.push(held.host);
      continue;
    }
    saveGate(db, { ...gate, leasedUntil: now + leaseMs });
    if (gate.isWanted) wanted.push(held.host);
  }
  return { lost, wanted };
}

export function releaseGates({ db, now }: Work, holder: string, gates: readonly HeldGate[]): void {
  for (const held of gates) {
    const gate = writtenBy(readGate(db, held.host), holder, held, now);
    if (gate !== undefined) saveGate(db, { ...gate, holder: '', leasedUntil: 0 });
  }
}

/** With what the holder knows. By the fence alone: a lease that ran out and that nobody took since is still its. */
function writtenBy(
  gate: Gate | undefined,
  holder: string,
  { fence, delayMs, waitMs, state }: HeldGate,
  now: number,
): Gate | undefined {
  if (gate?.holder !== holder || gate.fence !== fence) return undefined;
  return { ...gate, delayMs, nextAt: now + waitMs, state };
}
