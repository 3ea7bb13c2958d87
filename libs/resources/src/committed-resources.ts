import { AssignmentStrays } from './assignment-strays.js';
import { OrderedSlots } from './ordered-slots.js';
import { encodeResource, type ResourceRecord } from './resource-record.js';
import { ResourceTable } from './resource-table.js';
import { Workers, type Place } from './workers.js';

export interface StoredResource {
  record: ResourceRecord;
  modRevision: bigint;
  /** Mod revision of its assignment key, 0n while there is none that agrees with the record. */
  epoch: bigint;
}

export interface ResourceQuery {
  prefix?: string;
  /** Only those assigned to this node; '' are those without one. */
  nodeId?: string;
  /** The name that the page before ended with. */
  after?: string;
  limit: number;
}

/** Returns whether it wants more. May change nothing. */
export type PlaceVisitor = (name: string, nodeId: string) => boolean;

export interface ResourcePage {
  resources: StoredResource[];
  /** `after` of the next page, undefined on the last. */
  next: string | undefined;
  /** How many match in all. */
  total: number;
}

/**
 * What etcd holds of resources: their records, by name and by node, and whether the assignment keys agree
 * with them. It knows nothing of plans.
 */
export class CommittedResources {
  readonly #table = new ResourceTable();
  readonly #byName: OrderedSlots;
  readonly #unassigned: OrderedSlots;
  readonly #strays = new AssignmentStrays();
  /** Names of specs without a record. */
  readonly #orphans = new Set<string>();
  readonly workers: Workers;

