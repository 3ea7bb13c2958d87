import { Agent, type Dispatcher } from 'undici';
import type { AddressGuard } from '../address-guard.js';
import { connectorTo, proxyConnector } from './proxy-connector.js';

/** Connections through proxies, and to them: those of the proxies that were used last. */
export class ProxyDispatchers {
  /** In the order of their last use. */
  readonly #open = new Map<string, ProxyEntry>();
  /** With requests that are still under way. */
  readonly #closing = new Set<Dispatcher>();

  /** `now`: a monotonic clock, in milliseconds. */
  constructor(
    private readonly guard: AddressGuard,
    private readonly options: Agent.Options,
    private readonly ca: string | undefined,
    private readonly now: () => number,
  ) {}

  /** `tunnels` leads to hosts through the proxy, `direct` to the proxy itself. */
  for(proxy: string): Pick<ProxyEntry, 'tunnels' | 'direct'> {
    const entry = this.#open.get(proxy) ?? this.#create(new URL(proxy));
    entry.usedAt = this.now();
    this.#open.delete(proxy);
    this.#open.set(proxy, entry);
    this.#closeUnused();
    return entry;
  }

  #create(proxy: URL): ProxyEntry {
    const { guard, options, ca } = this;
    return {
      usedAt: 0,
      tunnels: new Agent({ ...options, connect: proxyConnector(proxy, guard, ca) }),
      direct: new Agent({ ...options, allowH2: false, connect: connectorTo(proxy) }),
    };
  }

  async destroy(): Promise<void> {
    const open = [...this.#open.values()].flatMap(({ tunnels, direct }) => [tunnels, direct]);
    await Promise.all([...open, ...this.#closing].map((dispatcher) => dispatcher.destroy()));
  }

  #closeUnused(): void {
    for (const [proxy, { usedAt, tunnels, direct }] of this.#open) {
      if (this.#open.size <= MAX_PROXIES && this.now() - usedAt < UNUSED_MS) return;
      this.#open.delete(proxy);
      for (const dispatcher of [tunnels, direct]) {
        this.#closing.add(dispatcher);
        void dispatcher.close().finally(() => this.#closing.delete(dispatcher));
      }
    }
  }
}

interface ProxyEntry {
  usedAt: number;
  tunnels: Dispatcher;
  direct: Dispatcher;
}

const MAX_PROXIES = 32;
const UNUSED_MS = 60_000;
