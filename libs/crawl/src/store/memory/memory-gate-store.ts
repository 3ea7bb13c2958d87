import type {
  GateAnswer,
  GateRequest,
  GateState,
  GateStore,
  HeldGate,
  HostState,
  StoredRobots,
} from '../gate-store.js';

interface Gate {
  /** Empty while nobody has it. */
  holder: string;
  fence: number;
  leasedUntil: number;
  /** Another process has asked for it during the lease. */
  wanted: boolean;
  delayMs: number;
  /** When the next request may be sent, if the one before it was `delayMs` ago then. */
  nextAt: number;
  state: HostState;
}

export class MemoryGateStore implements GateStore {
  readonly #gates = new Map<string, Gate>();
  readonly #robots = new Map<string, StoredRobots>();

  constructor(private readonly now: () => number) {}

  async acquire(holder: string, wanted: readonly GateRequest[], leaseMs: number): Promise<GateAnswer[]> {
    const now = this.now();
    return wanted.map(({ host, delayMs }): GateAnswer => {
      const gate = this.#gate(host);
      const leftMs = gate.leasedUntil - now;
      if (leftMs > 0 && gate.holder !== '' && gate.holder !== holder) {
        gate.wanted = true;
        return { host, granted: false, retryInMs: Math.min(leftMs, LOOK_AGAIN_MS) };
      }
      // It was not given back: a request may have left as late as this.
      if (gate.holder !== '')
        gate.nextAt = Math.max(gate.nextAt, Math.min(gate.leasedUntil, now) + gate.delayMs);
      // Who asks for a longer delay than was kept so far, waits that one from the last request.
      gate.nextAt += Math.max(0, delayMs - gate.delayMs);
      Object.assign(gate, { holder, leasedUntil: now + leaseMs, wanted: false, delayMs });
      gate.fence++;
      const { fence, state } = gate;
      return { host, granted: true, fence, waitMs: Math.max(0, gate.nextAt - now), state };
    });
  }

  async renew(
    holder: string,
    gates: readonly HeldGate[],
    leaseMs: number,
  ): Promise<{ lost: string[]; wanted: string[] }> {
    const held = gates.filter((each) => this.#write(holder, each)).map(({ host }) => host);
    for (const host of held) this.#gate(host).leasedUntil = this.now() + leaseMs;
    return {
      lost: gates.map(({ host }) => host).filter((host) => !held.includes(host)),
      wanted: held.filter((host) => this.#gate(host).wanted),
    };
  }

  async release(holder: string, gates: readonly HeldGate[]): Promise<void> {
    for (const each of gates) {
      if (this.#write(holder, each)) Object.assign(this.#gate(each.host), { holder: '', leasedUntil: 0 });
    }
  }

  async robots(origin: string): Promise<StoredRobots | undefined> {
    const robots = this.#robots.get(origin);
    return robots !== undefined && robots.fetchedAt + robots.freshMs > this.now() ? robots : undefined;
  }

  async saveRobots(origin: string, robots: StoredRobots): Promise<void> {
    this.#robots.set(origin, robots);
  }

  async gates(hosts: readonly string[]): Promise<GateState[]> {
    const now = this.now();
    return hosts.flatMap((host) => {
      const gate = this.#gates.get(host);
      if (gate === undefined) return [];
      const { delayMs, nextAt, state } = gate;
      const holder = gate.leasedUntil > now ? gate.holder : '';
      return [{ host, delayMs, waitMs: Math.max(0, nextAt - now), holder, ...state }];
    });
  }

  /** By the fence alone: a lease that ran out and that nobody took since is still its holder's. */
  #write(holder: string, { host, fence, delayMs, waitMs, state }: HeldGate): boolean {
    const gate = this.#gates.get(host);
    if (gate?.holder !== holder || gate.fence !== fence) return false;
    Object.assign(gate, { delayMs, nextAt: this.now() + waitMs, state });
    return true;
  }

  #gate(host: string): Gate {
    let gate = this.#gates.get(host);
    if (gate === undefined) {
      const state = { failures: 0, trouble: '', downSinceAt: 0 };
      gate = { holder: '', fence: 0, leasedUntil: 0, wanted: false, delayMs: 0, nextAt: -Infinity, state };
      this.#gates.set(host, gate);
    }
    return gate;
  }
}

/** Who waits for a gate asks this often: its holder may give it back before its lease is over. */
const LOOK_AGAIN_MS = 500;
