import type { GateAnswer, GateRequest, GateState, GateStore, HeldGate, StoredRobots } from '@app/crawl';
import type { Database } from './database.js';
import { acquireGates } from './operations/acquire-gates.js';
import { listGates } from './operations/list-gates.js';
import { releaseGates } from './operations/release-gates.js';
import { renewGates } from './operations/renew-gates.js';
import { readRobots, saveRobots } from './operations/robots.js';

export class PostgresGateStore implements GateStore {
  constructor(private readonly database: Database) {}

  acquire(holder: string, wanted: readonly GateRequest[], leaseMs: number): Promise<GateAnswer[]> {
    return acquireGates(this.database, holder, wanted, leaseMs);
  }

  renew(
    holder: string,
    gates: readonly HeldGate[],
    leaseMs: number,
  ): Promise<{ lost: string[]; wanted: string[] }> {
    return renewGates(this.database, holder, gates, leaseMs);
  }

  release(holder: string, gates: readonly HeldGate[]): Promise<void> {
    return releaseGates(this.database, holder, gates);
  }

  robots(origin: string): Promise<StoredRobots | undefined> {
    return readRobots(this.database, origin);
  }

  saveRobots(origin: string, robots: StoredRobots): Promise<void> {
    return saveRobots(this.database, origin, robots);
  }

  gates(hosts: readonly string[]): Promise<GateState[]> {
    return listGates(this.database, hosts);
  }
}
