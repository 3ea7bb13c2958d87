import { OrbweaverError } from '@app/errors';
import type { Change, Write } from './change.js';
import type { ClusterState } from './cluster-state.js';
import type { StoredResource } from './committed-resources.js';
import type { NodeRef, ResourceRecord } from './resource-record.js';

/**
 * What has to be changed, and nothing of how: no timers, no etcd. Every change that is returned is reserved
 * in the state: each has to be confirmed or reverted there in the end. Resources with a change in flight are
 * left out of batches; asking for one by name is a fault of the caller, who waits for it to settle and asks
 * anew. Resources are only given to registered workers that do not drain.
 */

export interface AddRequest {
  name: string;
  /** Canonical text, undefined for a resource that is only a name. */
  spec?: string;
  /** Text of the schedule of the resource of that id, where the spec has one. */
  schedule?: (id: string) => string;
  /** Keep it without a node while there is no worker. */
  pending?: boolean;
  /** Nanoseconds since 1970. */
  creationTime: bigint;
  /** Only called when the resource is new. */
  nextId: () => string;
}

/** The resource to be, or the one that stands there: whether its spec is the same is for the caller to see. */
export type AddPlan = { change: Change } | { existing: StoredResource };

/** NO_WORKER_NODES without a worker, unless the resource may wait for one. */
export function planAdd(state: ClusterState, request: AddRequest): AddPlan {
  const { name, spec, schedule, creationTime } = request;
  assertSettled(state, name);
  const existing = state.get(name);
  if (existing !== undefined) return { existing };

  const to = leastLoaded(state);
  if (to === undefined && !request.pending) throw new OrbweaverError('NO_WORKER_NODES', 'no worker nodes');
  const record: ResourceRecord = { id: request.nextId(), name, assignedNode: to, creationTime };
  const expectedModRevision = state.vacantRevision(name);
  const stale = state.strayNodes(name);
  const change: Change = { kind: 'add', name, record, to, expectedModRevision, spec, stale };
  if (schedule !== undefined) change.schedule = schedule(record.id);
  return { change: reserved(state, change) };
}

/** NOT_FOUND when there is no such resource. */
export function planRemove(state: ClusterState, name: string): Change {
  const { record, modRevision } = existing(state, name);
  return reserved(state, {
    kind: 'remove',
    name,
    record,
    from: record.assignedNode,
    expectedModRevision: modRevision,
    stale: state.strayNodes(name),
  });
}

/** Keeps node and control; its worker sees a new epoch. Without a schedule there is none afterwards. */
export function planRespec(
  state: ClusterState,
  name: string,
  spec: string,
  schedule: string | null = null,
  history: readonly Write[] = [],
): Change {
  return reserved(state, { ...kept(state, name, 'respec'), spec, schedule, history });
}

/** Keeps all but the control, and the schedule where it is what fires; its worker sees a new epoch. */
export function planControl(
  state: ClusterState,
  name: string,
  written: { control: string; schedule?: string },
): Change {
  return reserved(state, { ...kept(state, name, 'control'), ...written });
}

/**
 * Spreads what a node that is gone had over the least loaded. Without any worker nothing is moved: the
 * resources stay with the node, which may return, until this is asked again.
 */
export function planWorkerGone(state: ClusterState, nodeId: string, limit = Infinity): Change[] {
  return state.node(nodeId)?.goneAt === undefined ? [] : evacuate(state, nodeId, limit);
}

/** The next step of emptying a draining node; nothing moves while there is no other worker. */
export function planDrain(state: ClusterState, nodeId: string, limit: number): Change[] {
  return state.node(nodeId)?.draining ? evacuate(state, nodeId, limit) : [];
}

/**
 * The next step towards loads that differ by one at most: always from the most to the least loaded, so that
 * nothing is moved twice and no more than needed.
 */
