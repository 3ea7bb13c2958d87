import fc from 'fast-check';
import { worker } from '@app/proto';
import { ClusterState, encodeResource, keys } from '@app/resources';
import { orderOf, type OrderQuery } from './order.js';
import { TaskIndex } from './task-index.js';

/** What is expected, as plain as can be. */
class Model {
  readonly places = new Map<string, string>();
  readonly told = new Map<
    string,
    { tasks: Map<string, worker.TaskStatus>; fresh: Set<string>; whole: boolean }
  >();

  list({ prefix, nodeId, query, states, sort }: OrderQuery): {
    names: string[];
    counts: Record<string, number>;
  } {
    const all = [...this.places]
      .map(([name, node]) => ({ name, node, task: this.task(name, node) }))
      .filter(
        ({ name, node }) =>
          name.startsWith(prefix) && (nodeId === '' || node === nodeId) && name.includes(query),
      )
      .map((one) => ({
        ...one,
        state: one.task === 'silent' ? '' : one.task === 'unknown' ? 'pending' : one.task.state,
      }));
    const counts: Record<string, number> = {};
    for (const { state } of all) counts[state] = (counts[state] ?? 0) + 1;
    const wanted = states.map((state) => (state === 'unknown' ? '' : state));
    const key = sort.replace('-', '') || 'name';
    const down = sort.startsWith('-') ? -1 : 1;
    const names = all
      .filter(({ state }) => wanted.length === 0 || wanted.includes(state))
      .map(({ name, node, task, state }) => {
        const status = typeof task === 'object' ? task : NOTHING;
        const keyed: Record<string, string | number> = {
          name,
          state,
          worker: node,
          done: Number(status.pagesDone),
          queued: Number(status.pagesQueued),
          failed: Number(status.pagesFailed),
          items: Number(status.items),
          rate: status.pagesPerSecond,
          error: status.lastError,
        };
        return { name, by: keyed[key]! };
      })
      .sort((a, b) => (a.by < b.by ? -down : a.by > b.by ? down : a.name < b.name ? -1 : 1))
      .map(({ name }) => name);
    return { names, counts };
  }

  private task(name: string, node: string): worker.TaskStatus | 'unknown' | 'silent' {
    if (node === '') return 'unknown';
    const told = this.told.get(node);
    return told?.tasks.get(name) ?? (told?.whole ? 'unknown' : 'silent');
  }
}

const NOTHING = worker.TaskStatus.decode(new Uint8Array());

const names = fc.constantFrom('a', 'ab', 'abc', 'b', 'ba', 'c', 'ü', '\u{1f40c}');
const nodes = fc.constantFrom('w1', 'w2');
const statuses = fc.record({
  name: names,
  state: fc.constantFrom('pending', 'running', 'paused', 'done', 'failed'),
  pagesDone: fc.bigInt({ min: 0n, max: 3n }),
  pagesQueued: fc.bigInt({ min: 0n, max: 3n }),
  pagesFailed: fc.bigInt({ min: 0n, max: 3n }),
  items: fc.bigInt({ min: 0n, max: 2n ** 50n }),
  pagesPerSecond: fc.constantFrom(0, 0.5, 1.5),
  lastError: fc.constantFrom('', 'HTTP 404', 'no answer'),
});
const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('place' as const),
      name: names,
      node: fc.constantFrom('w1', 'w2', '', undefined),
    }),
    fc.record({
      kind: fc.constant('tell' as const),
      node: nodes,
      tasks: fc.array(statuses, { maxLength: 5 }),
      gone: fc.array(names, { maxLength: 2 }),
      synced: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('begin' as const), node: nodes }),
    fc.record({ kind: fc.constant('drop' as const), node: nodes }),
  ),
  { maxLength: 40 },
);
const queries = fc.record({
  prefix: fc.constantFrom('', 'a', 'ab'),
  nodeId: fc.constantFrom('', 'w1', 'w2', 'w3'),
  query: fc.constantFrom('', 'b', 'ab'),
  states: fc.subarray(['pending', 'running', 'paused', 'done', 'failed', 'unknown']),
  sort: fc.constantFrom(
    ...['', 'name', 'state', 'worker', 'done', 'queued', 'failed', 'items', 'rate', 'error'].flatMap(
      (sort) => (sort === '' ? [sort] : [sort, `-${sort}`]),
    ),
  ),
});

