import { OrbweaverError } from '@app/errors';
import { compare, MAX_TXN_OPS, op, type KeyValue, type Transaction, type TxnResult } from '@app/etcd';
import { settled, until } from '../../../../test/support/until.js';
import { Committer, type CommitterOptions, type TxnPort, type Write } from './committer.js';

describe('Committer', () => {
  it('writes what is submitted in one turn in one transaction and tells each its revision', async () => {
    const { committer, store } = setUp();
    const outcomes = await Promise.all([committer.submit(put('a')), committer.submit(put('b'))]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['committed', 'committed']);
    expect(store.transactions).toHaveLength(1);
    expect(store.value('a')).toBe('a');
  });

  it('never exceeds what etcd takes in one transaction, in operations, compares and bytes', async () => {
    const { committer, store } = setUp();
    const small = Array.from({ length: 500 }, (_, i) => committer.submit(put(`n${i}`, 3)));
    const big = Array.from({ length: 12 }, (_, i) => committer.submit(put(`b${i}`, 1, 'x'.repeat(200_000))));
    await Promise.all([...small, ...big]);
    for (const transaction of store.transactions) {
      expect(transaction.success?.length).toBeLessThanOrEqual(MAX_TXN_OPS);
      expect(transaction.compare?.length).toBeLessThanOrEqual(MAX_TXN_OPS);
      const bytes = (transaction.success ?? []).map((each) => (each.type === 'put' ? each.value.length : 0));
      expect(bytes.reduce((sum, length) => sum + length, 0)).toBeLessThan(1_500_000);
    }
    expect(store.size).toBe(1500 + 12);
  });

  it('sends full transactions side by side up to its limit and holds back one that is not full', async () => {
    const { committer, store } = setUp({ maxInFlight: 3 });
    store.hold();
    const all = Array.from({ length: 4 * MAX_TXN_OPS + 5 }, (_, i) => committer.submit(put(`n${i}`)));
    await until(() => store.transactions.length === 3, { what: 'three are under way' });
    store.release();
    await Promise.all(all);
    expect(store.mostAtOnce).toBe(3);
    expect(store.transactions.at(-1)?.success).toHaveLength(5 + 4);
  });

  it('tells a write whose record was changed what is there, and writes the rest of its transaction', async () => {
    const { committer, store } = setUp();
    store.put('taken', 'by another');
    const [first, taken, last] = await Promise.all([
      committer.submit(put('first')),
      committer.submit(put('taken')),
      committer.submit(put('last')),
    ]);
    expect(taken).toMatchObject({ kind: 'conflict', found: [{ value: 'by another' }] });
    expect([first.kind, last.kind]).toEqual(['committed', 'committed']);
    expect(store.value('taken')).toBe('by another');
  });

  it('leads no more once its guard is refused: every caller is sent elsewhere and nothing more is sent', async () => {
    const { committer, store, lost } = setUp({ maxInFlight: 1 });
    store.hold();
    const sent = committer.submit(put('sent'));
    await until(() => store.transactions.length === 1, { what: 'the first is under way' });
    const queued = committer.submit(put('queued'));
    store.delete(LEADER);
    store.release();
    await expect(sent).rejects.toMatchObject({ code: 'NOT_LEADER', retry: 'elsewhere' });
    await expect(queued).rejects.toMatchObject({ code: 'NOT_LEADER' });
    await expect(committer.submit(put('late'))).rejects.toMatchObject({ code: 'NOT_LEADER' });
    expect(lost).toHaveLength(1);
    expect(store.transactions).toHaveLength(1);
    expect(store.size).toBe(0);
  });

  it('notices a lost leadership while it finds out why a write was refused', async () => {
    const { committer, store, lost } = setUp();
    store.put('taken', 'by another');
    store.onTransaction = (count) => count === 2 && store.delete(LEADER);
    await expect(committer.submit(put('taken'))).rejects.toMatchObject({ code: 'NOT_LEADER' });
    expect(lost).toHaveLength(1);
  });

  it('rejects what waits when the leadership ends, and still tells the truth of what was sent', async () => {
    const { committer, store, leadership } = setUp({ maxInFlight: 1 });
    store.hold();
    const sent = committer.submit(put('sent'));
    await until(() => store.transactions.length === 1, { what: 'the first is under way' });
    const queued = committer.submit(put('queued'));
    leadership.abort();
    await expect(queued).rejects.toMatchObject({ code: 'NOT_LEADER' });
    store.release();
    await expect(sent).resolves.toMatchObject({ kind: 'committed' });
  });

  it('passes on that an outcome is unknown and goes on with the next', async () => {
    const { committer, store } = setUp();
    store.onTransaction = (count) => {
      if (count === 1) throw new OrbweaverError('ETCD_UNAVAILABLE', 'no answer');
    };
    await expect(committer.submit(put('a'))).rejects.toMatchObject({ code: 'ETCD_UNAVAILABLE' });
    await expect(committer.submit(put('a'))).resolves.toMatchObject({ kind: 'committed' });
  });

  it('refuses more than it may hold', async () => {
    const { committer, store } = setUp({ maxWaiting: 2 });
    store.hold();
    const waiting = [committer.submit(put('a')), committer.submit(put('b'))];
    await expect(committer.submit(put('c'))).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    store.release();
    await Promise.all(waiting);
  });

  it('reads as freshly as it writes, and not at all when another leads', async () => {
    const { committer, store } = setUp();
    store.put('a', '1');
    const [a, b] = await committer.read('a', 'b');
    expect([a?.value, b]).toEqual(['1', undefined]);
    store.delete(LEADER);
    await expect(committer.read('a')).rejects.toMatchObject({ code: 'NOT_LEADER' });
  });

  it('closes once all it took is written, and takes nothing more', async () => {
    const { committer, store } = setUp();
    const write = committer.submit(put('a'));
    await settled(committer.close(), { what: 'the committer is closed' });
    expect(store.value('a')).toBe('a');
    await write;
    await expect(committer.submit(put('b'))).rejects.toMatchObject({ code: 'NOT_LEADER' });
  });
});