export function planRebalance(state: ClusterState, limit: number): Change[] {
  const changes: Change[] = [];
  const supplies = new Map<string, Iterator<StoredResource, void>>();
  while (changes.length < limit) {
    const most = state.mostLoaded();
    const least = state.leastLoaded();
    if (most === undefined || least === undefined || most.load - least.load <= 1) break;
    let supply = supplies.get(most.id);
    if (supply === undefined) supplies.set(most.id, (supply = state.settled(most.id)));
    const next = supply.next();
    // What makes it the most loaded is still on its way there.
    if (next.done) break;
    changes.push(move(state, next.value, refOf(least)));
  }
  return changes;
}

/** Gives those without a node one. */
export function planUnassigned(state: ClusterState, limit = Infinity): Change[] {
  return evacuate(state, '', limit);
}

/**
 * Puts right what contradicts itself, after a foreign program rewrote or deleted a record or when a worker is
 * at another address: afterwards each record has its worker's present address, each assigned resource exactly
 * one assignment key with the record's own bytes, and what has no record has no other key.
 */
export function planReconcile(state: ClusterState, limit = Infinity): Change[] {
  const changes: Change[] = [];
  for (const name of state.disagreements()) {
    if (changes.length >= limit) break;
    changes.push(reserved(state, reconciled(state, name)));
  }
  return changes;
}

function reconciled(state: ClusterState, name: string): Change {
  const resource = state.get(name);
  const strays = state.strayNodes(name);
  if (resource === undefined) {
    const expectedModRevision = state.vacantRevision(name);
    const record: ResourceRecord = { id: '', name, assignedNode: undefined, creationTime: 0n };
    // What stands there unread is not ours to delete.
    const kind = expectedModRevision === 0n ? 'remove' : 'tidy';
    return { kind, name, record, expectedModRevision, stale: strays };
  }

  const { record, modRevision: expectedModRevision, epoch } = resource;
  const from = record.assignedNode;
  const node = from && state.node(from.id);
  const stale = strays.filter((nodeId) => nodeId !== from?.id);
  const hasWorker = node !== undefined && node.goneAt === undefined;
  if (!hasWorker || (epoch !== 0n && node.address === from?.address)) {
    return { kind: 'tidy', name, record, expectedModRevision, stale };
  }
  if (node.address !== from?.address) return { ...moved(resource, refOf(node)), stale };
  return { kind: 'assign', name, record, to: from, expectedModRevision, stale };
}

function evacuate(state: ClusterState, nodeId: string, limit: number): Change[] {
  const changes: Change[] = [];
  for (const resource of state.settled(nodeId)) {
    const to = changes.length < limit ? leastLoaded(state) : undefined;
    if (to === undefined) break;
    changes.push(move(state, resource, to));
  }
  return changes;
}

/** The record again, for the new epoch. NOT_FOUND when there is no such resource. */
function kept(state: ClusterState, name: string, kind: 'respec' | 'control'): Change {
  const { record, modRevision: expectedModRevision } = existing(state, name);
  return {
    kind,
    name,
    record,
    to: record.assignedNode,
    expectedModRevision,
    stale: state.strayNodes(name),
  };
}

function move(state: ClusterState, resource: StoredResource, to: NodeRef): Change {
  const stale = state.strayNodes(resource.record.name);
  return reserved(state, { ...moved(resource, to), stale });
}

function moved({ record, modRevision }: StoredResource, to: NodeRef): Change {
  return {
    kind: record.assignedNode === undefined ? 'assign' : 'move',
    name: record.name,
    record: { ...record, assignedNode: to },
    from: record.assignedNode,
    to,
    expectedModRevision: modRevision,
  };
}

function reserved(state: ClusterState, change: Change): Change {
  state.reserve(change);
  return change;
}

function existing(state: ClusterState, name: string): StoredResource {
  assertSettled(state, name);
  const resource = state.get(name);
  if (resource === undefined) throw new OrbweaverError('NOT_FOUND', 'no such task');
  return resource;
}

function assertSettled(state: ClusterState, name: string): void {
  if (state.inFlight(name)) throw new OrbweaverError('INTERNAL', `a change of ${name} is under way already`);
}

function leastLoaded(state: ClusterState): NodeRef | undefined {
  const node = state.leastLoaded();
  return node && refOf(node);
}

function refOf({ id, address }: NodeRef): NodeRef {
  return { id, address };
}
