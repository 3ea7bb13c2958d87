import { EtcdApi, type Answer, type Question } from '../../../../test/support/etcd-api.js';
import { allServers, type ServerUnderTest } from '../../../../test/support/etcd-servers.js';

const DUPLICATE = 'etcdserver: duplicate key given in txn request';
/** One suite for etcd and for us: what fails on etcd is a wrong claim, what fails on us a wrong server. */
describe.each(allServers)('the KV service of %s', (_name, start) => {
  let server: ServerUnderTest;
  let api: EtcdApi;
  let prefix = '';
  let tests = 0;

  beforeAll(async () => {
    server = await start();
    api = new EtcdApi(server.endpoint);
  });
  afterAll(async () => {
    api.close();
    await server.stop();
  });
  beforeEach(() => {
    prefix = `t${tests++}/`;
  });

  const key = (name: string): string => prefix + name;
  const put = (name: string, value: string, more: Question = {}): Promise<Answer> =>
    api.put({ key: key(name), value, ...more });
  const revision = async (answer: Promise<Answer>): Promise<number> => Number((await answer).header.revision);
  const all = (more: Question = {}): Promise<Answer> =>
    api.range({ key: prefix, range_end: `${prefix.slice(0, -1)}0`, ...more });
  const names = async (answer: Promise<Answer>): Promise<string[]> =>
    ((await answer).kvs as { key: string }[]).map((kv) => kv.key.slice(prefix.length));
  const cmp = (name: string, more: Question): Question => ({ key: key(name), result: 0, ...more });
  const present = (): Promise<number> => revision(api.range({ key: 'none' }));

  describe('put', () => {
    it('counts revisions, creations and versions', async () => {
      const first = await revision(put('a', '1'));
      expect(await revision(put('a', '2'))).toBe(first + 1);
      expect(await revision(put('b', '1'))).toBe(first + 2);
      expect(await all()).toEqual({
        header: { revision: `${first + 2}` },
        kvs: [
          kv('a', '2', { create: first, mod: first + 1, version: 2 }),
          kv('b', '1', { create: first + 2, mod: first + 2, version: 1 }),
        ],
        more: false,
        count: '2',
      });
    });

    it('starts a deleted key anew', async () => {
      await put('a', '1');
      await put('a', '2');
      await api.deleteRange({ key: key('a') });
      const again = await revision(put('a', '3'));
      expect((await all()).kvs).toEqual([kv('a', '3', { create: again, mod: again, version: 1 })]);
    });

    it('answers with the previous value if asked', async () => {
      expect((await put('a', '1', { prev_kv: true })).prev_kv).toBeNull();
      const first = await present();
      expect((await put('a', '2', { prev_kv: true })).prev_kv).toEqual(
        kv('a', '1', { create: first, mod: first, version: 1 }),
      );
      expect((await put('a', '3')).prev_kv).toBeNull();
    });

    it('keeps the value or the lease if told to', async () => {
      const lease = BigInt((await api.leaseGrant({ TTL: 60 })).ID as string);
      await put('a', '1', { lease });
      await put('a', '2', { ignore_lease: true });
      expect((await all()).kvs).toMatchObject([{ value: '2', lease: `${lease}`, version: '2' }]);
      await put('a', '', { ignore_value: true });
      expect((await all()).kvs).toMatchObject([{ value: '2', lease: '0', version: '3' }]);
      await api.leaseRevoke({ ID: lease });
      expect(await names(all())).toEqual(['a']);
    });

    it('takes any bytes for a key and a value', async () => {
      const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
      await put(bytes, bytes);
      expect(await names(all())).toEqual([bytes]);
      expect((await all()).kvs).toMatchObject([{ value: bytes }]);
    });

    it.each<[string, Question, number, string]>([
      ['no key', { value: 'v' }, 3, 'etcdserver: key is not provided'],
      [
        'a value beside ignore_value',
        { key: 'k', value: 'v', ignore_value: true },
        3,
        'etcdserver: value is provided',
      ],
      [
        'a lease beside ignore_lease',
        { key: 'k', lease: 1, ignore_lease: true },
        3,
        'etcdserver: lease is provided',
      ],
      ['ignore_value of no key', { key: 'none', ignore_value: true }, 3, 'etcdserver: key not found'],
      ['ignore_lease of no key', { key: 'none', ignore_lease: true }, 3, 'etcdserver: key not found'],
      ['a lease that is not there', { key: 'k', lease: 4242 }, 5, 'etcdserver: requested lease not found'],
      ['1.5 MiB and more', { key: 'k', value: 'v'.repeat(1572864) }, 3, 'etcdserver: request is too large'],
    ])('refuses %s', async (_what, request, code, details) => {
      const before = await present();
      await expect(api.put(request)).rejects.toMatchObject({ code, details });
      expect(await present()).toBe(before);
    });

    it('refuses what is beyond any request unread', async () => {
      await expect(put('k', 'v'.repeat(3 * 1024 * 1024))).rejects.toMatchObject({
        code: 8,
        details: expect.stringMatching(/received message larger than max \(\d+ vs\. 2097152\)/),
      });
    });
  });

  describe('range', () => {
    it('reads one key, an interval, a prefix, all from a key on, and all', async () => {
      for (const name of ['a', 'b', 'b1', 'c']) await put(name, name);
      const read = (from: string, end?: string): Promise<string[]> =>
        names(api.range({ key: key(from), range_end: end === undefined ? undefined : key(end) }));
      expect(await read('b')).toEqual(['b']);
      expect(await read('a', 'b1')).toEqual(['a', 'b']);
      expect(await read('b', 'c')).toEqual(['b', 'b1']);
      expect(await read('c', 'a')).toEqual([]);
      expect(await read('b', 'b')).toEqual([]);
      const fromB1 = await names(api.range({ key: key('b1'), range_end: '\0' }));
      expect(fromB1.slice(0, 2)).toEqual(['b1', 'c']);
      const everything = await api.range({ key: '\0', range_end: '\0', keys_only: true });
      expect((everything.kvs as unknown[]).length).toBe(Number(everything.count));
      expect(await names(Promise.resolve(everything))).toEqual(expect.arrayContaining(['a', 'b', 'b1', 'c']));
    });

    it('orders keys by their bytes', async () => {
      const sorted = ['A', 'B', 'a', 'a\x00', 'a\x7f', 'a\x80', 'a\xff', 'b', '\xff', '\xff\xff'];
      for (const name of sorted.toReversed()) await put(name, '');
      const end = `${prefix.slice(0, -1)}0`;
      expect(await names(api.range({ key: prefix, range_end: end }))).toEqual(sorted);
    });

    it('limits the keys, not the count', async () => {
      for (const name of ['a', 'b', 'c']) await put(name, '');
      expect(await all({ limit: 2 })).toMatchObject({ kvs: [{}, {}], more: true, count: '3' });
      expect(await all({ limit: 3 })).toMatchObject({ kvs: [{}, {}, {}], more: false, count: '3' });
      expect(await all({ limit: -1 })).toMatchObject({ kvs: [{}, {}, {}], more: false, count: '3' });
      expect(await all({ count_only: true, limit: 1 })).toMatchObject({ kvs: [], more: false, count: '3' });
      expect((await all({ keys_only: true })).kvs).toMatchObject([
        { value: '' },
        { value: '' },
        { value: '' },
      ]);
    });

    it('sorts by each target, both ways, before it limits', async () => {
      await put('c', '1');
      await put('a', '3');
      await put('b', '2');
      await put('a', '0');
      const targets = { key: 0, version: 1, create: 2, mod: 3, value: 4 };
      const sortedBy = (
        target: keyof typeof targets,
        sort_order: number,
        more: Question = {},
      ): Promise<string[]> => names(all({ sort_target: targets[target], sort_order, ...more }));
      expect(await sortedBy('key', 2)).toEqual(['c', 'b', 'a']);
      expect(await sortedBy('version', 2)).toEqual(['a', 'b', 'c']);
      expect(await sortedBy('create', 1)).toEqual(['c', 'a', 'b']);
      expect(await sortedBy('mod', 2)).toEqual(['a', 'b', 'c']);
      expect(await sortedBy('value', 1)).toEqual(['a', 'c', 'b']);
      expect(await sortedBy('create', 2, { limit: 1 })).toEqual(['b']);
      expect(await sortedBy('mod', 0)).toEqual(['c', 'b', 'a']);
      // Without an order etcd limits first.
      expect(await sortedBy('mod', 0, { limit: 1 })).toEqual(['b']);
      expect(await all({ sort_target: 2, sort_order: 2, limit: 1 })).toMatchObject({
        more: true,
        count: '3',
      });
    });

    it('filters by creation and modification, and counts all the same', async () => {
      const first = await revision(put('a', ''));
      await put('b', '');
      await put('a', '');
      const filtered = (more: Question): Promise<string[]> => names(all(more));
      expect(await filtered({ min_mod_revision: first + 2 })).toEqual(['a']);
      expect(await filtered({ max_mod_revision: first + 1 })).toEqual(['b']);
      expect(await filtered({ min_create_revision: first + 1 })).toEqual(['b']);
      expect(await filtered({ max_create_revision: first })).toEqual(['a']);
      expect(await all({ max_create_revision: first, limit: 1 })).toMatchObject({ more: false, count: '2' });
    });

    it('reads a past revision', async () => {
      const first = await revision(put('a', '1'));
      await put('a', '2');
      await api.deleteRange({ key: key('a') });
      const at = (offset: number): Promise<Answer> => all({ revision: first + offset });
      expect((await at(-1)).kvs).toEqual([]);
      expect((await at(0)).kvs).toMatchObject([{ value: '1', version: '1' }]);
      expect((await at(1)).kvs).toMatchObject([{ value: '2', version: '2' }]);
      expect(await at(2)).toMatchObject({ kvs: [], header: { revision: `${first + 2}` } });
      expect((await all({ revision: -1 })).kvs).toEqual([]);
      expect((await all({ revision: first, serializable: true })).kvs).toMatchObject([{ value: '1' }]);
    });

    it('refuses a revision to come, and no key', async () => {
      await expect(all({ revision: (await present()) + 1 })).rejects.toMatchObject({
        code: 11,
        details: 'etcdserver: mvcc: required revision is a future revision',
      });
      await expect(api.range({})).rejects.toMatchObject({
        code: 3,
        details: 'etcdserver: key is not provided',
      });
    });
  });

  describe('delete', () => {
    it('makes one revision of an interval, and none of nothing', async () => {
      for (const name of ['a', 'b', 'c']) await put(name, name);
      const before = await present();
      const answer = await api.deleteRange({ key: key('a'), range_end: key('c'), prev_kv: true });
      expect(answer).toMatchObject({
        header: { revision: `${before + 1}` },
        deleted: '2',
        prev_kvs: [{ value: 'a' }, { value: 'b' }],
      });
      expect(await api.deleteRange({ key: key('a'), range_end: key('c') })).toMatchObject({
        header: { revision: `${before + 1}` },
        deleted: '0',
        prev_kvs: [],
      });
      expect(await names(all())).toEqual(['c']);
    });

    it('deletes all from a key on', async () => {
      await api.put({ key: '\xff\xff1', value: '' });
      await api.put({ key: '\xff\xff2', value: '' });
      expect(await api.deleteRange({ key: '\xff\xff', range_end: '\0' })).toMatchObject({ deleted: '2' });
    });

    it('refuses no key', async () => {
      await expect(api.deleteRange({})).rejects.toMatchObject({ details: 'etcdserver: key is not provided' });
    });
  });

  describe('txn', () => {
    const putOp = (name: string, value = ''): Question => ({ request_put: { key: key(name), value } });
    const deleteOp = (name: string, end?: string): Question => ({
      request_delete_range: {
        key: key(name),
        range_end: end === undefined ? undefined : end === '\0' ? end : key(end),
      },
    });
    const rangeOp = (name: string, more: Question = {}): Question => ({
      request_range: { key: key(name), ...more },
    });

    it('runs the one branch or the other, as one revision', async () => {
      const before = await present();
      const request = {
        compare: [cmp('a', { target: 0, version: 0 })],
        success: [putOp('a', '1'), putOp('b', '1')],
        failure: [rangeOp('a'), rangeOp('b')],
      };
      expect(await api.txn(request)).toMatchObject({
        succeeded: true,
        header: { revision: `${before + 1}` },
      });
      expect(await api.txn(request)).toMatchObject({
        succeeded: false,
        header: { revision: `${before + 1}` },
        responses: [
          { response_range: { kvs: [kv('a', '1', { create: before + 1, mod: before + 1, version: 1 })] } },
          { response_range: { kvs: [kv('b', '1', { create: before + 1, mod: before + 1, version: 1 })] } },
        ],
      });
    });

    it('sees its own changes, in order, and answers each with a header of a revision only', async () => {
      await put('d', '');
      const before = await present();
      const answer = await api.txn({
        success: [rangeOp('a'), putOp('a', '1'), rangeOp('a'), deleteOp('d'), rangeOp('d'), deleteOp('d')],
      });
      expect(answer).toMatchObject({
        header: { revision: `${before + 1}` },
        responses: [
          { response_range: { header: { revision: `${before}` }, count: '0' } },
          { response_put: { header: { revision: `${before + 1}` } } },
          { response_range: { header: { revision: `${before + 1}` }, count: '1', kvs: [{ value: '1' }] } },
          { response_delete_range: { header: { revision: `${before + 1}` }, deleted: '1' } },
          { response_range: { count: '0' } },
          { response_delete_range: { deleted: '0' } },
        ],
      });
    });

    it('makes no revision if it changes nothing', async () => {
      const before = await present();
      expect(await api.txn({ success: [deleteOp('none')] })).toMatchObject({
        succeeded: true,
        header: { revision: `${before}` },
      });
      expect(await api.txn({})).toMatchObject({
        succeeded: true,
        header: { revision: `${before}` },
        responses: [],
      });
    });

    it.each<[string, Question, [equal: boolean, greater: boolean, less: boolean, notEqual: boolean]]>([
      ['value', { target: 3, value: 'm' }, [true, false, false, false]],
      ['a smaller value', { target: 3, value: 'a' }, [false, true, false, true]],
      ['a greater value', { target: 3, value: 'z' }, [false, false, true, true]],
      ['version', { target: 0, version: 2 }, [true, false, false, false]],
      ['a version below', { target: 0, version: 1 }, [false, true, false, true]],
      ['a version above', { target: 0, version: 3 }, [false, false, true, true]],
      ['lease', { target: 4, lease: 0 }, [true, false, false, false]],
      ['mod revision 0', { target: 2, mod_revision: 0 }, [false, true, false, true]],
      ['create revision 0', { target: 1, create_revision: 0 }, [false, true, false, true]],
      ['a huge mod revision', { target: 2, mod_revision: 2n ** 62n }, [false, false, true, true]],
    ])('compares %s', async (_what, compare, outcomes) => {
      await put('k', '');
      await put('k', 'm');
      for (const [result, expected] of outcomes.entries()) {
        const { succeeded } = await api.txn({ compare: [cmp('k', { ...compare, result })] });
        expect([result, succeeded]).toEqual([result, expected]);
      }
    });

    it('compares every key of an interval', async () => {
      await put('a', '1');
      await put('b', '2');
      const holds = async (compare: Question): Promise<unknown> =>
        (await api.txn({ compare: [compare] })).succeeded;
      const ab = { key: key('a'), range_end: key('c') };
      expect(await holds({ ...ab, target: 0, result: 0, version: 1 })).toBe(true);
      expect(await holds({ ...ab, target: 3, result: 0, value: '1' })).toBe(false);
      expect(await holds({ ...ab, target: 3, result: 3, value: '3' })).toBe(true);
      expect(await holds({ key: key('x'), range_end: key('z'), target: 0, result: 0, version: 0 })).toBe(
        true,
      );
      expect(await holds({ key: key('x'), target: 3, result: 3, value: 'v' })).toBe(false);
    });

    it('compares for all transactions in it before it changes anything', async () => {
      const nested = {
        request_txn: {
          compare: [cmp('a', { target: 0, version: 0 })],
          success: [putOp('then')],
          failure: [putOp('else')],
        },
      };
      const before = await present();
      const answer = await api.txn({ success: [putOp('a'), nested, rangeOp('a')] });
      expect(answer).toMatchObject({
        responses: [
          { response_put: { header: { revision: `${before + 1}` } } },
          { response_txn: { header: { revision: '0' }, succeeded: true } },
          { response_range: { count: '1' } },
        ],
      });
      expect(await names(all())).toEqual(['a', 'then']);
    });

    it('changes nothing if one of its operations cannot be done', async () => {
      const before = await present();
      const refused = async (success: Question[], code: number, details: string): Promise<void> => {
        await expect(api.txn({ success })).rejects.toMatchObject({ code, details });
        expect(await present()).toBe(before);
        expect(await names(all())).toEqual([]);
      };
      const withLease = { request_put: { key: key('b'), lease: 4242 } };
      await refused([putOp('a'), withLease], 5, 'etcdserver: requested lease not found');
      const ignoring = { request_put: { key: key('b'), ignore_value: true } };
      await refused([putOp('a'), ignoring], 3, 'etcdserver: key not found');
      const future = rangeOp('b', { revision: before + 1 });
      await refused([putOp('a'), future], 11, 'etcdserver: mvcc: required revision is a future revision');
    });

    it('is not refused for the branch that does not run', async () => {
      const withLease = { request_put: { key: key('b'), lease: 4242 } };
      expect(await api.txn({ success: [putOp('a')], failure: [withLease] })).toMatchObject({
        succeeded: true,
      });
    });

    const many = (count: number): Question[] => Array.from({ length: count }, (_, i) => rangeOp(`${i}`));
    it.each<[string, () => Question, number, string]>([
      ['129 operations', () => ({ success: many(129) }), 3, 'etcdserver: too many operations in txn request'],
      [
        '129 comparisons',
        () => ({ compare: many(129).map(() => cmp('a', {})) }),
        3,
        'etcdserver: too many operations in txn request',
      ],
      [
        'a nested transaction beyond what is left of the limit',
        () => ({ success: [...many(100), { request_txn: { success: many(28) } }] }),
        3,
        'etcdserver: too many operations in txn request',
      ],
      ['a comparison of no key', () => ({ compare: [{ key: '' }] }), 3, 'etcdserver: key is not provided'],
      [
        'an operation on no key',
        () => ({ success: [{ request_put: {} }] }),
        3,
        'etcdserver: key is not provided',
      ],
      ['an operation that is none', () => ({ success: [{}] }), 3, 'etcdserver: key not found'],
      ['a key put twice', () => ({ success: [putOp('a'), putOp('a')] }), 3, DUPLICATE],
      ['a key put and deleted', () => ({ success: [putOp('a'), deleteOp('a')] }), 3, DUPLICATE],
      [
        'a key put inside of a deleted interval',
        () => ({ success: [putOp('b'), deleteOp('a', 'c')] }),
        3,
        DUPLICATE,
      ],
      ['a key put twice in the other branch', () => ({ failure: [putOp('a'), putOp('a')] }), 3, DUPLICATE],
      [
        'a key put in a nested transaction, too',
        () => ({ success: [putOp('a'), { request_txn: { success: [putOp('a')] } }] }),
        3,
        DUPLICATE,
      ],
      [
        'a key put in two nested transactions',
        () => ({
          success: [{ request_txn: { success: [putOp('a')] } }, { request_txn: { failure: [putOp('a')] } }],
        }),
        3,
        DUPLICATE,
      ],
      [
        'a key deleted in a nested transaction',
        () => ({ success: [{ request_txn: { failure: [deleteOp('a')] } }, putOp('a')] }),
        3,
        DUPLICATE,
      ],
    ])('refuses %s', async (_what, request, code, details) => {
      await expect(api.txn(request())).rejects.toMatchObject({ code, details });
    });

    it.each<[string, () => Question]>([
      ['128 operations', () => ({ success: many(128), failure: many(128) })],
      ['a key deleted twice', () => ({ success: [deleteOp('a'), deleteOp('a', 'c')] })],
      ['a put beside a deleted interval', () => ({ success: [putOp('c'), deleteOp('a', 'c')] })],
      [
        'a key put in both branches of a nested transaction',
        () => ({ success: [{ request_txn: { success: [putOp('a')], failure: [putOp('a')] } }] }),
      ],
      // etcd's check takes the zero byte of "all from here on" for an end like any other.
      [
        'a put above a delete of all from a key on',
        () => ({ success: [deleteOp('zz', '\0'), putOp('zzz')] }),
      ],
      [
        'a put in a nested transaction before a delete in another',
        () => ({
          success: [
            { request_txn: { success: [putOp('a')] } },
            { request_txn: { success: [deleteOp('a')] } },
          ],
        }),
      ],
    ])('allows %s', async (_what, request) => {
      await expect(api.txn(request())).resolves.toMatchObject({ succeeded: true });
    });
  });

  describe('compaction', () => {
    it('keeps the present and what comes after, and refuses what lies before', async () => {
      const first = await revision(put('a', '1'));
      await put('a', '2');
      await put('b', '1');
      await api.deleteRange({ key: key('b') });
      await put('c', '1');
      expect(await revision(api.compact({ revision: first + 3, physical: true }))).toBe(first + 4);
      await expect(all({ revision: first + 2 })).rejects.toMatchObject({
        code: 11,
        details: 'etcdserver: mvcc: required revision has been compacted',
      });
      await expect(
        api.txn({ success: [{ request_range: { key: key('a'), revision: first + 2 } }] }),
      ).rejects.toMatchObject({ details: 'etcdserver: mvcc: required revision has been compacted' });
      expect(await names(all({ revision: first + 3 }))).toEqual(['a']);
      expect((await all()).kvs).toMatchObject([{ value: '2', version: '2' }, { value: '1' }]);
      expect((await put('a', '3', { prev_kv: true })).prev_kv).toMatchObject({ value: '2', version: '2' });
    });

    it('refuses a revision that is compacted or to come', async () => {
      const now = await revision(put('a', '1'));
      await api.compact({ revision: now });
      await expect(api.compact({ revision: now })).rejects.toMatchObject({
        code: 11,
        details: 'etcdserver: mvcc: required revision has been compacted',
      });
      await expect(api.compact({ revision: now + 1 })).rejects.toMatchObject({
        code: 11,
        details: 'etcdserver: mvcc: required revision is a future revision',
      });
    });
  });

  function kv(name: string, value: string, at: { create: number; mod: number; version: number }): Question {
    return {
      key: key(name),
      value,
      create_revision: `${at.create}`,
      mod_revision: `${at.mod}`,
      version: `${at.version}`,
      lease: '0',
    };
  }
});
