import { flat } from './flat.js';
import type { ResourceRecord } from './resource-record.js';
import type { Place } from './workers.js';

/**
 * Resources in columns, which take a fraction of the memory of an object for each. A slot number stands for a
 * resource until it is deleted.
 */
export class ResourceTable {
  readonly #slots = new Map<string, number>();
  /** The name that was looked for last is mostly looked for again at once. */
  #last: { name: string; slot: number | undefined } = { name: '', slot: undefined };
  readonly #names: string[] = [];
  readonly #places: (Place | undefined)[] = [];
  readonly #free: number[] = [];
  /** IDs that are not the plain decimals which fit a column; a foreign program wrote them. */
  readonly #oddIds = new Map<number, string>();
  #ids = new BigUint64Array(INITIAL);
  #creationTimes = new BigInt64Array(INITIAL);
  #modRevisions = new BigInt64Array(INITIAL);
  #epochs = new BigInt64Array(INITIAL);
  #specs = new Uint8Array(INITIAL);

  get size(): number {
    return this.#slots.size;
  }

  find(name: string): number | undefined {
    if (name !== this.#last.name) this.#last = { name, slot: this.#slots.get(name) };
    return this.#last.slot;
  }

  /** There must be none of that name. */
  insert(record: ResourceRecord, place: Place | undefined, modRevision: bigint): number {
    const slot = this.#free.pop() ?? this.#names.length;
    if (slot === this.#ids.length) this.#grow();
    const name = flat(record.name);
    this.#names[slot] = name;
    this.#slots.set(name, slot);
    this.#last = { name, slot };
    this.#epochs[slot] = 0n;
    this.#specs[slot] = 0;
    this.update(slot, record, place, modRevision);
    return slot;
  }

  /** All but the name. */
  update(slot: number, record: ResourceRecord, place: Place | undefined, modRevision: bigint): void {
    this.#places[slot] = place;
    this.#creationTimes[slot] = record.creationTime;
    this.#modRevisions[slot] = modRevision;
    if (PLAIN_ID.test(record.id)) {
      this.#ids[slot] = BigInt(record.id);
      this.#oddIds.delete(slot);
    } else {
      this.#oddIds.set(slot, flat(record.id));
    }
  }

  delete(slot: number): void {
    this.#slots.delete(this.name(slot));
    this.#last = { name: '', slot: undefined };
    this.#names[slot] = '';
    this.#places[slot] = undefined;
    this.#oddIds.delete(slot);
    this.#free.push(slot);
  }

  name(slot: number): string {
    return this.#names[slot] ?? '';
  }

  place(slot: number): Place | undefined {
    return this.#places[slot];
  }

  record(slot: number): ResourceRecord {
    const place = this.#places[slot];
    return {
      id: this.#oddIds.get(slot) ?? String(this.#ids[slot]),
      name: this.name(slot),
      assignedNode: place && { id: place.id, address: place.address },
      creationTime: this.#creationTimes[slot] ?? 0n,
    };
  }

  modRevision(slot: number): bigint {
    return this.#modRevisions[slot] ?? 0n;
  }

  epoch(slot: number): bigint {
    return this.#epochs[slot] ?? 0n;
  }

  setEpoch(slot: number, epoch: bigint): void {
    this.#epochs[slot] = epoch;
  }

  hasSpec(slot: number): boolean {
    return this.#specs[slot] === 1;
  }

  setSpec(slot: number, has: boolean): void {
    this.#specs[slot] = has ? 1 : 0;
  }

  #grow(): void {
    const length = this.#ids.length + Math.max(INITIAL, this.#ids.length >>> 1);
    this.#ids = larger(this.#ids, new BigUint64Array(length));
    this.#creationTimes = larger(this.#creationTimes, new BigInt64Array(length));
    this.#modRevisions = larger(this.#modRevisions, new BigInt64Array(length));
    this.#epochs = larger(this.#epochs, new BigInt64Array(length));
    this.#specs = larger(this.#specs, new Uint8Array(length));
  }
}

const INITIAL = 1024;
const PLAIN_ID = /^(?:0|[1-9]\d{0,18})$/;

function larger<T extends BigInt64Array | BigUint64Array | Uint8Array>(from: T, to: T): T {
  to.set(from as BigInt64Array & BigUint64Array & Uint8Array);
  return to;
}
