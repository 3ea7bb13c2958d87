import * as fc from 'fast-check';
import { ClusterState } from './cluster-state.js';
import { keys } from './keys.js';
import {
  planAdd,
  planDrain,
  planRebalance,
  planReconcile,
  planRemove,
  planControl,
  planRespec,
  planUnassigned,
  planWorkerGone,
} from './planner.js';
import { encodeResource, type NodeRef, type ResourceRecord } from './resource-record.js';
import { writesOf, type Change } from './change.js';

const node = (n: number | string): NodeRef => ({ id: `worker-${n}`, address: `10.0.0.${n}:9090` });
const record = (name: string, assignedNode?: NodeRef): ResourceRecord => ({
  id: '7',
  name,
  assignedNode,
  creationTime: 1n,
});

/** A state with these loads on worker-0, worker-1, …, all keys in place. */
function clusterOf(...loads: number[]): ClusterState {
  const state = new ClusterState({ now: () => 1000 });
  let count = 0;
  loads.forEach((load, n) => {
    state.nodeUp(node(n));
    for (let i = 0; i < load; i += 1) place(state, record(`r${(count += 1)}`, node(n)), BigInt(count));
  });
  return state;
}

function place(state: ClusterState, resource: ResourceRecord, modRevision: bigint): void {
  const value = encodeResource(resource);
  state.apply({ key: keys.resource(resource.name), value, modRevision });
  const { assignedNode: at, name } = resource;
  if (at !== undefined) state.apply({ key: keys.assignment(at.id, name), value, modRevision });
}

const loads = (state: ClusterState) => state.nodes().map(({ load }) => load);
const add = (state: ClusterState, name: string, spec?: string): Change => {
  const plan = planAdd(state, { name, spec, creationTime: 1n, nextId: () => '7' });
  if ('existing' in plan) throw new Error(`${name} exists`);
  return plan.change;
};
const targets = (changes: readonly Change[]) =>
  changes.map(({ to }) => to?.id.slice('worker-'.length)).join('');

describe('adding', () => {
  it('spreads a burst before anything of it is committed, and goes round among equals', () => {
    const state = clusterOf(0, 0, 0);
    const changes = Array.from({ length: 7 }, (_, i) => add(state, `x${i}`));
    expect(targets(changes)).toBe('0120120');
    expect(loads(state)).toEqual([3, 2, 2]);
    expect(state.size).toBe(0);
  });

  it('plans a record, its assignment and its spec in one change, on a key that must not exist', () => {
    const state = clusterOf(0);
    const change = add(state, 'x', '{}');
    expect(change).toMatchObject({ kind: 'add', expectedModRevision: 0n, to: node(0) });
    const value = encodeResource(record('x', node(0)));
    expect(writesOf(change)).toEqual([
      { key: '/resources/x', value },
      { key: '/orbweaver/assignments/worker-0/x', value },
      { key: '/orbweaver/specs/x', value: '{}' },
    ]);
    state.confirm(change, 9n);
    expect(state.get('x')).toEqual({ record: record('x', node(0)), modRevision: 9n, epoch: 9n });
  });

  it('gives back what stands there already, with no ID spent on it', () => {
    const state = clusterOf(1);
    const nextId = () => {
      throw new Error('not to be called');
    };
    expect(planAdd(state, { name: 'r1', creationTime: 2n, nextId })).toEqual({ existing: state.get('r1') });
  });

  it('fails without a worker unless the resource may wait for one', () => {
    const state = clusterOf();
    expect(() => add(state, 'x')).toThrow(
      expect.objectContaining({ code: 'NO_WORKER_NODES', message: 'no worker nodes' }),
    );
    const plan = planAdd(state, { name: 'x', creationTime: 1n, nextId: () => '7', pending: true });
    state.confirm((plan as { change: Change }).change, 5n);
    expect(state.unassignedCount).toBe(1);
    state.nodeUp(node(1));
    const [change] = planUnassigned(state);
    expect(change).toMatchObject({ kind: 'assign', name: 'x', to: node(1), expectedModRevision: 5n });
    state.confirm(change!, 6n);
    expect([state.unassignedCount, state.node('worker-1')?.load]).toEqual([0, 1]);
  });

  it('replaces what is no record, and only that', () => {
    const state = clusterOf(0);
    state.apply({ key: keys.resource('x'), value: 'not json', modRevision: 4n });
    state.apply({ key: keys.resource('y'), value: encodeResource(record('another')), modRevision: 5n });
    expect([state.get('x'), state.get('y')]).toEqual([undefined, undefined]);
    expect([add(state, 'x').expectedModRevision, add(state, 'y').expectedModRevision]).toEqual([4n, 5n]);
  });

  it('takes the load back when the commit failed', () => {
    const state = clusterOf(0, 0);
    const change = add(state, 'x');
    state.revert(change);
    expect([loads(state), state.inFlight('x'), state.get('x')]).toEqual([[0, 0], false, undefined]);
    expect(() => state.confirm(change, 3n)).toThrow(/not under way/);
  });
});

