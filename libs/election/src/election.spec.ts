import { once } from 'node:events';
import { EtcdClient, op, Session } from '@app/etcd';
import { describeWithEtcd, startEtcd, type EtcdServer } from '../../../test/support/etcd.js';
import { startProxy } from '../../../test/support/proxy.js';
import { settled, until } from '../../../test/support/until.js';
import { Election, type Leader, type Leadership } from './index.js';

describeWithEtcd('an election, on a real etcd', () => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  let election: Election;
  let end: AbortController;
  let sessions: Session[];
  let round = 0;
  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint], requestTimeoutMs: 2_000 });
  });
  beforeEach(() => {
    election = new Election(client, { prefix: `/election-${++round}` });
    end = new AbortController();
    sessions = [];
  });
  afterEach(async () => {
    end.abort();
    await Promise.all(sessions.map((session) => session.close()));
  });
  afterAll(async () => {
    client.close();
    await etcd.stop();
  });

  const session = async (ttlMs = 60_000, by = client): Promise<Session> => {
    const opened = await Session.open(by, { ttlMs });
    sessions.push(opened);
    return opened;
  };
  /** A candidate in the line: its key is there when this resolves. */
  const candidate = async (name: string, own?: Session, by = election) => {
    const held = own ?? (await session());
    const won = by.campaign(held, name, end.signal);
    won.catch(() => {}); // looked at by the tests that expect it
    const key = `${election.prefix}/${held.leaseId.toString(16)}`;
    await until(() => client.get(key), { what: `${name} stands in the line` });
    return { session: held, key, won };
  };
  const win = (won: Promise<Leadership>): Promise<Leadership> => settled(won, { what: 'the win' });
  const isPending = async (won: Promise<unknown>): Promise<boolean> =>
    (await Promise.race([won.then(() => false), client.count('/').then(() => true)])) && true;
  const fired = (signal: AbortSignal): Promise<unknown> =>
    settled<unknown>(signal.aborted ? Promise.resolve() : once(signal, 'abort'), {
      what: 'the end of the leadership',
    });

  it('the first candidate leads under its lease in lowercase hex, with the create revision as its term', async () => {
    const first = await candidate('master1-10.0.0.1:9091');
    const leadership = await win(first.won);
    const kv = await client.get(first.key);
    expect(leadership).toMatchObject({
      key: first.key,
      value: 'master1-10.0.0.1:9091',
      term: kv!.createRevision,
    });
    expect(kv!.leaseId).toBe(first.session.leaseId);
    expect(await election.leader()).toEqual({ key: first.key, value: kv!.value, term: kv!.createRevision });
  });

  it('of three candidates one leads at a time, in the order in which they came, each term above the last', async () => {
    const line = [await candidate('a'), await candidate('b'), await candidate('c')];
    const terms: bigint[] = [];
    for (const [place, { won }] of line.entries()) {
      const leadership = await win(won);
      for (const later of line.slice(place + 1)) expect(await isPending(later.won)).toBe(true);
      terms.push(leadership.term);
      await leadership.resign();
      expect(leadership.signal.reason).toMatchObject({ code: 'NOT_LEADER' });
    }
    expect(terms).toEqual([...new Set(terms)].sort((a, b) => Number(a - b)));
    expect(await election.leader()).toBeUndefined();
  });

  it('a candidate in the middle that leaves does not make the one behind it lead', async () => {
    const [first, middle, last] = [await candidate('a'), await candidate('b'), await candidate('c')];
    const leadership = await win(first.won);
    await middle.session.close();
    await expect(middle.won).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await isPending(last.won)).toBe(true);
    await leadership.resign();
    expect((await win(last.won)).value).toBe('c');
  });

  it('a candidate that gives up takes its key out of the line', async () => {
    const first = await candidate('a');
    await win(first.won);
    const giveUp = new AbortController();
    const held = await session();
    const campaign = election.campaign(held, 'b', giveUp.signal);
    await until(async () => (await client.count(`${election.prefix}/`)) === 2, {
      what: 'b stands in the line',
    });
    giveUp.abort();
    await expect(campaign).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await client.count(`${election.prefix}/`)).toBe(1);
    expect(held.alive()).toBe(true);
  });

  it('a candidate whose lease died is not elected when the older key goes', async () => {
    const first = await candidate('a');
    const leadership = await win(first.won);
    const second = await candidate('b');
    // Its lease goes behind its back: its own clock still gives it a minute.
    await etcd.etcdctl('lease', 'revoke', second.session.leaseId.toString(16));
    await leadership.resign();
    await expect(settled(second.won, { what: 'the refusal' })).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await election.leader()).toBeUndefined();
  });

  it('a candidate whose key was deleted by hand stands again, at the end of the line', async () => {
    const first = await candidate('a');
    const leadership = await win(first.won);
    const second = await candidate('b');
    const third = await candidate('c');
    await client.delete(second.key);
    await leadership.resign();
    const next = await win(third.won);
    expect(next.value).toBe('c');
    await next.resign();
    expect((await win(second.won)).value).toBe('b');
  });

  it('a leader that is cut off ends its leadership before the next one can begin', async () => {
    const proxy = await startProxy(etcd.endpoint);
    const cutOff = new EtcdClient({ endpoints: [proxy.endpoint] });
    try {
      const own = await Session.open(cutOff, { ttlMs: 3_000 });
      const old = await win(
        new Election(cutOff, { prefix: election.prefix }).campaign(own, 'old', end.signal),
      );
      const next = await candidate('new');
      proxy.stall();
      // By its clock: in a process that stood still, its timer and the news of the next leader come at once.
      const isOverFirst = win(next.won).then(() => !own.alive());
      await fired(old.signal);
      expect(await isOverFirst).toBe(true);
      expect((await next.won).term).toBeGreaterThan(old.term);
    } finally {
      cutOff.close();
      await proxy.close();
    }
  });

  it('the fence refuses a deposed leader that believes in itself, to the last write', async () => {
    const first = await candidate('a');
    const deposed = await win(first.won);
    const second = await candidate('b');
    await etcd.etcdctl('del', first.key);
    const current = await win(second.won);
    const write = (by: Leadership, value: string) =>
      client.txn({
        compare: [by.guard],
        success: [op.put(`fenced-${round}`, value)],
        failure: [op.get(by.key)],
      });
    expect(await write(deposed, 'too late')).toMatchObject({ succeeded: false });
    expect(await write(current, 'in time')).toMatchObject({ succeeded: true });
    expect(await write(deposed, 'far too late')).toMatchObject({ succeeded: false });
    expect((await client.get(`fenced-${round}`))?.value).toBe('in time');
    // Standing again under the same lease and key does not make the old guard hold.
    await client.txn({ success: [op.put(first.key, 'a', { leaseId: first.session.leaseId })] });
    expect(await write(deposed, 'never')).toMatchObject({ succeeded: false });
  });

  it('a leader whose key is deleted by hand learns of it without writing', async () => {
    const first = await candidate('a');
    const leadership = await win(first.won);
    await etcd.etcdctl('del', first.key);
    await fired(leadership.signal);
    expect(leadership.signal.reason).toMatchObject({ code: 'NOT_LEADER' });
    await expect(leadership.proclaim('x')).rejects.toMatchObject({ code: 'NOT_LEADER' });
    await leadership.resign(); // harmless
  });

  it('lose() ends a leadership at once, for whoever saw a guarded write refused', async () => {
    const leadership = await win((await candidate('a')).won);
    leadership.lose(new Error('refused'));
    expect(leadership.signal.aborted).toBe(true);
    expect(leadership.signal.reason).toMatchObject({ code: 'NOT_LEADER', cause: new Error('refused') });
  });

  it('the leader’s signal fires when its session is closed', async () => {
    const { session: own, won } = await candidate('a');
    const { signal } = await win(won);
    await own.close();
    expect(signal.reason).toMatchObject({ code: 'LEASE_LOST' });
  });

  it('a campaign waits for etcd when it is away, and outlives its restart', async () => {
    const leadership = await win((await candidate('a')).won);
    const second = await candidate('b');
    const own = await session();
    await etcd.kill();
    const third = election.campaign(own, 'c', end.signal);
    await etcd.restart();
    await until(() => leadership.resign().then(() => true), { what: 'the resignation arrives' });
    await (await win(second.won)).resign();
    expect((await win(third)).value).toBe('c');
  });

  it('an observer sees the leader, each proclamation, the gap and the next leader, and nothing twice', async () => {
    const seen: (Leader | undefined)[] = [];
    const done = (async () => {
      for await (const leader of election.observe(end.signal)) seen.push(leader);
    })();
    await until(() => seen.length === 1, { what: 'nobody leads' });
    const first = await candidate('a');
    const leadership = await win(first.won);
    await until(() => seen.length === 2, { what: 'a is seen' });
    await leadership.proclaim('a, elsewhere');
    expect(leadership.value).toBe('a, elsewhere');
    await until(() => seen.length === 3, { what: 'its proclamation is seen' });
    await leadership.resign();
    await until(() => seen.length === 4, { what: 'the gap is seen' });
    await win((await candidate('b')).won);
    await until(() => seen.length === 5, { what: 'b is seen' });
    end.abort();
    await settled(done, { what: 'the end of the observation' });
    expect(seen.map((leader) => leader?.value)).toEqual([undefined, 'a', 'a, elsewhere', undefined, 'b']);
    expect(seen[2]!.term).toBe(seen[1]!.term);
  });

  it('an observer goes on after a restart of etcd and a compaction', async () => {
    const seen: string[] = [];
    const first = await candidate('a');
    const leadership = await win(first.won);
    void (async () => {
      for await (const leader of election.observe(end.signal)) seen.push(leader?.value ?? '-');
    })();
    await until(() => seen.length === 1, { what: 'a is seen' });
    await etcd.kill();
    await etcd.restart();
    await until(() => leadership.proclaim('a2').then(() => true), { what: 'a proclamation is taken' });
    const { revision } = await client.put('x', '');
    await etcd.etcdctl('compact', String(revision));
    await until(() => seen.at(-1) === 'a2', { what: 'the proclamation is seen' });
    expect(leadership.signal.aborted).toBe(false);
  });

  describe('with etcdctl', () => {
    it('etcdctl observes our leaders', async () => {
      const leadership = await win((await candidate('ours')).won);
      const observer = await etcd.startEtcdctl('elect', '-l', election.prefix);
      await observer.waitForLine(/^ours$/);
      await leadership.proclaim('ours, changed');
      expect(await observer.waitForLine(/changed/)).toBe('ours, changed');
      await observer.stop();
    });

    it('etcdctl leads after us, we observe it, and lead again after it', async () => {
      const leadership = await win((await candidate('ours')).won);
      const theirs = await etcd.startEtcdctl('elect', election.prefix, 'theirs');
      await until(async () => (await client.count(`${election.prefix}/`)) === 2, {
        what: 'theirs stands in the line',
      });
      const next = await candidate('ours again');
      await leadership.resign();
      await theirs.waitForLine(/^theirs$/);
      expect(await isPending(next.won)).toBe(true);
      const leader = await election.leader();
      expect(leader).toMatchObject({ value: 'theirs', key: expect.stringMatching(/\/[1-9a-f][0-9a-f]*$/) });
      const { leaseId } = (await client.get(leader!.key))!;
      expect(leader!.key).toBe(`${election.prefix}/${leaseId.toString(16)}`);
      theirs.signal('SIGINT'); // it resigns
      expect((await win(next.won)).value).toBe('ours again');
      await theirs.stop();
    });

    it('etcdctl that is killed is followed by us when its lease ends', async () => {
      const theirs = await etcd.startEtcdctl('elect', election.prefix, 'theirs');
      await theirs.waitForLine(/^theirs$/);
      const next = await candidate('ours');
      const leader = await election.leader();
      const { leaseId } = (await client.get(leader!.key))!;
      await theirs.kill();
      await etcd.etcdctl('lease', 'revoke', leaseId.toString(16)); // rather than its 60 s
      expect((await win(next.won)).value).toBe('ours');
    });
  });
});
