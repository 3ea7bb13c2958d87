import { isOrbweaverError } from '@app/errors';
import { describeWithEtcd, startEtcd, type EtcdServer } from '../../../test/support/etcd.js';
import { settled, until } from '../../../test/support/until.js';
import { compare, EtcdClient, MAX_TXN_OPS, op } from './index.js';

describeWithEtcd('the client, on a real etcd', () => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  afterAll(async () => {
    client.close();
    await etcd.stop();
  });

  const all = async <T>(iterable: AsyncIterable<T>): Promise<T[]> => {
    const items: T[] = [];
    for await (const item of iterable) items.push(item);
    return items;
  };

  describe('single keys', () => {
    it('reads back what was put, with the revisions that etcd gave it', async () => {
      const { revision } = await client.put('single/a', 'ä € 𝄞');
      await client.put('single/a', 'second');
      const now = await client.get('single/a');
      expect(now).toEqual({
        key: 'single/a',
        value: 'second',
        createRevision: revision,
        modRevision: revision + 1n,
        version: 2n,
        leaseId: 0n,
      });
      expect(await client.get('single/a', { revision })).toMatchObject({ value: 'ä € 𝄞', version: 1n });
      expect(await etcd.etcdctl('get', '--print-value-only', 'single/a')).toBe('second\n');
    });

    it('a key that is not there is undefined, and deleting it deletes nothing', async () => {
      expect(await client.get('single/none')).toBeUndefined();
      expect((await client.delete('single/none')).deleted).toBe(0);
      await client.put('single/b', '');
      expect((await client.delete('single/b')).deleted).toBe(1);
    });

    it('finds the newest key that is older than a revision, and the oldest of all', async () => {
      const revisions = [];
      for (const name of ['c', 'a', 'b']) revisions.push((await client.put(`age/${name}`, '')).revision);
      await client.put('age/c', 'changed: no younger for that');
      const newestBelow = await client.range(
        { prefix: 'age/' },
        {
          limit: 1,
          sort: { by: 'createRevision', order: 'descending' },
          maxCreateRevision: revisions[2]! - 1n,
        },
      );
      expect(newestBelow.entries.map(({ key }) => key)).toEqual(['age/a']);
      const oldest = await client.range(
        { prefix: 'age/' },
        { limit: 1, sort: { by: 'createRevision', order: 'ascending' } },
      );
      expect(oldest.entries.map(({ key }) => key)).toEqual(['age/c']);
      expect(oldest).toMatchObject({ count: 3, more: true });
    });
  });

  describe('transactions', () => {
    it('do all of one branch at one revision, and answer for each op', async () => {
      await client.put('txn/old', 'x');
      const result = await client.txn({
        compare: [compare.createRevision('txn/new', '=', 0n), compare.value('txn/old', '=', 'x')],
        success: [
          op.put('txn/new', '1'),
          op.delete('txn/old'),
          op.get('txn/new'),
          op.deletePrefix('txn/none/'),
        ],
        failure: [op.put('txn/never', '')],
      });
      expect(result).toMatchObject({
        succeeded: true,
        responses: [
          { type: 'put' },
          { type: 'delete', deleted: 1 },
          { type: 'get', kvs: [{ key: 'txn/new', value: '1', modRevision: result.revision }] },
          { type: 'delete', deleted: 0 },
        ],
      });
      expect(await client.get('txn/never')).toBeUndefined();
    });

    it('tell what stands under a prefix without its values', async () => {
      for (const name of ['b', 'a', 'c']) await client.put(`txn/list/${name}`, 'value');
      const { responses } = await client.txn({ success: [op.keys('txn/list/')] });
      const [listed] = responses;
      expect(listed?.type === 'get' && listed.kvs.map(({ key, value }) => [key, value])).toEqual([
        ['txn/list/a', ''],
        ['txn/list/b', ''],
        ['txn/list/c', ''],
      ]);
    });

    it('do nothing of the success branch when one compare of many fails', async () => {
      const { revision } = await client.put('txn/guard', 'me');
      const refused = await client.txn({
        compare: [
          compare.createRevision('txn/guard', '=', revision),
          compare.modRevision('txn/guard', '<', revision),
          compare.version('txn/guard', '>', 0n),
          compare.lease('txn/guard', '=', 0n),
        ],
        success: [op.put('txn/refused', '')],
        failure: [op.get('txn/guard'), op.get('txn/refused')],
      });
      expect(refused).toMatchObject({
        succeeded: false,
        responses: [
          { type: 'get', kvs: [{ key: 'txn/guard' }] },
          { type: 'get', kvs: [] },
        ],
      });
    });

    it('take a put that changes the lease and keeps the value', async () => {
      await client.put('txn/lease', 'kept');
      const grant = await etcd.etcdctl('lease', 'grant', '60');
      const leaseId = BigInt(`0x${/lease ([0-9a-f]+) granted/.exec(grant)![1]}`);
      await client.txn({ success: [op.put('txn/lease', '', { leaseId, ignoreValue: true })] });
      expect(await client.get('txn/lease')).toMatchObject({ value: 'kept', leaseId });
      await etcd.etcdctl('lease', 'revoke', leaseId.toString(16));
      expect(await client.get('txn/lease')).toBeUndefined();
    });

    it(`of more than ${MAX_TXN_OPS} ops are refused before they are sent`, async () => {
      const ops = Array.from({ length: MAX_TXN_OPS }, (_, n) => op.put(`txn/many/${n}`, ''));
      expect((await client.txn({ success: ops })).responses).toHaveLength(MAX_TXN_OPS);
      await expect(client.txn({ success: [...ops, op.get('one more')] })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    });

    it('that put one key twice are refused by etcd as an invalid argument', async () => {
      await expect(
        client.txn({ success: [op.put('txn/k', '1'), op.put('txn/k', '2')] }),
      ).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('duplicate key'),
      });
    });
  });

  describe('lists', () => {
    it('read every page at the revision of the first, whatever is written meanwhile', async () => {
      const names = Array.from({ length: 100 }, (_, n) => `list/${String(n).padStart(3, '0')}`);
      for (const name of names) await client.put(name, 'before');
      const seen: string[] = [];
      const revisions = new Set<bigint>();
      for await (const page of client.list('list/', { pageSize: 7 })) {
        revisions.add(page.revision);
        seen.push(...page.entries.map(({ key, value }) => `${key}=${value}`));
        await client.delete('list/099');
        await client.put('list/098', 'after');
        await client.put('list/0980', 'new');
      }
      expect(seen).toEqual(names.map((name) => `${name}=before`));
      expect(revisions.size).toBe(1);
      expect(await client.count('list/')).toBe(100);
    });

    it('of nothing are one empty page, and a limit ends a list early', async () => {
      expect(await all(client.list('nothing/'))).toMatchObject([{ entries: [] }]);
      const pages = await all(client.list('list/', { pageSize: 4, limit: 10, keysOnly: true }));
      expect(pages.map(({ entries }) => entries.length)).toEqual([4, 4, 2]);
      expect(pages[0]!.entries[0]).toMatchObject({ key: 'list/000', value: '' });
    });

    it('go on byte for byte after keys that are no UTF-8', async () => {
      const script = `printf 'raw/\\xff\\xfe' | xargs -I{} etcdctl --endpoints ${etcd.endpoint} put {} odd`;
      const { execFile } = await import('node:child_process');
      await new Promise((resolve, reject) =>
        execFile('bash', ['-c', script], { env: { ...process.env, ETCDCTL_API: '3' } }, (error) =>
          error ? reject(error) : resolve(undefined),
        ),
      );
      await client.put('raw/a', 'even');
      const pages = await all(client.list('raw/', { pageSize: 1 }));
      expect(pages.flatMap(({ entries }) => entries.map(({ value }) => value))).toEqual(['even', 'odd']);
    });

    it('throw COMPACTED when their revision is compacted away', async () => {
      const { revision } = await client.put('list/000', 'x');
      await client.put('list/000', 'y');
      await etcd.etcdctl('compact', String(revision + 1n));
      await expect(all(client.list('list/', { revision }))).rejects.toMatchObject({ code: 'COMPACTED' });
    });
  });

  describe('when etcd is away', () => {
    it('a call fails at its deadline while etcd is paused, and calls work again when it goes on', async () => {
      etcd.pause();
      try {
        const order: string[] = [];
        const patient = client.put('away/a', '', { timeoutMs: 3_000 }).catch(() => order.push('patient'));
        await expect(client.put('away/a', '', { timeoutMs: 300 })).rejects.toMatchObject({
          code: 'ETCD_UNAVAILABLE',
        });
        order.push('impatient');
        await settled(patient, { what: 'the other call' });
        expect(order).toEqual(['impatient', 'patient']);
        expect(client.status()).toMatchObject({ ok: false, lastError: { code: 'ETCD_UNAVAILABLE' } });
      } finally {
        etcd.resume();
      }
      await client.put('away/b', '');
      expect(client.status()).toMatchObject({ ok: true, lastError: undefined });
    });

    it('a call is given up the moment its signal fires', async () => {
      etcd.pause();
      try {
        const giveUp = new AbortController();
        const put = client.put('away/c', '', { signal: giveUp.signal });
        giveUp.abort(new Error('enough'));
        await expect(settled(put, { what: 'the put' })).rejects.toMatchObject({
          code: 'CANCELLED',
          cause: new Error('enough'),
        });
      } finally {
        etcd.resume();
      }
    });

    it('calls fail at once while nobody listens, and work soon after the restart', async () => {
      await etcd.kill();
      await expect(client.get('away/b', { timeoutMs: 3_000 })).rejects.toMatchObject({
        code: 'ETCD_UNAVAILABLE',
      });
      await etcd.restart();
      await until(
        () =>
          client.get('away/b').catch((error: unknown) => {
            if (!isOrbweaverError(error, 'ETCD_UNAVAILABLE')) throw error;
          }),
        { what: 'a get works again' },
      );
    });

    it('with several endpoints, dead ones are passed over: neither reads nor writes fail', async () => {
      const dead = '127.0.0.1:1';
      const several = new EtcdClient({ endpoints: [dead, etcd.endpoint, '127.0.0.1:2'] });
      try {
        for (let n = 0; n < 20; n++) expect(await several.get('away/b')).toBeDefined();
        for (let n = 0; n < 20; n++) await several.put('away/d', String(n));
      } finally {
        several.close();
      }
    });

    it('a closed client refuses, and does not say "later"', async () => {
      const closed = new EtcdClient({ endpoints: [etcd.endpoint] });
      await closed.get('x');
      closed.close();
      await expect(closed.get('x')).rejects.toMatchObject({ code: 'CANCELLED', retry: 'never' });
    });
  });
});