describe('one resource', () => {
  it('has one change in flight at most', () => {
    const state = clusterOf(1);
    const change = planRemove(state, 'r1');
    for (const plan of [
      () => planRemove(state, 'r1'),
      () => planRespec(state, 'r1', '{}'),
      () => add(state, 'r1'),
    ]) {
      expect(plan).toThrow(/under way/);
    }
    expect(planRebalance(state, 9)).toEqual([]);
    state.confirm(change, 5n);
    expect(() => planRemove(state, 'r1')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', message: 'no such task' }),
    );
  });

  it('is removed with everything that is kept of it', () => {
    const state = clusterOf(1);
    const change = planRemove(state, 'r1');
    expect(loads(state)).toEqual([0]);
    expect(writesOf(change).map(({ key }) => key)).toEqual([
      '/orbweaver/assignments/worker-0/r1',
      '/resources/r1',
      '/orbweaver/specs/r1',
      '/orbweaver/control/r1',
      '/orbweaver/schedules/r1',
      '/orbweaver/traces/r1',
      '/orbweaver/spec-history/r1/',
    ]);
    state.confirm(change, 5n);
    expect(state.size).toBe(0);
  });

  it('keeps its node and gets a new epoch with a new spec', () => {
    const state = clusterOf(1);
    const change = planRespec(state, 'r1', '{"a":1}');
    expect(writesOf(change)).toEqual([
      { key: '/resources/r1', value: expect.any(String) },
      { key: '/orbweaver/assignments/worker-0/r1', value: expect.any(String) },
      { key: '/orbweaver/specs/r1', value: '{"a":1}' },
      { key: '/orbweaver/schedules/r1' },
    ]);
    state.confirm(change, 8n);
    expect(state.get('r1')).toMatchObject({ epoch: 8n, modRevision: 8n, record: { assignedNode: node(0) } });
  });

  it('keeps its node, its spec and its very bytes, and gets a new epoch when it is paused or run again', () => {
    const state = clusterOf(1);
    const text = encodeResource(state.get('r1')!.record);
    const change = planControl(state, 'r1', { control: 'c', schedule: 's' });
    expect(writesOf(change)).toEqual([
      { key: '/resources/r1', value: text },
      { key: '/orbweaver/assignments/worker-0/r1', value: text },
      { key: '/orbweaver/control/r1', value: 'c' },
      { key: '/orbweaver/schedules/r1', value: 's' },
    ]);
    state.confirm(change, 8n);
    expect(state.get('r1')).toMatchObject({ epoch: 8n, modRevision: 8n, record: { assignedNode: node(0) } });
  });

  it('is added with the schedule that its spec has, under its own ID', () => {
    const state = clusterOf(0);
    const plan = planAdd(state, {
      name: 'x',
      spec: '{}',
      creationTime: 1n,
      nextId: () => '77',
      schedule: (id) => `daily ${id}`,
    });
    expect('change' in plan && writesOf(plan.change).at(-1)).toEqual({
      key: '/orbweaver/schedules/x',
      value: 'daily 77',
    });
  });
});