  constructor(now: () => number) {
    const newIndex = () => new OrderedSlots((slot) => this.#table.name(slot));
    this.#byName = newIndex();
    this.#unassigned = newIndex();
    this.workers = new Workers(newIndex, now);
  }

  get size(): number {
    return this.#table.size;
  }

  get unassignedCount(): number {
    return this.#unassigned.size;
  }

  has(name: string): boolean {
    return this.#table.find(name) !== undefined;
  }

  get(name: string): StoredResource | undefined {
    const slot = this.#table.find(name);
    return slot === undefined ? undefined : this.#stored(slot);
  }

  placeOf(name: string): Place | undefined {
    const slot = this.#table.find(name);
    return slot === undefined ? undefined : this.#table.place(slot);
  }

  list({ limit, ...query }: ResourceQuery): ResourcePage {
    const { prefix = '', nodeId } = query;
    const page: ResourcePage = { resources: [], next: undefined, total: 0 };
    const index = nodeId === undefined ? this.#byName : this.#indexOf(nodeId);
    if (index === undefined) return page;

    page.total = index.rank(beyond(prefix)) - index.rank((name) => name >= prefix);
    for (const slot of this.#matching(query)) {
      if (page.resources.length === limit) {
        page.next = page.resources.at(-1)?.record.name;
        break;
      }
      page.resources.push(this.#stored(slot));
    }
    return page;
  }

  /** Tells where each resource is, '' for nowhere, in the order of names, until the visitor has enough. */
  visitPlaces(query: Omit<ResourceQuery, 'limit'>, visit: PlaceVisitor): void {
    for (const slot of this.#matching(query)) {
      if (!visit(this.#table.name(slot), this.#table.place(slot)?.id ?? '')) return;
    }
  }

  /** Names on a node, or with '' on none. Nothing may be stored meanwhile. */
  *names(nodeId: string): Generator<string> {
    for (const slot of this.#indexOf(nodeId)?.from(() => true) ?? []) yield this.#table.name(slot);
  }

  /** Makes the record the one that stands there, or with undefined says that none does. */
  store(name: string, record: ResourceRecord | undefined, revision: bigint): void {
    const slot = this.#table.find(name);
    if (slot !== undefined) this.#disown(slot, record);
    if (record === undefined) {
      if (slot !== undefined) this.#remove(slot);
      return;
    }
    const place = record.assignedNode && this.workers.place(record.assignedNode);
    if (slot === undefined) this.#insert(record, place, revision);
    else this.#update(slot, record, place, revision);
    if (this.#strays.has(name)) this.#adopt(name, place);
  }

  putAssignment(nodeId: string, name: string, text: string, revision: bigint): void {
    const slot = this.#table.find(name);
    const isOwn = slot !== undefined && this.#table.place(slot)?.id === nodeId;
    if (isOwn && text === encodeResource(this.#table.record(slot))) {
      this.#table.setEpoch(slot, revision);
      this.#strays.delete(name, nodeId);
    } else {
      if (isOwn) this.#table.setEpoch(slot, 0n);
      this.#strays.set(name, nodeId, { text, modRevision: revision });
    }
  }

  deleteAssignment(nodeId: string, name: string): void {
    const slot = this.#table.find(name);
    if (slot !== undefined && this.#table.place(slot)?.id === nodeId) this.#table.setEpoch(slot, 0n);
    this.#strays.delete(name, nodeId);
  }

  putSpec(name: string): void {
    const slot = this.#table.find(name);
    if (slot === undefined) this.#orphans.add(name);
    else this.#table.setSpec(slot, true);
  }

  deleteSpec(name: string): void {
    const slot = this.#table.find(name);
    if (slot === undefined) this.#orphans.delete(name);
    else this.#table.setSpec(slot, false);
  }

  hasOrphanSpec(name: string): boolean {
    return this.#orphans.has(name);
  }

  /** Nodes with an assignment key of this name that does not agree with the record. */
  strayNodes(name: string): string[] {
    return this.#strays.nodeIds(name);
  }

  /** Whether its assignment keys, or the address in its record, have to be put right. */
  disagrees(name: string): boolean {
    const slot = this.#table.find(name);
    const place = slot === undefined ? undefined : this.#table.place(slot);
    if (slot === undefined || place === undefined) return this.#strays.has(name);
    // Of a node that is gone the resource is moved as a whole, or kept as it is if the node returns.
    if (place.worker.goneAt !== undefined) return this.strayNodes(name).some((id) => id !== place.id);
    return this.#table.epoch(slot) === 0n || place.worker.address !== place.address || this.#strays.has(name);
  }

  /** Every name that a key was seen of, some of them twice. */
  *allNames(): Generator<string> {
    for (const slot of this.#byName.from(() => true)) yield this.#table.name(slot);
    yield* this.#strays.names();
    yield* this.#orphans;
  }

  *#matching({ prefix = '', nodeId, after }: Omit<ResourceQuery, 'limit'>): Generator<number> {
    const index = nodeId === undefined ? this.#byName : this.#indexOf(nodeId);
    const passed = beyond(prefix);
    const isNext = (name: string) => (after === undefined || after < prefix ? name >= prefix : name > after);
    for (const slot of index?.from(isNext) ?? []) {
      if (passed(this.#table.name(slot))) return;
      yield slot;
    }
  }

  #insert(record: ResourceRecord, place: Place | undefined, revision: bigint): void {
    const slot = this.#table.insert(record, place, revision);
    if (this.#orphans.delete(record.name)) this.#table.setSpec(slot, true);
    this.#byName.add(slot);
    this.#addTo(place, slot);
  }

  #update(slot: number, record: ResourceRecord, place: Place | undefined, revision: bigint): void {
    const before = this.#table.place(slot);
    const moved = before?.worker !== place?.worker;
    if (moved) this.#deleteFrom(before, slot);
    this.#table.update(slot, record, place, revision);
    if (moved) this.#addTo(place, slot);
  }

  #remove(slot: number): void {
    if (this.#table.hasSpec(slot)) this.#orphans.add(this.#table.name(slot));
    this.#deleteFrom(this.#table.place(slot), slot);
    this.#byName.delete(slot);
    this.#table.delete(slot);
  }

  #addTo(place: Place | undefined, slot: number): void {
    if (place === undefined) this.#unassigned.add(slot);
    else this.workers.addResource(place, slot);
  }

  #deleteFrom(place: Place | undefined, slot: number): void {
    if (place === undefined) this.#unassigned.delete(slot);
    else this.workers.deleteResource(place, slot);
  }

  /** The assignment key that agreed with the record so far does not agree with another one. */
  #disown(slot: number, next: ResourceRecord | undefined): void {
    const epoch = this.#table.epoch(slot);
    if (epoch === 0n) return;
    const record = this.#table.record(slot);
    const text = encodeResource(record);
    if (next !== undefined && encodeResource(next) === text) return;
    this.#table.setEpoch(slot, 0n);
    if (record.assignedNode)
      this.#strays.set(record.name, record.assignedNode.id, { text, modRevision: epoch });
  }

  /** An assignment key that came before its record may agree with it now. */
  #adopt(name: string, place: Place | undefined): void {
    const stray = place && this.#strays.get(name, place.id);
    if (stray !== undefined) this.putAssignment(place!.id, name, stray.text, stray.modRevision);
  }

  #stored(slot: number): StoredResource {
    return {
      record: this.#table.record(slot),
      modRevision: this.#table.modRevision(slot),
      epoch: this.#table.epoch(slot),
    };
  }

  #indexOf(nodeId: string): OrderedSlots | undefined {
    return nodeId === '' ? this.#unassigned : this.workers.get(nodeId)?.resources;
  }
}

/** Of all that comes after the names with this prefix. */
function beyond(prefix: string): (name: string) => boolean {
  return (name) => name > prefix && !name.startsWith(prefix);
}
