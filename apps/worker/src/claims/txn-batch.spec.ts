import { OrbweaverError } from '@app/errors';
import { compare, op, type Transaction, type TxnResult } from '@app/etcd';
import { TxnBatch, type SmallTxn } from './txn-batch.js';

/** Takes one transaction at a time, and answers when it is told to. */
class FakeEtcd {
  readonly txns: Transaction[] = [];
  #answers: ((answer: boolean | Error) => void)[] = [];

  txn(txn: Transaction): Promise<TxnResult> {
    this.txns.push(txn);
    return new Promise((resolve, reject) => {
      this.#answers.push((answer) => {
        if (answer instanceof Error) reject(answer);
        else resolve({ succeeded: answer, revision: 7n, responses: [] });
      });
    });
  }

  async answer(...answers: (boolean | Error)[]): Promise<void> {
    for (const answer of answers) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#answers.shift()?.(answer);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  get keys(): string[][] {
    return this.txns.map(({ success = [] }) => success.map(({ key }) => key));
  }
}

const put = (key: string): SmallTxn => ({
  compare: [compare.version(key, '=', 0n)],
  success: [op.put(key, '')],
  failure: [],
});

describe('a batch of small transactions', () => {
  let etcd: FakeEtcd;
  let batch: TxnBatch;
  beforeEach(() => {
    etcd = new FakeEtcd();
    batch = new TxnBatch(etcd);
  });

  it('sends together what came while another was under way', async () => {
    const all = ['a', 'b'].map((key) => batch.submit(put(key)));
    await etcd.answer();
    all.push(...['c', 'd'].map((key) => batch.submit(put(key))));
    await etcd.answer(true, true);
    expect(etcd.keys).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(await Promise.all(all)).toEqual(all.map(() => ({ succeeded: true, revision: 7n, found: [] })));
  });

  it('never exceeds what etcd takes in one', async () => {
    const all = Array.from({ length: 300 }, (_, index) => batch.submit(put(`${index}`)));
    await etcd.answer(true, true, true);
    await Promise.all(all);
    expect(etcd.txns.map(({ compare: compares }) => compares?.length)).toEqual([128, 128, 44]);
  });

  it('sends each alone when one of them does not hold', async () => {
    const all = ['a', 'b'].map((key) => batch.submit(put(key)));
    await etcd.answer(false, false, true);
    expect((await Promise.all(all)).map(({ succeeded }) => succeeded)).toEqual([false, true]);
  });

  it('sends each alone when one is of a lease that is over', async () => {
    const all = ['a', 'b'].map((key) => batch.submit(put(key)));
    const lost = new OrbweaverError('LEASE_LOST', 'requested lease not found');
    const outcomes = Promise.allSettled(all);
    await etcd.answer(lost, lost, true);
    expect(await outcomes).toMatchObject([{ reason: lost }, { value: { succeeded: true } }]);
  });

  it('tells everyone that nothing is known, and goes on', async () => {
    const all = ['a', 'b'].map((key) => batch.submit(put(key)));
    const gone = new OrbweaverError('ETCD_UNAVAILABLE', 'no answer');
    const outcomes = Promise.allSettled(all);
    await etcd.answer(gone);
    expect(await outcomes).toMatchObject([{ reason: gone }, { reason: gone }]);
    const next = batch.submit(put('c'));
    await etcd.answer(true);
    await expect(next).resolves.toMatchObject({ succeeded: true });
  });

  it('does not put two writes of one key into one', async () => {
    const all = ['a', 'b', 'a'].map((key) => batch.submit(put(key)));
    await etcd.answer(true, true);
    await Promise.all(all);
    expect(etcd.keys).toEqual([['a', 'b'], ['a']]);
  });
});
