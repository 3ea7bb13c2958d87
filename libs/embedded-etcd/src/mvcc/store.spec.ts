import fc from 'fast-check';
import type { KeyInterval } from './key-interval.js';
import type { KeyValue } from './key-value.js';
import { Store } from './store.js';

const noLeases = { attach: () => {}, detach: () => {} };
const ALL: KeyInterval = { key: '', end: '' };

const names = (kvs: readonly KeyValue[]): string[] => kvs.map(({ key }) => key);

it('keeps a hundred thousand keys in order, whatever the order in which they came', () => {
  const store = new Store(noLeases);
  const keys = Array.from({ length: 100_000 }, (_, i) => `${(i * 7919) % 100_003}`.padStart(6, '0'));
  store.write((writer) => keys.forEach((key) => writer.put(key, '', 0n)));
  expect(names(store.read().range(ALL).kvs)).toEqual(keys.toSorted());
  expect(names(store.read().range({ key: '000500', end: '000600' }).kvs)).toEqual(
    keys.toSorted().slice(500, 600),
  );
});

it('forgets all of deleted keys when it is compacted', () => {
  const store = new Store(noLeases);
  const keys = Array.from({ length: 5000 }, (_, i) => `${i}`);
  store.write((writer) => keys.forEach((key) => writer.put(key, 'value', 0n)));
  store.write((writer) => writer.delete(ALL));
  store.write((writer) => writer.put('last', '', 0n));
  expect(store.sizeBytes).toBeGreaterThan(1_000_000);
  store.compact(store.revision);
  expect(names(store.read().range(ALL).kvs)).toEqual(['last']);
  expect(store.sizeBytes).toBeLessThan(1000);
  expect([...store.capture().entries]).toHaveLength(1);
});

/** What the store has to be at each revision, in the simplest way to say it. */
class Model {
  readonly states: Map<string, string>[] = [new Map(), new Map()];
  readonly changes: string[][] = [[], []];

  get revision(): number {
    return this.states.length - 1;
  }
}

type Step =
  | { kind: 'put'; key: string; value: string }
  | { kind: 'delete'; key: string; end: string | undefined }
  | { kind: 'compact'; back: number }
  | { kind: 'restore' };

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('put' as const), key, value: fc.string({ maxLength: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      key,
      end: fc.oneof(fc.constant(undefined), fc.constant(''), key),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const), back: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const) }) },
);

it('shows every revision since the last compaction as it was, over restores too', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let store = new Store(noLeases);
      const model = new Model();
      for (const step of steps) store = apply(store, model, step);
      const compacted = Math.max(1, Number(store.compactRevision));
      for (let revision = compacted; revision <= model.revision; revision++) {
        const { kvs, count } = store.read().at(BigInt(revision)).range(ALL);
        const expected = [...model.states[revision]!].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(kvs.map((kv) => [kv.key, kv.value])).toEqual(expected);
        expect(count).toBe(expected.length);
      }
      const changes = [...store.changesFrom(BigInt(compacted))].map((kv) => `${kv.modRevision} ${kv.key}`);
      expect(changes).toEqual(model.changes.slice(compacted).flat());
    }),
    { numRuns: 1000 },
  );
});

function apply(store: Store, model: Model, step: Step): Store {
  if (step.kind === 'compact') {
    const revision = model.revision - step.back;
    if (revision > Number(store.compactRevision) && revision > 0) store.compact(BigInt(revision));
    return store;
  }
  if (step.kind === 'restore') {
    const restored = new Store(noLeases);
    restored.restore(store.capture());
    expect(restored.sizeBytes).toBe(store.sizeBytes);
    return restored;
  }
  const state = new Map(model.states.at(-1));
  const changed = store.write((writer) => {
    if (step.kind === 'put') writer.put(step.key, step.value, 0n);
    else writer.delete({ key: step.key, end: step.end });
  });
  if (step.kind === 'put') state.set(step.key, step.value);
  else for (const { key } of changed) state.delete(key);
  if (changed.length > 0) {
    model.states.push(state);
    model.changes.push(changed.map((kv) => `${kv.modRevision} ${kv.key}`));
  }
  expect(store.revision).toBe(BigInt(model.revision));
  return store;
}