describe('a worker that is gone', () => {
  it('loses each resource once, to the least loaded', () => {
    const state = clusterOf(2, 7, 0);
    expect(planWorkerGone(state, 'worker-1')).toEqual([]);
    state.nodeGone('worker-1');
    const changes = [...planWorkerGone(state, 'worker-1', 4), ...planWorkerGone(state, 'worker-1')];
    expect(planWorkerGone(state, 'worker-1')).toEqual([]);
    expect(new Set(changes.map(({ name }) => name)).size).toBe(7);
    expect(loads(state)).toEqual([5, 0, 4]);
    changes.forEach((change, i) => state.confirm(change, BigInt(100 + i)));
    expect(state.node('worker-1')).toBeUndefined();
  });

  it('keeps its resources while there is no other, and all of them when it returns', () => {
    const state = clusterOf(3);
    state.nodeGone('worker-0');
    expect(planWorkerGone(state, 'worker-0')).toEqual([]);
    expect(state.node('worker-0')).toMatchObject({ load: 3, goneAt: 1000 });
    expect(() => add(state, 'x')).toThrow(/no worker nodes/);
    state.nodeUp(node(0));
    expect(planReconcile(state)).toEqual([]);
    expect(state.node('worker-0')).toMatchObject({ load: 3, goneAt: undefined });
  });

  it('is known from records alone', () => {
    const state = new ClusterState({ now: () => 5 });
    place(state, record('x', node(9)), 1n);
    expect(state.node('worker-9')).toMatchObject({ load: 1, goneAt: 5 });
    state.nodeUp(node(1));
    expect(planWorkerGone(state, 'worker-9')).toMatchObject([{ name: 'x', from: node(9), to: node(1) }]);
  });
});

describe('draining', () => {
  it('gives nothing new to the node and empties it in steps', () => {
    const state = clusterOf(5, 0);
    expect(planDrain(state, 'worker-0', 2)).toEqual([]);
    state.apply({ key: keys.drain('worker-0'), value: '{}', modRevision: 50n });
    expect(targets(planDrain(state, 'worker-0', 2))).toBe('11');
    expect(add(state, 'x').to).toEqual(node(1));
    expect(planDrain(state, 'worker-0', 9)).toHaveLength(3);
    expect(loads(state)).toEqual([0, 6]);
  });

  it('moves nothing where nobody could take it, and ends when the mark is deleted', () => {
    const state = clusterOf(2);
    state.apply({ key: keys.drain('worker-0'), value: '{}', modRevision: 50n });
    expect([planDrain(state, 'worker-0', 9), state.drainedIds()]).toEqual([[], ['worker-0']]);
    state.apply({ key: keys.drain('worker-0'), value: undefined, modRevision: 51n });
    expect([add(state, 'x').to, state.drainedIds()]).toEqual([node(0), []]);
  });

  it('is remembered for a node that comes later', () => {
    const state = clusterOf(0);
    state.apply({ key: keys.drain('worker-1'), value: '{}', modRevision: 1n });
    state.nodeUp(node(1));
    expect(targets([add(state, 'x'), add(state, 'y')])).toBe('00');
  });
});

