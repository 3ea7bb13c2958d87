import { LoadOrder } from './load-order.js';
import type { OrderedSlots } from './ordered-slots.js';
import type { NodeRef } from './resource-record.js';

/** A worker as the cluster knows it. */
export interface WorkerNode extends NodeRef {
  /** Its resources, changes under way included. */
  readonly load: number;
  readonly draining: boolean;
  /** Since when it is missed, on the state's clock. Undefined while it is registered. */
  readonly goneAt: number | undefined;
}

/**
 * The workers: those registered, and those that are not but still have resources. A worker that is neither
 * is forgotten, its drain mark is not: that is a key in etcd.
 */
export class Workers {
  readonly #workers = new Map<string, Worker>();
  readonly #drains = new Set<string>();
  /** Those that may be given resources. */
  readonly #open = new LoadOrder<Worker>();

  constructor(
    private readonly newIndex: () => OrderedSlots,
    private readonly now: () => number,
  ) {}

  get(id: string): Worker | undefined {
    return this.#workers.get(id);
  }

  values(): Iterable<Worker> {
    return this.#workers.values();
  }

  drainedIds(): Iterable<string> {
    return this.#drains;
  }

  least(): Worker | undefined {
    return this.#open.least();
  }

  most(): Worker | undefined {
    return this.#open.most();
  }

  up(node: NodeRef): 'joined' | 'changed' | 'same' {
    const worker = this.#known(node.id, node.address);
    const joined = worker.goneAt !== undefined;
    const changed = worker.address !== node.address;
    worker.address = node.address;
    worker.goneAt = undefined;
    this.#sort(worker);
    if (joined) return 'joined';
    return changed ? 'changed' : 'same';
  }

  gone(id: string): void {
    const worker = this.#workers.get(id);
    if (worker === undefined || worker.goneAt !== undefined) return;
    worker.goneAt = this.now();
    this.#sort(worker);
    this.#forgetUnused(worker);
  }

  drain(id: string, draining: boolean): void {
    if (draining) this.#drains.add(id);
    else this.#drains.delete(id);
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    worker.draining = draining;
    this.#sort(worker);
  }

  /** One object for each address of a worker, however many resources stand there. */
  place({ id, address }: NodeRef): Place {
    const { places } = this.#known(id, address);
    let place = places.get(address);
    if (place === undefined) places.set(address, (place = new Place(this.#known(id, address), address)));
    return place;
  }

  changeLoad({ worker }: Place, by: 1 | -1): void {
    worker.load += by;
    this.#open.changed(worker);
    this.#forgetUnused(worker);
  }

  addResource({ worker }: Place, slot: number): void {
    worker.resources.add(slot);
  }

  deleteResource({ worker }: Place, slot: number): void {
    worker.resources.delete(slot);
    this.#forgetUnused(worker);
  }

  /** Who is referred to but not registered counts as gone from the moment that it is first heard of. */
  #known(id: string, address: string): Worker {
    let worker = this.#workers.get(id);
    if (worker === undefined) {
      const draining = this.#drains.has(id);
      worker = new Worker(id, address, draining, this.now(), this.newIndex());
      this.#workers.set(id, worker);
    }
    return worker;
  }

  #sort(worker: Worker): void {
    const open = worker.goneAt === undefined && !worker.draining;
    if (open && !this.#open.has(worker)) this.#open.add(worker);
    if (!open) this.#open.delete(worker);
  }

  #forgetUnused(worker: Worker): void {
    if (worker.goneAt === undefined || worker.load > 0 || worker.resources.size > 0) return;
    this.#workers.delete(worker.id);
  }
}

/** A worker at one of its addresses: where a record says that its resource is. */
export class Place implements NodeRef {
  constructor(
    readonly worker: Worker,
    readonly address: string,
  ) {}

  get id(): string {
    return this.worker.id;
  }
}

class Worker implements WorkerNode {
  load = 0;
  readonly places = new Map<string, Place>();

  constructor(
    readonly id: string,
    public address: string,
    public draining: boolean,
    public goneAt: number | undefined,
    /** What is committed to it, without the changes under way. */
    readonly resources: OrderedSlots,
  ) {}

  /** As it is now. */
  view(): WorkerNode {
    const { id, address, load, draining, goneAt } = this;
    return { id, address, load, draining, goneAt };
  }
}
