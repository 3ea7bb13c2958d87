import type { RpcCall } from '@app/transport';
import type { Latest } from '../leadership/latest.js';
import type { KnownLeader } from '../leadership/leader-watch.js';
import { LeaderClient, type Hop } from './leader-client.js';

/**
 * The connection to the leader, one for each term. When another term begins, calls that the old leader has not
 * answered are cut after a moment: it may be paused, and each call can be repeated at the new leader.
 */
export class LeaderClients {
  private readonly byTerm = new Map<string, LeaderClient>();
  private readonly unsubscribe: () => void;

  constructor(leader: Latest<KnownLeader | undefined>) {
    this.unsubscribe = leader.onChange((present) => {
      for (const [key, client] of this.byTerm) {
        if (key === present?.key || present === undefined) continue;
        this.byTerm.delete(key);
        client.retire(LAST_ANSWERS_MS);
      }
    });
  }

  call(leader: KnownLeader, address: string, call: RpcCall, hop: Hop): Promise<unknown> {
    let client = this.byTerm.get(leader.key);
    if (client === undefined) {
      client = new LeaderClient(address);
      this.byTerm.set(leader.key, client);
    }
    return client.call(call, hop);
  }

  close(): void {
    this.unsubscribe();
    for (const client of this.byTerm.values()) client.retire(0);
    this.byTerm.clear();
  }
}

/** A leader that resigns has answered before; what is late now will not come. */
const LAST_ANSWERS_MS = 200;
