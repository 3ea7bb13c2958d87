import * as fc from 'fast-check';
import { ClusterState, type Entry } from './cluster-state.js';
import { keys } from './keys.js';
import { decodeResource, encodeResource, type NodeRef } from './resource-record.js';
import * as plan from './planner.js';
import { writesOf, type Change } from './change.js';

const NAMES = Array.from({ length: 9 }, (_, i) => `task-${i}`);
const WORKERS = ['a', 'b', 'c', 'd'];

describe('listing', () => {
  const state = new ClusterState();
  const names = ['a', 'ab', 'abc', 'abd', 'b', 'ab\uffff', 'c'];
  names.forEach((name, i) => {
    const assignedNode = i % 2 === 0 ? { id: 'w', address: 'h:1' } : undefined;
    const value = encodeResource({ id: '1', name, assignedNode, creationTime: 0n });
    state.apply({ key: keys.resource(name), value, modRevision: 1n });
  });
  const pages = (query: { prefix?: string; nodeId?: string }) => {
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = state.list({ ...query, after, limit: 2 });
      expect(page.total).toBe(state.list({ ...query, limit: 100 }).resources.length);
      found.push(...page.resources.map(({ record }) => record.name));
      after = page.next;
    } while (after !== undefined);
    return found;
  };

  it('goes through all, through a prefix or through a node’s in pages, in order', () => {
    expect(pages({})).toEqual([...names].sort());
    expect(pages({ prefix: 'ab' })).toEqual(['ab', 'abc', 'abd', 'ab\uffff']);
    expect(pages({ nodeId: 'w' })).toEqual(['a', 'abc', 'b', 'c']);
    expect(pages({ nodeId: '', prefix: 'ab' })).toEqual(['ab', 'abd', 'ab\uffff']);
    expect(pages({ nodeId: 'nobody' })).toEqual([]);
    expect(pages({ prefix: 'x' })).toEqual([]);
  });

  it('goes on after a name that is gone, and keeps IDs that are no numbers', () => {
    expect(state.list({ after: 'aa', limit: 1 }).resources[0]?.record.name).toBe('ab');
    const value = encodeResource({ id: 'zjx', name: 'odd', assignedNode: undefined, creationTime: -5n });
    state.apply({ key: keys.resource('odd'), value, modRevision: 2n });
    expect(encodeResource(state.get('odd')!.record)).toBe(value);
  });
});

type Prefix = '/resources/' | '/orbweaver/assignments/' | '/orbweaver/specs/';

/**
 * A cluster in miniature: etcd's keys with compare-and-commit, event queues that run behind, workers that
 * come and go, foreign programs that write what they like, and a leader that plans on the state under test.
 */
