import type { GateAnswer, GateRequest } from '@app/crawl';
import type { Work } from '../work.js';
import { readGate, saveGate, type Gate } from './gate-row.js';

export function acquireGates(
  { db, now }: Work,
  holder: string,
  wanted: readonly GateRequest[],
  leaseMs: number,
): GateAnswer[] {
  return wanted.map(({ host, delayMs }): GateAnswer => {
    const gate = readGate(db, host) ?? newGate(host);
    const leftMs = gate.leasedUntil - now;
    if (gate.holder !== '' && gate.holder !== holder && leftMs > 0) {
      if (!gate.isWanted) saveGate(db, { ...gate, isWanted: true });
      return { host, granted: false, retryInMs: Math.min(leftMs, LOOK_AGAIN_MS) };
    }
    // It was not given back: a request may have left as late as the end of the lease, or now.
    const sentAt = gate.holder === '' ? 0 : Math.min(gate.leasedUntil, now);
    const nextAt = Math.max(gate.nextAt, sentAt === 0 ? 0 : sentAt + gate.delayMs);
    const granted: Gate = {
      ...gate,
      holder,
      fence: gate.fence + 1,
      leasedUntil: now + leaseMs,
      isWanted: false,
      delayMs,
      // Who asks for a longer delay than was kept so far waits that one from the last request.
      nextAt: nextAt + Math.max(0, delayMs - gate.delayMs),
    };
    saveGate(db, granted);
    const { fence, state } = granted;
    return { host, granted: true, fence, waitMs: Math.max(0, Math.ceil(granted.nextAt - now)), state };
  });
}

function newGate(host: string): Gate {
  const state = { failures: 0, trouble: '', downSinceAt: 0 };
  return { host, holder: '', fence: 0, leasedUntil: 0, isWanted: false, delayMs: 0, nextAt: 0, state };
}

/** Who waits for a gate asks this often: its holder may give it back before its lease is over. */
const LOOK_AGAIN_MS = 500;
