import { Election, type Leadership } from '@app/election';
import { EtcdClient, Session } from '@app/etcd';
import { createLogger } from '@app/observability';
import { keys } from '@app/resources';
import { describeWithEtcd, startEtcd, type EtcdServer } from '../../../../test/support/etcd.js';
import { startProxy } from '../../../../test/support/proxy.js';
import { until } from '../../../../test/support/until.js';
import { decodeTermEnd, type TermEnd } from './term-record.js';
import { Terms } from './terms.js';

describeWithEtcd('why a term ended', () => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  let election: Election;
  let end: AbortController;
  let round = 0;
  const logger = createLogger({ name: 'test', level: 'error' });

  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  beforeEach(async () => {
    await client.deletePrefix(keys.terms);
    election = new Election(client, { prefix: `/election-${++round}` });
    end = new AbortController();
  });
  afterEach(() => end.abort());
  afterAll(async () => {
    client.close();
    await etcd.stop();
  });

  const follow = (): Terms => {
    const terms = new Terms(client, logger);
    void terms.run(end.signal);
    return terms;
  };
  const lead = async (value: string): Promise<{ session: Session; leadership: Leadership }> => {
    const session = await Session.open(client, { ttlMs: 60_000 });
    return { session, leadership: await election.campaign(session, value, end.signal) };
  };
  const told = async (): Promise<TermEnd | undefined> =>
    decodeTermEnd((await client.get(keys.termEnd))?.value ?? '');

  it('is said by who resigns, in the transaction that ends it, and every master tells it', async () => {
    const masters = [follow(), follow()];
    const { session, leadership } = await lead('a');
    await leadership.resign([masters[0]!.resignation(leadership, 'It was stopped.')]);
    for (const terms of [...masters, follow()]) {
      expect(await terms.endOf(leadership.term, 30_000)).toMatchObject({
        value: 'a',
        cause: 'resigned',
        reason: 'It was stopped.',
      });
    }
    await session.close();
  });

  it('is found out by those who see it end without a word: its lease is gone', async () => {
    const { session, leadership } = await lead('a');
    await session.close();
    await Promise.all([1, 2, 3].map(() => follow().settle(leadership)));
    expect(await told()).toMatchObject({ value: 'a', term: leadership.term, cause: 'lease expired' });
    expect((await client.get(keys.termEnd))!.version).toBe(1n);
  });

  it('is found out by those who see it end without a word: somebody deleted its key', async () => {
    const { session, leadership } = await lead('a');
    await etcd.etcdctl('del', leadership.key);
    await until(() => leadership.signal.aborted, { what: 'the leader knows' });
    // As a leader that lives does it: first its account, then its lease goes.
    await follow().lost(leadership);
    await session.close();
    await follow().settle(leadership);
    expect(await told()).toMatchObject({ value: 'a', cause: 'key deleted' });
  });

  it('is corrected by a leader that was only cut off, when it is back', async () => {
    const proxy = await startProxy(etcd.endpoint);
    const cutOff = new EtcdClient({ endpoints: [proxy.endpoint] });
    try {
      const session = await Session.open(cutOff, { ttlMs: 3_000, keepAliveIntervalMs: 200 });
      const old = await new Election(cutOff, { prefix: election.prefix }).campaign(
        session,
        'old',
        end.signal,
      );
      proxy.stall();
      const { leadership, session: next } = await lead('new');
      await until(() => old.signal.aborted, { what: 'the old leader knows' });
      await follow().settle(old);
      expect(await told()).toMatchObject({ cause: 'lease expired', reason: expect.stringMatching(/died/) });
      proxy.heal();
      await follow().lost(old);
      expect(await told()).toMatchObject({
        value: 'old',
        cause: 'lease expired',
        reason: expect.stringMatching(/^Its lease expired: etcd did not answer it in time/),
      });
      await leadership.resign();
      await next.close();
    } finally {
      cutOff.close();
      await proxy.close();
    }
  });

  it('is not said of a leader that still leads, nor of a term before the last that ended', async () => {
    const first = await lead('a');
    await first.session.close();
    const second = await lead('b');
    await follow().settle(second.leadership);
    expect(await told()).toBeUndefined();
    await second.session.close();
    await follow().settle(second.leadership);
    await follow().settle(first.leadership);
    expect(await told()).toMatchObject({ value: 'b' });
  });

  it('is found out by the next leader when nobody was there to see it', async () => {
    const first = await lead('a');
    await follow().began(first.leadership);
    await first.session.close();
    const second = await lead('b');
    const terms = follow();
    await terms.began(second.leadership);
    expect(await terms.endOf(first.leadership.term, 30_000)).toMatchObject({ value: 'a' });
    await until(() => terms.present.value?.term === second.leadership.term, {
      what: 'the new term is known',
    });
    expect(terms.present.value?.value).toBe('b');
    await second.session.close();
  });

  it('is not known when what stands there is not ours', async () => {
    await client.put(keys.termEnd, '{"term":"many"}');
    await client.put(keys.presentTerm, '[]');
    const { session, leadership } = await lead('a');
    await follow().began(leadership);
    await session.close();
    await follow().settle(leadership);
    expect(await told()).toMatchObject({ value: 'a', cause: 'lease expired' });
  });
});
