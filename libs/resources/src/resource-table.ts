import type { NodeRef, ResourceRecord } from './resource-record.js';

/**
 * Resources in columns: about 90 bytes for each with its name, where an object each would take five times
 * that. A slot number stands for a resource until it is removed.
 */
export class ResourceTable {
  readonly #names: string[] = [];
  readonly #nodes: (NodeRef | undefined)[] = [];
  readonly #free: number[] = [];
  /** IDs that are not the plain decimals which fit a column; a foreign program wrote them. */
  readonly #oddIds = new Map<number, string>();
  #ids = new BigUint64Array(INITIAL);
  #creationTimes = new BigInt64Array(INITIAL);
  #modRevisions = new BigInt64Array(INITIAL);
  #epochs = new BigInt64Array(INITIAL);

  insert(record: ResourceRecord, modRevision: bigint): number {
    const slot = this.#free.pop() ?? this.#names.length;
    if (slot === this.#ids.length) this.#grow();
    this.#names[slot] = flat(record.name);
    this.#epochs[slot] = 0n;
    this.update(slot, record, modRevision);
    return slot;
  }

  /** All but the name; the node is kept as the very object that is given. */
  update(slot: number, record: ResourceRecord, modRevision: bigint): void {
    this.#nodes[slot] = record.assignedNode;
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
    this.#names[slot] = '';
    this.#nodes[slot] = undefined;
    this.#oddIds.delete(slot);
    this.#free.push(slot);
  }

  name(slot: number): string {
    return this.#names[slot] ?? '';
  }

  node(slot: number): NodeRef | undefined {
    return this.#nodes[slot];
  }

  record(slot: number): ResourceRecord {
    return {
      id: this.#oddIds.get(slot) ?? String(this.#ids[slot]),
      name: this.name(slot),
      assignedNode: this.#nodes[slot],
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

  #grow(): void {
    const length = this.#ids.length + Math.max(INITIAL, this.#ids.length >>> 1);
    this.#ids = larger(this.#ids, new BigUint64Array(length));
    this.#creationTimes = larger(this.#creationTimes, new BigInt64Array(length));
    this.#modRevisions = larger(this.#modRevisions, new BigInt64Array(length));
    this.#epochs = larger(this.#epochs, new BigInt64Array(length));
  }
}

const INITIAL = 1024;
const PLAIN_ID = /^(?:0|[1-9]\d{0,18})$/;

function larger<T extends BigInt64Array | BigUint64Array>(from: T, to: T): T {
  to.set(from as BigInt64Array & BigUint64Array);
  return to;
}

/** A copy that does not keep alive the longer text which it was cut from. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}
