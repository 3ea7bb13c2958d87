import type { GateState } from '@app/crawl';
import type { Work } from '../work.js';
import { readGate } from './gate-row.js';

export function listGates({ db, now }: Work, hosts: readonly string[]): GateState[] {
  return hosts.flatMap((host) => {
    const gate = readGate(db, host);
    if (gate === undefined) return [];
    const { delayMs, nextAt, state } = gate;
    const holder = gate.leasedUntil > now ? gate.holder : '';
    return [{ host, delayMs, waitMs: Math.max(0, nextAt - now), holder, ...state }];
  });
}
