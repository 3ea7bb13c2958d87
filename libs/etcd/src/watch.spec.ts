import { describeWithEtcd, type EtcdServer, startEtcd, testEtcd } from '../../../test/support/etcd.js';
import { startProxy, type Proxy } from '../../../test/support/proxy.js';
import { settled, until } from '../../../test/support/until.js';
import { EtcdClient, op, type FollowBatch, type WatchBatch } from './index.js';

describeWithEtcd('watching, on a real etcd', () => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  let proxy: Proxy;
  /** A client whose connection can be cut. */
  let distant: EtcdClient;
  let end: AbortController;
  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint], requestTimeoutMs: 2_000 });
    proxy = await startProxy(etcd.endpoint);
    distant = new EtcdClient({ endpoints: [proxy.endpoint] });
  });
  beforeEach(() => {
    end = new AbortController();
  });
  afterEach(() => end.abort());
  afterAll(async () => {
    client.close();
    distant.close();
    await proxy.close();
    await etcd.stop();
  });

  /** Reads in the background what an iterable yields, as a consumer would. */
  const collect = <T>(iterable: AsyncIterable<T>): { items: T[]; done: Promise<void> } => {
    const items: T[] = [];
    const done = (async () => {
      for await (const item of iterable) items.push(item);
    })();
    done.catch(() => {}); // looked at by the tests that expect it
    return { items, done };
  };
  const eventsOf = (batches: WatchBatch[]): string[] =>
    batches.flatMap(({ events }) => events.map(({ type, kv }) => `${type} ${kv.key}=${kv.value}`));
  const available = <T>(attempt: () => Promise<T>): Promise<T> =>
    until(async () => ({ value: await attempt() }), { what: 'etcd takes a write again' }).then(
      ({ value }) => value,
    );

  describe('watch', () => {
    it('replays from its revision, then goes on live, in order', async () => {
      const { revision } = await client.put('w/a', '1');
      await client.put('w/b', '2');
      await client.put('elsewhere', '');
      const { items } = collect(
        client.watch({ prefix: 'w/' }, { fromRevision: revision, signal: end.signal }),
      );
      await until(() => eventsOf(items).length === 2, { what: 'the past is replayed' });
      await client.delete('w/a');
      await until(() => eventsOf(items).length === 3, { what: 'the deletion is seen' });
      expect(eventsOf(items)).toEqual(['put w/a=1', 'put w/b=2', 'delete w/a=']);
    });

    it('of one key is not disturbed by others, and gives the previous value where asked for', async () => {
      const { revision } = await client.put('w/one', 'old');
      const { items } = collect(
        client.watch({ key: 'w/one' }, { fromRevision: revision + 1n, prevKv: true, signal: end.signal }),
      );
      await client.put('w/one-more', '');
      await client.put('w/one', 'new');
      await client.delete('w/one');
      await until(() => eventsOf(items).length === 2, { what: 'both changes are seen' });
      expect(items.flatMap(({ events }) => events)).toMatchObject([
        { type: 'put', kv: { value: 'new' }, prevKv: { value: 'old' } },
        { type: 'delete', kv: { modRevision: revision + 3n }, prevKv: { value: 'new' } },
      ]);
    });

    it('gives the events of one transaction together, however many bytes they are', async () => {
      const { revision } = await client.put('w/big', '');
      const { items } = collect(
        client.watch({ prefix: 'w/big/' }, { fromRevision: revision + 1n, prevKv: true, signal: end.signal }),
      );
      const puts = (value: string) => ({
        success: Array.from({ length: 128 }, (_, n) => op.put(`w/big/${n}`, value.repeat(11_000))),
      });
      await client.txn(puts('a'));
      await client.txn(puts('b'));
      await until(() => items.at(-1)?.revision === revision + 2n, { what: 'both transactions are seen' });
      for (const { events } of items) {
        // One batch may hold both revisions, but never a part of one.
        const revisions = new Set(events.map(({ kv }) => kv.modRevision));
        expect(events).toHaveLength(revisions.size * 128);
      }
      expect(eventsOf(items)).toHaveLength(256);
    });

    it('ends without an error when its signal fires', async () => {
      const { done } = collect(client.watch({ prefix: 'w/' }, { fromRevision: 1n, signal: end.signal }));
      await client.put('w/a', 'x');
      end.abort();
      await expect(settled(done, { what: 'the end of the watch' })).resolves.toBeUndefined();
    });

    (testEtcd === 'real' ? it : it.skip)('lets go of its stream when its reader leaves', async () => {
      const { revision } = await client.put('w/left', '');
      const watch = client.watch({ key: 'w/left' }, { fromRevision: revision, signal: end.signal });
      for await (const { events } of watch) {
        expect(events).toHaveLength(1);
        break;
      }
      const metrics = async () => (await fetch(`http://${etcd.endpoint}/metrics`)).text();
      await until(async () => /etcd_debugging_mvcc_watcher_total 0/.test(await metrics()), {
        what: 'etcd has no watcher left',
      });
    });

    it('goes on after etcd was killed and restarted, without a gap or a repeat', async () => {
      const { revision } = await client.put('gap/start', '');
      const { items } = collect(
        client.watch({ prefix: 'gap/' }, { fromRevision: revision, signal: end.signal }),
      );
      const written: string[] = ['put gap/start='];
      for (let round = 0; round < 3; round++) {
        for (let n = 0; n < 20; n++) {
          await available(() => client.put('gap/n', `${round}.${n}`));
          written.push(`put gap/n=${round}.${n}`);
        }
        await etcd.kill();
        await etcd.restart();
      }
      await until(() => eventsOf(items).length >= written.length, { what: 'all events have come' });
      // A put whose answer was lost may be there twice; the watch tells what etcd has, once each.
      const revisions = items.flatMap(({ events }) => events.map(({ kv }) => kv.modRevision));
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => Number(a - b)));
      expect([...new Set(eventsOf(items))]).toEqual(written);
    });

    it('sees every event of a writer that is faster than its reader', async () => {
      const { revision } = await client.put('slow/start', '');
      const seen: string[] = [];
      const total = 4_000;
      let writing = true;
      const reader = (async () => {
        for await (const { events } of client.watch(
          { prefix: 'slow/' },
          { fromRevision: revision + 1n, signal: end.signal },
        )) {
          await until(() => !writing, { what: 'the writer is ready' });
          seen.push(...events.map(({ kv }) => kv.value.slice(0, 8).trim()));
          if (seen.length === total) return;
        }
      })();
      for (let n = 0; n < total; n += 100) {
        await client.txn({
          success: Array.from({ length: 100 }, (_, i) => op.put(`slow/${i}`, `${n + i} `.padEnd(2_000, '.'))),
        });
      }
      writing = false;
      await settled(reader, { what: 'the reader has caught up' });
      expect(new Set(seen).size).toBe(total);
    });

    it('from a compacted revision throws COMPACTED', async () => {
      const { revision } = await client.put('w/c', '1');
      await client.put('w/c', '2');
      await etcd.etcdctl('compact', String(revision + 1n));
      const { done } = collect(client.watch({ key: 'w/c' }, { fromRevision: revision, signal: end.signal }));
      await expect(settled(done, { what: 'the refusal' })).rejects.toMatchObject({
        code: 'COMPACTED',
        message: expect.stringContaining(String(revision + 1n)),
      });
    });
  });

  describe('follow', () => {
    /** What a reader holds that does as FollowBatch says. */
    const mirror = (batches: FollowBatch[]): { whole: boolean; state: Map<string, string> } => {
      let state = new Map<string, string>();
      let whole = false;
      for (const batch of batches) {
        if (batch.kind === 'snapshot') {
          if (batch.first) state = new Map();
          for (const { key, value } of batch.entries) state.set(key, value);
          whole = batch.last;
        } else if (batch.kind === 'events') {
          for (const { type, kv } of batch.events) {
            if (type === 'put') state.set(kv.key, kv.value);
            else state.delete(kv.key);
          }
        }
      }
      return { whole, state };
    };
    const stored = async (...prefixes: string[]): Promise<Map<string, string>> => {
      const state = new Map<string, string>();
      for (const prefix of prefixes) {
        for await (const { entries } of client.list(prefix)) {
          for (const { key, value } of entries) state.set(key, value);
        }
      }
      return state;
    };

    it('tells an empty prefix as one empty page, first and last', async () => {
      const { items } = collect(client.follow(['none/'], { signal: end.signal }));
      await until(() => items.length === 1, { what: 'the snapshot is there' });
      expect(items).toMatchObject([{ kind: 'snapshot', entries: [], first: true, last: true }]);
    });

    it('joins snapshot and events without gap or repeat, over several prefixes, under constant writes', async () => {
      const writers = new AbortController();
      let count = 0;
      const write = (prefix: string) =>
        (async () => {
          while (!writers.signal.aborted) {
            const n = count++;
            await client.txn({
              success: [op.put(`${prefix}${n % 500}`, String(n)), op.delete(`${prefix}${(n * 7) % 500}x`)],
            });
          }
        })();
      const writing = [write('join/a/'), write('join/b/')];
      await until(() => count > 500, { what: 'there is something to list' });
      const followers = Array.from({ length: 3 }, () =>
        collect(client.follow(['join/a/', 'join/b/'], { signal: end.signal })),
      );
      await until(() => count > 2_500, { what: 'enough was written during the follow', timeoutMs: 90_000 });
      writers.abort();
      await Promise.all(writing);
      const truth = await stored('join/a/', 'join/b/');
      for (const { items } of followers) {
        await until(() => equal(mirror(items).state, truth), { what: 'the mirror equals the store' });
        const snapshots = items.filter((batch) => batch.kind === 'snapshot');
        expect(new Set(snapshots.map(({ revision }) => revision)).size).toBe(1);
        const perKey = new Map<string, bigint>();
        for (const batch of items) {
          if (batch.kind !== 'events') continue;
          for (const { kv } of batch.events) {
            expect(kv.modRevision > (perKey.get(kv.key) ?? snapshots[0]!.revision)).toBe(true);
            perKey.set(kv.key, kv.modRevision);
          }
        }
      }
    });

    it('says that it is interrupted when etcd goes and resumed when it is back, and misses nothing', async () => {
      await client.put('back/a', '1');
      const { items } = collect(client.follow(['back/', 'other/'], { signal: end.signal }));
      await until(() => mirror(items).whole, { what: 'the snapshot is whole' });
      await etcd.kill();
      await until(() => items.some(({ kind }) => kind === 'interrupted'), {
        what: 'the interruption is told',
      });
      await etcd.restart();
      await available(() => client.put('back/a', '2'));
      await until(() => mirror(items).state.get('back/a') === '2', { what: 'the change has come' });
      await until(() => items.some(({ kind }) => kind === 'resumed'), { what: 'the resumption is told' });
      const told = items.flatMap(({ kind }) => (kind === 'interrupted' || kind === 'resumed' ? [kind] : []));
      expect(told.join(' ')).toMatch(/^interrupted resumed( interrupted resumed)*$/);
    });

    it('lists again when what it missed is compacted away: deletions meanwhile are seen as absence', async () => {
      await client.put('compact/stays', '1');
      await client.put('compact/goes', '1');
      const { items } = collect(distant.follow(['compact/'], { signal: end.signal }));
      await until(() => mirror(items).whole, { what: 'the first snapshot is whole' });
      proxy.cut();
      await until(() => items.some(({ kind }) => kind === 'interrupted'), {
        what: 'the interruption is told',
      });
      await etcd.etcdctl('del', 'compact/goes');
      const put = await etcd.etcdctl('put', 'compact/stays', '2', '-w', 'json');
      await etcd.etcdctl('compact', String(JSON.parse(put).header.revision));
      proxy.heal();
      await until(() => equal(mirror(items).state, new Map([['compact/stays', '2']])), {
        what: 'the mirror equals the store',
      });
      expect(items.filter(({ kind }) => kind === 'snapshot').length).toBeGreaterThan(1);
    });

    it('begins as soon as etcd is there, when it was not at first', async () => {
      await client.put('late/a', '1');
      await etcd.kill();
      const { items } = collect(client.follow(['late/'], { signal: end.signal }));
      await until(() => items.some(({ kind }) => kind === 'interrupted'), {
        what: 'the interruption is told',
      });
      await etcd.restart();
      await until(() => mirror(items).whole, { what: 'the snapshot is whole' });
      expect(mirror(items).state).toEqual(new Map([['late/a', '1']]));
    });

    it('notices within seconds that a connection is dead though it is open', async () => {
      const { items } = collect(client.follow(['late/'], { signal: end.signal }));
      await until(() => mirror(items).whole, { what: 'the snapshot is whole' });
      etcd.pause();
      try {
        await until(() => items.some(({ kind }) => kind === 'interrupted'), {
          what: 'the silence is noticed',
        });
      } finally {
        etcd.resume();
      }
      await until(() => items.at(-1)?.kind === 'resumed', { what: 'the watch resumes' });
      expect(items.map(({ kind }) => kind).slice(0, 3)).toEqual(['snapshot', 'interrupted', 'resumed']);
    });

    it('ends without an error when its signal fires, in whichever state', async () => {
      const { items, done } = collect(client.follow(['late/', 'w/'], { signal: end.signal }));
      await until(() => mirror(items).whole, { what: 'the snapshot is whole' });
      end.abort();
      await expect(settled(done, { what: 'the end of the follow' })).resolves.toBeUndefined();
    });
  });
});

function equal(a: Map<string, string>, b: Map<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
