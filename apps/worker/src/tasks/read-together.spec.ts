import { OrbweaverError } from '@app/errors';
import type { Transaction, TxnResult } from '@app/etcd';
import { ReadTogether } from './read-together.js';

/** Knows every key that is no `missing`; its value is the key in capitals. */
class FakeEtcd {
  readonly sizes: number[] = [];
  broken = false;

  async txn({ success = [] }: Transaction): Promise<TxnResult> {
    this.sizes.push(success.length);
    await new Promise((resolve) => setImmediate(resolve));
    if (this.broken) throw new OrbweaverError('ETCD_UNAVAILABLE', 'no answer');
    const kv = { createRevision: 1n, modRevision: 1n, version: 1n, leaseId: 0n };
    const responses = success.map(({ key }) => ({
      type: 'get' as const,
      kvs: key === 'missing' ? [] : [{ ...kv, key, value: key.toUpperCase() }],
    }));
    return { succeeded: true, revision: 1n, responses };
  }
}

describe('reads together', () => {
  it('give each its own values, in the order of its keys', async () => {
    const reader = new ReadTogether(new FakeEtcd());
    expect(await Promise.all([reader.read(['a', 'missing']), reader.read(['b', 'a'])])).toEqual([
      ['A', undefined],
      ['B', 'A'],
    ]);
  });

  it('take few transactions for many, each within what etcd allows', async () => {
    const etcd = new FakeEtcd();
    const reader = new ReadTogether(etcd);
    const reads = Array.from({ length: 10_000 }, (_, index) =>
      reader.read([`spec-${index}`, `control-${index}`]),
    );
    expect((await Promise.all(reads)).at(-1)).toEqual(['SPEC-9999', 'CONTROL-9999']);
    expect(etcd.sizes).toHaveLength(Math.ceil(20_000 / 128));
    expect(Math.max(...etcd.sizes)).toBe(128);
  });

  it('fail together when etcd is away, and work again when it is back', async () => {
    const etcd = new FakeEtcd();
    const reader = new ReadTogether(etcd);
    etcd.broken = true;
    const both = await Promise.allSettled([reader.read(['a']), reader.read(['b'])]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    etcd.broken = false;
    expect(await reader.read(['a'])).toEqual(['A']);
  });
});
