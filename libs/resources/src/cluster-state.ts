import type { Change } from './change.js';
import type { NodeRef, ResourceRecord } from './resource-record.js';

/** A worker as the cluster knows it. */
export interface WorkerNode extends NodeRef {
  /** Its resources, changes under way included. */
  load: number;
  draining: boolean;
  /** When it was missed first, on the state's clock. Undefined while it is registered. */
  goneAt: number | undefined;
}

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

export interface ResourcePage {
  resources: StoredResource[];
  /** `after` of the next page, undefined on the last. */
  next: string | undefined;
  /** How many match in all. */
  total: number;
}

/** One key of etcd as a snapshot or an event says it. */
export interface Entry {
  key: string;
  /** Undefined: deleted. */
  value: string | undefined;
  /** Of a deletion, the revision that it happened at. */
  modRevision: bigint;
}

export class ClusterState {
  constructor(_options: { now?: () => number } = {}) {}

  get size(): number {
    throw new Error('not yet');
  }
  get unassignedCount(): number {
    throw new Error('not yet');
  }
  apply(_entry: Entry): void {
    throw new Error('not yet');
  }
  nodeUp(_node: NodeRef): 'joined' | 'returned' | 'changed' | 'same' {
    throw new Error('not yet');
  }
  nodeGone(_nodeId: string): void {
    throw new Error('not yet');
  }
  get(_name: string): StoredResource | undefined {
    throw new Error('not yet');
  }
  list(_query: ResourceQuery): ResourcePage {
    throw new Error('not yet');
  }
  node(_id: string): WorkerNode | undefined {
    throw new Error('not yet');
  }
  nodes(): WorkerNode[] {
    throw new Error('not yet');
  }
  inFlight(_name: string): boolean {
    throw new Error('not yet');
  }
  confirm(_change: Change, _modRevision: bigint): void {
    throw new Error('not yet');
  }
  revert(_change: Change): void {
    throw new Error('not yet');
  }
}
