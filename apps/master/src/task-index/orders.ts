import type { ClusterState } from '@app/resources';
import { Breath } from './breath.js';
import { orderOf, type Order, type OrderQuery } from './order.js';
import type { TaskIndex } from './task-index.js';

/**
 * Full orders, one for each query that differs, for all who ask. An order is made again when it is asked for and
 * something has changed, but not before half a second has passed (lists that are followed are made once a second,
 * each of an order that is new), nor before all of them together have rested twenty times as long as they take:
 * however many queries there are, orders take a twentieth of the time at most.
 */
export class Orders {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly view: { readonly state: Pick<ClusterState, 'visitPlaces'> },
    private readonly index: Pick<TaskIndex, 'row'>,
    /** Of both. */
    private readonly pulse: { readonly version: number },
    private readonly now: () => number = () => performance.now(),
  ) {}

  async order(query: OrderQuery): Promise<VersionedOrder> {
    const key = keyOf(query);
    const kept = this.kept.get(key);
    if (kept?.making !== undefined) return kept.making;
    if (kept?.order !== undefined && this.isFresh(kept)) {
      kept.askedAt = this.now();
      return kept.order;
    }
    return this.make(key, query);
  }

  private isFresh({ version, madeAt }: Kept): boolean {
    if (version === this.pulse.version) return true;
    const before = this.now() - IN_USE_MS;
    let allTookMs = 0;
    for (const { order, askedAt } of this.kept.values()) {
      if (order !== undefined && askedAt > before) allTookMs += order.tookMs;
    }
    return this.now() - madeAt < Math.max(REST_MS, REST_TIMES * allTookMs);
  }

  private make(key: string, query: OrderQuery): Promise<VersionedOrder> {
    this.forget();
    const { version } = this.pulse;
    const startedAt = this.now();
    const making = orderOf(this.view.state, this.index, query, new Breath(this.now)).then(
      (made) => {
        const order = { ...made, version };
        this.kept.set(key, { order, version, madeAt: startedAt, askedAt: this.now() });
        return order;
      },
      (error: unknown) => {
        this.kept.delete(key);
        throw error;
      },
    );
    this.kept.set(key, { making, version, madeAt: startedAt, askedAt: startedAt });
    return making;
  }

  private forget(): void {
    const before = this.now() - FORGOTTEN_AFTER_MS;
    for (const [key, { askedAt, making }] of this.kept) {
      if (making === undefined && (askedAt < before || this.kept.size >= MAX_KEPT)) this.kept.delete(key);
    }
  }
}

interface VersionedOrder extends Order {
  /** What it knows of. */
  readonly version: number;
}

interface Kept {
  readonly making?: Promise<VersionedOrder>;
  readonly order?: VersionedOrder;
  readonly version: number;
  readonly madeAt: number;
  askedAt: number;
}

const REST_MS = 500;
const REST_TIMES = 20;
const IN_USE_MS = 5_000;
const FORGOTTEN_AFTER_MS = 30_000;
const MAX_KEPT = 100;

function keyOf({ prefix, nodeId, query, states, sort }: OrderQuery): string {
  return JSON.stringify([prefix, nodeId, query, [...new Set(states)].sort(), sort]);
}