const LEADER = '/resources/election/1';

function put(name: string, ops = 1, value = name): Write {
  const keys = Array.from({ length: ops }, (_, i) => (i === 0 ? name : `${name}#${i}`));
  return { expects: [{ key: name, modRevision: 0n }], ops: keys.map((key) => op.put(key, value)) };
}

function setUp(options: CommitterOptions = {}) {
  const store = new FakeStore();
  const term = store.put(LEADER, 'master1');
  const leadership = new AbortController();
  const lost: unknown[] = [];
  const committer = new Committer(
    store,
    {
      key: LEADER,
      term,
      guard: compare.createRevision(LEADER, '=', term),
      signal: leadership.signal,
      lose: (cause) => {
        lost.push(cause);
        leadership.abort(cause);
      },
    },
    options,
  );
  return { store, committer, leadership, lost };
}

/** The transactions of etcd, in memory; can be held up. */
class FakeStore implements TxnPort {
  readonly transactions: Transaction[] = [];
  mostAtOnce = 0;
  onTransaction: ((count: number) => unknown) | undefined;
  private readonly keys = new Map<string, KeyValue>();
  private revision = 10n;
  private atOnce = 0;
  private gate: Promise<void> = Promise.resolve();
  private open: () => void = () => undefined;

  get size(): number {
    return [...this.keys.keys()].filter((key) => key !== LEADER).length;
  }

  value(key: string): string | undefined {
    return this.keys.get(key)?.value;
  }

  put(key: string, value: string): bigint {
    this.set(key, value, ++this.revision);
    return this.revision;
  }

  delete(key: string): void {
    this.revision++;
    this.keys.delete(key);
  }

  hold(): void {
    this.gate = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  release(): void {
    this.open();
  }

  async txn(transaction: Transaction): Promise<TxnResult> {
    this.transactions.push(transaction);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    await this.gate;
    this.atOnce--;
    this.onTransaction?.(this.transactions.length);
    const succeeded = (transaction.compare ?? []).every((each) => {
      const present = this.keys.get(each.key);
      const revisions = { createRevision: present?.createRevision, modRevision: present?.modRevision };
      return (revisions[each.target as 'modRevision'] ?? 0n) === each.operand;
    });
    const ops = (succeeded ? transaction.success : transaction.failure) ?? [];
    if (ops.some(({ type }) => type === 'put')) this.revision++;
    return {
      succeeded,
      revision: this.revision,
      responses: ops.map((each) => {
        if (each.type === 'put') {
          this.set(each.key, each.value, this.revision);
          return { type: 'put' };
        }
        const present = this.keys.get(each.key);
        return { type: 'get', kvs: present === undefined ? [] : [present] };
      }),
    };
  }

  private set(key: string, value: string, revision: bigint): void {
    const createRevision = this.keys.get(key)?.createRevision ?? revision;
    this.keys.set(key, {
      key,
      value,
      createRevision,
      modRevision: revision,
      version: 1n,
      leaseId: 0n,
    });
  }
}
