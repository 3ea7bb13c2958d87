import { OrbweaverError } from '@app/errors';
import { contradictedNodes, type Change } from './change.js';
import {
  CommittedResources,
  type PlaceVisitor,
  type ResourcePage,
  type ResourceQuery,
  type StoredResource,
} from './committed-resources.js';
import { Echoes } from './echoes.js';
import { keys, parseKey } from './keys.js';
import { decodeResource, encodeResource, type NodeRef } from './resource-record.js';
import type { Place, Workers, WorkerNode } from './workers.js';

/** One key of etcd as a snapshot or an event tells of it. */
export interface Entry {
  key: string;
  /** Undefined: deleted. */
  value: string | undefined;
  /** Of a deletion, the revision that it happened at. */
  modRevision: bigint;
}

/**
 * The picture that a master has of the cluster: workers with their load, resources by name and by node, and
 * which of them have keys that contradict each other.
 *
 * It is fed with the keys of one snapshot and then with every event (`apply`), and with the registry's
 * workers (`nodeUp`, `nodeGone`). Events of one prefix come in their order; else any order leads to the same
 * state, and workers, records, assignments, specs is the cheapest for a snapshot. After a gap in the events a
 * new state has to be made.
 *
 * A leader changes the cluster by plans (planner.ts). A plan is reserved as it is made: it counts in the load
 * of the nodes at once, and no other can be made for that resource, until it is either confirmed with the
 * revision of its commit or reverted. What `get` and `list` tell is what is committed. Where the outcome of a
 * commit is not known neither is right: a new state has to be made from a new snapshot.
 */
export class ClusterState {
  readonly #committed: CommittedResources;
  readonly #workers: Workers;
  readonly #flights = new Map<string, Flight>();
  readonly #echoes = { resource: new Echoes(), assignment: new Echoes() };
  /** Keys of resources whose value is no record of that name: the resource does not exist, the key does. */
  readonly #unreadable = new Map<string, bigint>();
  /** Names that may be disagreements. Undefined until these are asked for first: then all are looked at. */
  #doubtful: Set<string> | undefined;

  /** The clock is only read for `goneAt`. */
  constructor(options: { now?: () => number } = {}) {
    this.#committed = new CommittedResources(options.now ?? (() => performance.now()));
    this.#workers = this.#committed.workers;
  }

  // What etcd and the registry say

  /** Takes a record, an assignment, a drain mark or a spec (its presence alone counts), passes over all else. */
  apply({ key, value, modRevision }: Entry): void {
    const parsed = parseKey(key);
    switch (parsed?.kind) {
      case 'resource':
        return this.#applyRecord(parsed.name, value, modRevision);
      case 'assignment':
        return this.#applyAssignment(parsed.nodeId, parsed.name, value, modRevision);
      case 'spec':
        return this.#applySpec(parsed.name, value !== undefined);
      case 'drain':
        return this.#workers.drain(parsed.nodeId, value !== undefined);
      case 'schedule':
      case undefined:
    }
  }