describe('rebalancing', () => {
  it('ends when loads differ by one at most, with no more moves than needed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(12), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 5 }),
        (start, limit) => {
          const state = clusterOf(...start);
          const total = start.reduce((sum, load) => sum + load, 0);
          const descending = [...start].sort((a, b) => b - a);
          const share = (i: number) => Math.floor(total / start.length) + (i < total % start.length ? 1 : 0);
          const needed = descending.reduce((sum, load, i) => sum + Math.max(0, load - share(i)), 0);

          const moves: Change[] = [];
          for (let step = planRebalance(state, limit); step.length > 0; step = planRebalance(state, limit)) {
            expect(step.length).toBeLessThanOrEqual(limit);
            step.forEach((change, i) => state.confirm(change, BigInt(1000 + moves.length + i)));
            moves.push(...step);
          }
          expect(moves).toHaveLength(needed);
          expect(new Set(moves.map(({ name }) => name)).size).toBe(needed);
          expect(Math.max(...loads(state)) - Math.min(...loads(state))).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('does not move again what is on its way', () => {
    const state = clusterOf(4, 0);
    expect(planRebalance(state, 9)).toHaveLength(2);
    expect(planRebalance(state, 9)).toEqual([]);
    expect(loads(state)).toEqual([2, 2]);
  });
});

describe('reconciling', () => {
  const moved = (state: ClusterState, name: string, to: NodeRef | undefined, modRevision: bigint) =>
    state.apply({ key: keys.resource(name), value: encodeResource(record(name, to)), modRevision });

  it('finds nothing to do where all agrees', () => {
    expect(planReconcile(clusterOf(3, 2))).toEqual([]);
  });

  it('writes a worker’s new address into its records', () => {
    const state = clusterOf(2);
    const at = { id: 'worker-0', address: 'elsewhere:1' };
    expect(state.nodeUp(at)).toBe('changed');
    const changes = planReconcile(state);
    expect(changes).toMatchObject([
      { kind: 'move', name: 'r1', from: node(0), to: at, record: { assignedNode: at } },
      { kind: 'move', name: 'r2' },
    ]);
    expect(writesOf(changes[0]!).every(({ value }) => value?.includes('elsewhere:1'))).toBe(true);
    changes.forEach((change, i) => state.confirm(change, BigInt(10 + i)));
    expect(planReconcile(state)).toEqual([]);
  });

  it('lets the assignment follow a record that a foreign program moved', () => {
    const state = clusterOf(1, 0);
    expect(planReconcile(state)).toEqual([]);
    moved(state, 'r1', node(1), 8n);
    const [change, ...none] = planReconcile(state);
    expect(none).toEqual([]);
    expect(change).toMatchObject({
      kind: 'assign',
      to: node(1),
      stale: ['worker-0'],
      expectedModRevision: 8n,
    });
    expect(writesOf(change!).map(({ key, value }) => [key, value !== undefined])).toEqual([
      ['/orbweaver/assignments/worker-0/r1', false],
      ['/resources/r1', true],
      ['/orbweaver/assignments/worker-1/r1', true],
    ]);
    state.confirm(change!, 9n);
    expect([state.get('r1')?.epoch, loads(state), planReconcile(state)]).toEqual([9n, [0, 1], []]);
  });

  it('removes what is left of a resource whose record is gone', () => {
    const state = clusterOf(1);
    state.apply({ key: keys.resource('r1'), value: undefined, modRevision: 8n });
    state.apply({ key: keys.spec('other'), value: '{}', modRevision: 8n });
    const changes = planReconcile(state);
    expect(changes.map(({ kind, name, expectedModRevision }) => [kind, name, expectedModRevision])).toEqual([
      ['remove', 'r1', 0n],
      ['remove', 'other', 0n],
    ]);
    expect(writesOf(changes[0]!).map(({ key }) => key)).toContain('/orbweaver/assignments/worker-0/r1');
    changes.forEach((change) => state.confirm(change, 9n));
    expect(planReconcile(state)).toEqual([]);
  });

  it('only deletes the assignment where the record was overwritten with something unreadable', () => {
    const state = clusterOf(1);
    state.apply({ key: keys.resource('r1'), value: '?', modRevision: 8n });
    const changes = planReconcile(state);
    expect(changes).toMatchObject([{ kind: 'tidy', expectedModRevision: 8n }]);
    expect(writesOf(changes[0]!)).toEqual([{ key: '/orbweaver/assignments/worker-0/r1' }]);
  });

  it('deletes a stale assignment without giving the true one a new epoch', () => {
    const state = clusterOf(1, 0);
    state.apply({ key: keys.assignment('worker-1', 'r1'), value: 'old', modRevision: 3n });
    const [change] = planReconcile(state);
    expect(writesOf(change!)).toEqual([{ key: '/orbweaver/assignments/worker-1/r1' }]);
    state.confirm(change!, 9n);
    expect([state.get('r1')?.epoch, planReconcile(state)]).toEqual([1n, []]);
  });

  it('puts an assignment that is missing or has other bytes', () => {
    const state = clusterOf(2);
    state.apply({ key: keys.assignment('worker-0', 'r1'), value: undefined, modRevision: 8n });
    state.apply({ key: keys.assignment('worker-0', 'r2'), value: '{}', modRevision: 9n });
    expect([state.get('r1')?.epoch, state.get('r2')?.epoch]).toEqual([0n, 0n]);
    expect(planReconcile(state)).toMatchObject([
      { kind: 'assign', name: 'r1', to: node(0) },
      { kind: 'assign', name: 'r2', to: node(0) },
    ]);
  });
});