class Cluster {
  readonly state = new ClusterState({ now: () => 0 });
  readonly store = new Map<string, { value: string; modRevision: bigint }>();
  readonly workers = new Map<string, string>();
  readonly drains = new Set<string>();
  /** Events come in order within a prefix, and in no order between prefixes. */
  readonly #events = {
    '/resources/': [] as Entry[],
    '/orbweaver/assignments/': [] as Entry[],
    '/orbweaver/specs/': [] as Entry[],
  };
  /** Planned; committed ones with the outcome that the leader has not heard of yet. */
  flights: { change: Change; outcome?: bigint | 'failed' }[] = [];
  #revision = 1n;
  #ids = 0;

  write(writes: readonly { key: string; value?: string }[]): bigint {
    const modRevision = (this.#revision += 1n);
    for (const { key, value } of writes) {
      if (value === undefined && !this.store.delete(key)) continue;
      if (value !== undefined) this.store.set(key, { value, modRevision });
      for (const [prefix, queue] of Object.entries(this.#events)) {
        if (key.startsWith(prefix)) queue.push({ key, value, modRevision });
      }
    }
    return modRevision;
  }

  deliver(prefix: Prefix, count: number): void {
    for (const entry of this.#events[prefix].splice(0, count)) this.state.apply(entry);
  }

  take(changes: readonly Change[]): void {
    for (const change of changes) {
      const { kind, to, from } = change;
      const chosen =
        to !== undefined && (kind === 'add' || kind === 'move' || (kind === 'assign' && from === undefined));
      if (chosen && to.id !== from?.id && kind !== 'assign') {
        expect(this.workers.get(to.id)).toBe(to.address);
        expect(this.drains.has(to.id)).toBe(false);
      }
      this.flights.push({ change });
    }
    const names = this.flights.map(({ change }) => change.name);
    expect(new Set(names).size).toBe(names.length);
  }

  commit(index: number): void {
    const waiting = this.flights.filter(({ outcome }) => outcome === undefined);
    const flight = waiting[index % waiting.length];
    if (flight === undefined) return;
    const { change } = flight;
    const holds =
      (this.store.get(keys.resource(change.name))?.modRevision ?? 0n) === change.expectedModRevision;
    flight.outcome = holds ? this.write(writesOf(change)) : 'failed';
  }

  hear(index: number): void {
    const committed = this.flights.filter(({ outcome }) => outcome !== undefined);
    const flight = committed[index % committed.length];
    if (flight === undefined) return;
    this.flights = this.flights.filter((other) => other !== flight);
    if (flight.outcome === 'failed') this.state.revert(flight.change);
    else this.state.confirm(flight.change, flight.outcome!);
  }

  add(name: string, spec: string | undefined, pending: boolean): void {
    if (this.state.inFlight(name)) return;
    if (this.state.leastLoaded() === undefined && !pending) return;
    const nextId = () => String((this.#ids += 1));
    const planned = plan.planAdd(this.state, { name, spec, pending, creationTime: 1n, nextId });
    if ('change' in planned) this.take([planned.change]);
  }

  planAll(limit: number): void {
    this.take(plan.planReconcile(this.state, limit));
    for (const { id, goneAt, draining } of this.state.nodes()) {
      if (goneAt !== undefined) this.take(plan.planWorkerGone(this.state, id, limit));
      else if (draining) this.take(plan.planDrain(this.state, id, limit));
    }
    this.take(plan.planUnassigned(this.state, limit));
    this.take(plan.planRebalance(this.state, limit));
  }

  catchUp(): void {
    while (this.flights.length > 0) {
      this.commit(0);
      this.hear(0);
    }
    for (const prefix of Object.keys(this.#events) as Prefix[]) this.deliver(prefix, Infinity);
  }

  /** Load is what is committed, changes under way counted where they lead; each resource in one place. */
  checkLoads(): void {
    const expected = new Map<string, number>();
    for (const name of NAMES) {
      const flight = this.flights.find(({ change }) => change.name === name)?.change;
      const committed = this.state.get(name)?.record.assignedNode;
      const at = flight === undefined || flight.kind === 'tidy' ? committed : flight.to;
      if (at !== undefined) expected.set(at.id, (expected.get(at.id) ?? 0) + 1);
    }
    for (const { id, load, goneAt } of this.state.nodes()) {
      expect([id, load]).toEqual([id, expected.get(id) ?? 0]);
      expect([id, goneAt === undefined]).toEqual([id, this.workers.has(id)]);
      expected.delete(id);
    }
    expect(expected.size).toBe(0);
    const everywhere = ['', ...this.state.nodes().map(({ id }) => id)].flatMap((nodeId) =>
      this.state.list({ nodeId, limit: 100 }).resources.map(({ record }) => record.name),
    );
    expect(everywhere.sort()).toEqual(NAMES.filter((name) => this.state.get(name) !== undefined));
  }
}

type Step = (cluster: Cluster) => void;

const name = fc.constantFrom(...NAMES);
const worker = fc.constantFrom(...WORKERS);
const index = fc.nat(20);
const recordText = (name: string, at: NodeRef | undefined) =>
  encodeResource({ id: 'go', name, assignedNode: at, creationTime: 2n });

const steps: fc.Arbitrary<Step>[] = [
  fc.tuple(name, fc.option(fc.constant('{}'), { nil: undefined }), fc.boolean()).map(
    ([name, spec, pending]) =>
      (c: Cluster) =>
        c.add(name, spec, pending),
  ),
  name.map((name) => (c: Cluster) => {
    if (!c.state.inFlight(name) && c.state.get(name)) c.take([plan.planRemove(c.state, name)]);
  }),
  name.map((name) => (c: Cluster) => {
    if (!c.state.inFlight(name) && c.state.get(name)) c.take([plan.planRespec(c.state, name, '{"a":1}')]);
  }),
  name.map((name) => (c: Cluster) => {
    if (!c.state.inFlight(name) && c.state.get(name))
      c.take([plan.planControl(c.state, name, { control: '{}' })]);
  }),
  fc.integer({ min: 1, max: 5 }).map((limit) => (c: Cluster) => c.planAll(limit)),
  index.map((i) => (c: Cluster) => c.commit(i)),
  index.map((i) => (c: Cluster) => c.hear(i)),
  index.map((i) => (c: Cluster) => {
    c.commit(i);
    c.hear(i);
  }),
  index.map((i) => (c: Cluster) => {
    const waiting = c.flights.filter(({ outcome }) => outcome === undefined);
    const flight = waiting[i % waiting.length];
    if (flight !== undefined) flight.outcome = 'failed';
  }),
  fc
    .tuple(
      fc.constantFrom('/resources/', '/orbweaver/assignments/', '/orbweaver/specs/'),
      fc.integer({ min: 1, max: 4 }),
    )
    .map(
      ([prefix, count]) =>
        (c: Cluster) =>
          c.deliver(prefix, count),
    ),
  fc.tuple(worker, fc.nat(1)).map(([id, port]) => (c: Cluster) => {
    c.workers.set(id, `${id}:${port}`);
    c.state.nodeUp({ id, address: `${id}:${port}` });
  }),
  worker.map((id) => (c: Cluster) => {
    c.workers.delete(id);
    c.state.nodeGone(id);
  }),
  fc.tuple(worker, fc.boolean()).map(([id, on]) => (c: Cluster) => {
    if (on) c.drains.add(id);
    else c.drains.delete(id);
    c.state.apply({ key: keys.drain(id), value: on ? '{}' : undefined, modRevision: 0n });
  }),
];

const foreignSteps: fc.Arbitrary<Step>[] = [
  fc.tuple(name, fc.option(worker, { nil: undefined })).map(([name, id]) => (c: Cluster) => {
    const value = recordText(name, id === undefined ? undefined : { id, address: `${id}:0` });
    c.write([{ key: keys.resource(name), value }]);
  }),
  name.map((name) => (c: Cluster) => void c.write([{ key: keys.resource(name) }])),
  name.map((name) => (c: Cluster) => void c.write([{ key: keys.resource(name), value: 'not a record' }])),
  fc.tuple(name, worker).map(
    ([name, id]) =>
      (c: Cluster) =>
        void c.write([{ key: keys.assignment(id, name) }]),
  ),
  fc.tuple(name, worker).map(
    ([name, id]) =>
      (c: Cluster) =>
        void c.write([{ key: keys.assignment(id, name), value: 'stale' }]),
  ),
];

function run(sequence: readonly Step[]): Cluster {
  const cluster = new Cluster();
  for (const step of sequence) {
    step(cluster);
    cluster.checkLoads();
  }
  cluster.catchUp();
  for (let round = 0; round < 50; round += 1) {
    cluster.planAll(Infinity);
    if (cluster.flights.length === 0) break;
    cluster.catchUp();
    cluster.checkLoads();
  }
  return cluster;
}

/** What must be true of etcd when the leader has nothing left to do. */
function checkStore(cluster: Cluster): void {
  const open = [...cluster.workers.keys()].filter((id) => !cluster.drains.has(id));
  const assignments = new Map<string, string>();
  const counts = new Map(open.map((id) => [id, 0]));
  for (const name of NAMES) {
    const stored = cluster.store.get(keys.resource(name));
    const resource = stored && decodeResource(stored.value);
    if (resource === undefined) {
      if (stored === undefined && cluster.store.has(keys.spec(name)))
        throw new Error(`spec of ${name} is left`);
      continue;
    }
    const at = resource.assignedNode;
    if (at === undefined) {
      expect(open).toEqual([]);
      continue;
    }
    if (open.length > 0) {
      expect(open).toContain(at.id);
      counts.set(at.id, counts.get(at.id)! + 1);
    }
    if (cluster.workers.has(at.id)) {
      expect(at.address).toBe(cluster.workers.get(at.id));
      assignments.set(keys.assignment(at.id, name), stored!.value);
    }
  }
  const loads = [...counts.values()];
  if (open.length > 0) expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
  for (const [key, value] of assignments) expect(cluster.store.get(key)?.value).toBe(value);
  if (open.length === 0) return;
  const present = [...cluster.store.keys()].filter((key) => key.startsWith(keys.allAssignments));
  expect(present.sort()).toEqual([...assignments.keys()].sort());
}

/** The state that has followed everything is the one that a new leader would build. */
function checkState({ state, store, workers }: Cluster): void {
  const fresh = new ClusterState();
  for (const [id, address] of workers) fresh.nodeUp({ id, address });
  for (const [key, { value, modRevision }] of [...store].toReversed())
    fresh.apply({ key, value, modRevision });
  for (const name of NAMES) expect(state.get(name)).toEqual(fresh.get(name));
  expect(plan.planReconcile(fresh)).toEqual([]);
}

describe('the state and its plans, through any sequence of changes, events, failures and workers', () => {
  it('keep loads exact, and end with every resource in one place, spread evenly, and all keys in agreement', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(...steps), { maxLength: 60 }), (sequence) => {
        const cluster = run(sequence);
        expect(cluster.flights).toEqual([]);
        checkStore(cluster);
        checkState(cluster);
      }),
      { numRuns: 300 },
    );
  });

  it('do so with foreign programs that write records and assignments at any time', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(...steps, ...foreignSteps), { maxLength: 60 }), (sequence) => {
        const cluster = run(sequence);
        expect(cluster.flights).toEqual([]);
        checkStore(cluster);
        checkState(cluster);
      }),
      { numRuns: 300 },
    );
  });
});