test('lists are what workers and etcd have said, after any snapshots, changes and losses in any order', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.array(queries, { minLength: 1, maxLength: 5 }), async (script, asked) => {
      const state = new ClusterState();
      const index = new TaskIndex();
      const model = new Model();
      let revision = 0n;
      for (const step of script) {
        if (step.kind === 'place') {
          const { name, node } = step;
          const assignedNode = node ? { id: node, address: 'a:1' } : undefined;
          const value =
            node === undefined
              ? undefined
              : encodeResource({ id: '1', name, assignedNode, creationTime: 1n });
          state.apply({ key: keys.resource(name), value, modRevision: ++revision });
          if (node === undefined) model.places.delete(name);
          else model.places.set(name, node);
        } else if (step.kind === 'tell') {
          const { node, gone, synced } = step;
          const tasks = step.tasks.map((status) => ({ ...NOTHING, ...status, nodeId: node }));
          if (!model.told.has(node)) begin(node);
          index.apply(node, { tasks, gone, synced });
          const told = model.told.get(node)!;
          for (const name of gone) told.tasks.delete(name);
          for (const task of tasks) {
            told.tasks.set(task.name, task);
            told.fresh.add(task.name);
          }
          if (synced) {
            for (const name of told.tasks.keys()) if (!told.fresh.has(name)) told.tasks.delete(name);
            told.whole = true;
          }
        } else if (step.kind === 'begin') begin(step.node);
        else {
          index.drop(step.node);
          model.told.delete(step.node);
        }
      }
      for (const query of asked) {
        const { names: listed, counts } = await orderOf(state, index, query);
        expect({ names: listed, counts: Object.fromEntries(counts) }).toEqual(model.list(query));
      }
      for (const [node, told] of model.told) {
        expect(index.knows(node)).toBe(told.whole);
        for (const [name, task] of told.tasks) expect(index.status(node, name)).toEqual(task);
      }
      // What workers say of tasks that they do not have counts until they say otherwise.
      const strays = [...model.told].flatMap(([node, { tasks }]) =>
        [...tasks.keys()].filter((name) => model.places.get(name) !== node),
      );
      if (strays.length === 0) {
        const told = index.counts(state.nodes());
        if (state.unassignedCount > 0)
          told.set('pending', (told.get('pending') ?? 0) + state.unassignedCount);
        const all = { prefix: '', nodeId: '', query: '', states: [], sort: '' };
        expect(Object.fromEntries(told)).toEqual(model.list(all).counts);
      }
      expect(index.size).toBe([...model.told.values()].reduce((sum, { tasks }) => sum + tasks.size, 0));

      function begin(node: string): void {
        index.begin(node);
        const told = model.told.get(node) ?? { tasks: new Map(), fresh: new Set(), whole: false };
        model.told.set(node, { ...told, fresh: new Set() });
      }
    }),
    { numRuns: 500 },
  );
});

test('a status comes out as it went in', () => {
  fc.assert(
    fc.property(
      fc.record({
        reason: fc.string(),
        cause: fc.string(),
        endedHere: fc.boolean(),
        lastError: fc.string(),
        traceId: fc.string(),
        ms: fc.option(fc.integer({ min: -1e9, max: 2e12 })),
        run: fc.nat(),
        retry: fc.nat(),
        epoch: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        waiting: fc.array(
          fc.record({
            host: fc.string(),
            reason: fc.string(),
            until: fc.constant(undefined),
            cause: fc.string(),
          }),
          { maxLength: 2 },
        ),
      }),
      ({ ms, ...more }) => {
        const since =
          ms === null
            ? undefined
            : {
                seconds: BigInt(Math.floor(ms / 1_000)),
                nanos: (((ms % 1_000) + 1_000) % 1_000) * 1_000_000,
              };
        const task = {
          ...NOTHING,
          ...more,
          since,
          name: 'a',
          nodeId: 'w1',
          state: 'running',
          pagesPerSecond: 0.25,
        };
        const index = new TaskIndex();
        index.begin('w1');
        index.apply('w1', { tasks: [task], gone: [], synced: false });
        expect(index.status('w1', 'a')).toEqual(task);
      },
    ),
  );
});

test('an end of a run is told once, and not one that came before its worker was followed', () => {
  const index = new TaskIndex();
  const ended: string[] = [];
  index.onRunEnd(({ name, state, epoch }) => ended.push(`${name} ${state} ${epoch}`));
  const tell = (name: string, state: string, epoch: bigint, endedHere: boolean, synced = false) => {
    const task = { ...NOTHING, name, state, epoch, endedHere };
    index.apply('w1', { tasks: [task], gone: [], synced });
  };
  index.begin('w1');
  tell('before', 'failed', 1n, true, true);
  tell('before', 'failed', 1n, true);
  tell('a', 'running', 2n, false);
  tell('a', 'failed', 2n, true);
  tell('a', 'failed', 2n, true);
  // Taken up again it is as the store remembers it; run again so fast that nothing else was told, it is not.
  tell('a', 'failed', 3n, false);
  tell('a', 'failed', 4n, true);
  tell('a', 'done', 5n, true);
  tell('new', 'failed', 6n, true);
  index.begin('w1');
  tell('new', 'failed', 6n, true, true);
  expect(ended).toEqual(['a failed 2', 'a failed 4', 'a done 5', 'new failed 6']);
});