  /** The worker is registered under this address. */
  nodeUp(node: NodeRef): 'joined' | 'changed' | 'same' {
    const how = this.#workers.up(node);
    if (how === 'same' || this.#doubtful === undefined) return how;
    for (const name of this.#committed.names(node.id)) this.#doubt(name);
    return how;
  }

  /** The worker is registered no more. It is forgotten when it has no resources. */
  nodeGone(nodeId: string): void {
    this.#workers.gone(nodeId);
  }

  // What is committed

  get size(): number {
    return this.#committed.size;
  }

  get unassignedCount(): number {
    return this.#committed.unassignedCount;
  }

  get(name: string): StoredResource | undefined {
    return this.#committed.get(name);
  }

  /** In the order of names. */
  list(query: ResourceQuery): ResourcePage {
    return this.#committed.list(query);
  }

  /** Tells where each resource is, '' for nowhere, in the order of names, until the visitor has enough. */
  visitPlaces(query: Omit<ResourceQuery, 'limit'>, visit: PlaceVisitor): void {
    this.#committed.visitPlaces(query, visit);
  }

  node(nodeId: string): WorkerNode | undefined {
    return this.#workers.get(nodeId)?.view();
  }

  /** Those registered, and those gone that still have resources. */
  nodes(): WorkerNode[] {
    return Array.from(this.#workers.values(), (worker) => worker.view());
  }

  /** Ids with a drain mark in etcd, whether or not there is such a node. */
  drainedIds(): string[] {
    return [...this.#workers.drainedIds()];
  }

  // What plans are made from

  /** Whether a change of this resource is reserved: no other can be until that one is settled. */
  inFlight(name: string): boolean {
    return this.#flights.has(name);
  }

  get inFlightCount(): number {
    return this.#flights.size;
  }

  /** Of the workers that take resources the one with the fewest; of several the one that has waited longest. */
  leastLoaded(): WorkerNode | undefined {
    return this.#workers.least();
  }

  /** Of the workers that take resources the one with the most. */
  mostLoaded(): WorkerNode | undefined {
    return this.#workers.most();
  }

  /** What is assigned to a node, or with '' to none, and is not in flight. Plans may be made meanwhile. */
  *settled(nodeId: string): Generator<StoredResource> {
    for (const name of this.#committed.names(nodeId)) {
      const resource = this.#flights.has(name) ? undefined : this.#committed.get(name);
      if (resource !== undefined) yield resource;
    }
  }

  /** Names, not in flight, whose keys have to be put right. Plans may be made meanwhile. */
  *disagreements(): Generator<string> {
    this.#doubtful ??= this.#allDoubtful();
    for (const name of this.#doubtful) {
      if (this.#flights.has(name)) continue;
      if (this.#disagrees(name)) yield name;
      else this.#doubtful.delete(name);
    }
  }

  /** Nodes with an assignment key of this name that does not agree with the record. */
  strayNodes(name: string): string[] {
    return this.#committed.strayNodes(name);
  }

  /** The mod revision that the key of a new resource has: 0n unless something unreadable stands there. */
  vacantRevision(name: string): bigint {
    return this.#unreadable.get(name) ?? 0n;
  }

  // The life of a plan

  reserve(change: Change): void {
    const { name, kind, to } = change;
    if (this.#flights.has(name))
      throw new OrbweaverError('INTERNAL', `a change of ${name} is under way already`);
    const present = this.#committed.placeOf(name);
    const target = kind === 'tidy' ? present : to && this.#workers.place(to);
    this.#flights.set(name, { change, target, seen: { resource: 0n, assignment: 0n } });
    this.#shiftLoad(present, target);
  }

  /** The change was committed, at this revision. Its events may come before or after. */
  confirm(change: Change, revision: bigint): void {
    const flight = this.#flightOf(change);
    const { kind, name, to, record } = change;

    const writesRecord = kind !== 'tidy' && (kind !== 'remove' || this.#committed.has(name));
    if (writesRecord && flight.seen.resource < revision) {
      this.#echoes.resource.expect(name, revision);
      this.#unreadable.delete(name);
      this.#committed.store(name, kind === 'remove' ? undefined : record, revision);
    }
    if (flight.seen.assignment < revision) {
      for (const nodeId of contradictedNodes(change)) {
        this.#echoes.assignment.expect(keys.assignment(nodeId, name), revision);
        this.#committed.deleteAssignment(nodeId, name);
      }
      if (to !== undefined) {
        this.#echoes.assignment.expect(keys.assignment(to.id, name), revision);
        this.#committed.putAssignment(to.id, name, encodeResource(record), revision);
      }
    }
    if (kind === 'remove') this.#committed.deleteSpec(name);
    this.#land(flight);
  }

  /** The change was not committed. */
  revert(change: Change): void {
    this.#land(this.#flightOf(change));
  }

  #flightOf(change: Change): Flight {
    const flight = this.#flights.get(change.name);
    if (flight?.change === change) return flight;
    throw new OrbweaverError('INTERNAL', `this change of ${change.name} is not under way`);
  }

  #land({ change: { name }, target }: Flight): void {
    this.#flights.delete(name);
    this.#shiftLoad(target, this.#committed.placeOf(name));
    this.#doubt(name);
  }

  #applyRecord(name: string, text: string | undefined, revision: bigint): void {
    const flight = this.#flights.get(name);
    if (flight !== undefined) flight.seen.resource = revision;
    if (this.#echoes.resource.isPast(name, revision)) return;

    const decoded = text === undefined ? undefined : decodeResource(text);
    const record = decoded?.name === name ? decoded : undefined;
    if (text === undefined || record !== undefined) this.#unreadable.delete(name);
    else this.#unreadable.set(name, revision);

    const before = this.#committed.placeOf(name);
    this.#committed.store(name, record, revision);
    if (flight === undefined) this.#shiftLoad(before, this.#committed.placeOf(name));
    this.#doubt(name);
  }

  #applyAssignment(nodeId: string, name: string, text: string | undefined, revision: bigint): void {
    const flight = this.#flights.get(name);
    if (flight !== undefined) flight.seen.assignment = revision;
    if (this.#echoes.assignment.isPast(keys.assignment(nodeId, name), revision)) return;

    if (text === undefined) this.#committed.deleteAssignment(nodeId, name);
    else this.#committed.putAssignment(nodeId, name, text, revision);
    this.#doubt(name);
  }

  #applySpec(name: string, exists: boolean): void {
    if (exists) this.#committed.putSpec(name);
    else this.#committed.deleteSpec(name);
    this.#doubt(name);
  }

  #disagrees(name: string): boolean {
    if (this.#committed.disagrees(name)) return true;
    // Who deleted the record may have known nothing of specs; what cannot be read may yet be put right.
    return this.#committed.hasOrphanSpec(name) && !this.#unreadable.has(name);
  }

  #doubt(name: string): void {
    if (this.#doubtful === undefined) return;
    if (this.#disagrees(name)) this.#doubtful.add(name);
    else this.#doubtful.delete(name);
  }

  #allDoubtful(): Set<string> {
    const doubtful = new Set<string>();
    for (const name of this.#committed.allNames()) if (this.#disagrees(name)) doubtful.add(name);
    return doubtful;
  }

  #shiftLoad(from: Place | undefined, to: Place | undefined): void {
    if (from?.worker === to?.worker) return;
    if (to !== undefined) this.#workers.changeLoad(to, 1);
    if (from !== undefined) this.#workers.changeLoad(from, -1);
  }
}

interface Flight {
  change: Change;
  /** Where its load counts while it is under way. */
  target: Place | undefined;
  /** The latest events of this resource that came meanwhile. */
  seen: { resource: bigint; assignment: bigint };
}
