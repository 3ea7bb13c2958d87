import { EtcdClient, Session } from '@app/etcd';
import { keys } from '@app/resources';
import { startEtcd, type EtcdServer } from '../../../../test/support/etcd.js';
import { settled, until } from '../../../../test/support/until.js';
import { Claims, type ClaimOutcome } from './claims.js';

const FOREVER = new AbortController().signal;

describe('claims', () => {
  let etcd: EtcdServer;
  let client: EtcdClient;
  let sessions: Session[];
  let round = 0;
  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  afterAll(async () => {
    client.close();
    await etcd.stop();
  });
  beforeEach(() => {
    sessions = [];
    round++;
  });
  afterEach(() => Promise.all(sessions.map((session) => session.close())));

  async function open(): Promise<Session> {
    const session = await Session.open(client, { ttlMs: 60_000 });
    sessions.push(session);
    return session;
  }

  async function assign(node: string, name: string): Promise<bigint> {
    return (await client.put(keys.assignment(node, name), '{}')).revision;
  }

  async function holder(name: string): Promise<string | undefined> {
    return (await client.get(keys.claim(name)))?.value;
  }

  function held(outcome: ClaimOutcome): Extract<ClaimOutcome, { kind: 'held' }> {
    if (outcome.kind !== 'held') throw new Error(`expected held, got ${outcome.kind}`);
    return outcome;
  }

  it('are acquired once, also when the answer was lost and it is asked again, and released', async () => {
    const [claims, session, name] = [new Claims(client, 'one'), await open(), `a${round}`];
    const epoch = await assign('one', name);
    expect(await claims.acquire(name, epoch, session)).toEqual({ kind: 'acquired' });
    expect(await claims.acquire(name, epoch, session)).toEqual({ kind: 'acquired' });
    expect(claims.heldCount).toBe(1);
    expect(await client.get(keys.claim(name))).toMatchObject({ value: 'one', leaseId: session.leaseId });
    await claims.release(name, session);
    await claims.release(name, session);
    expect(await holder(name)).toBeUndefined();
    expect(claims.heldCount).toBe(0);
  });

  it('are refused when the assignment is of another epoch, or gone', async () => {
    const [claims, session, name] = [new Claims(client, 'one'), await open(), `b${round}`];
    const epoch = await assign('one', name);
    await assign('one', name);
    expect(await claims.acquire(name, epoch, session)).toEqual({ kind: 'moved' });
    await client.delete(keys.assignment('one', name));
    expect(await claims.acquire(name, epoch, session)).toEqual({ kind: 'moved' });
    expect(await holder(name)).toBeUndefined();
  });

  it('of another are waited for until they are released, or its lease is over', async () => {
    const [one, two] = [new Claims(client, 'one'), new Claims(client, 'two')];
    const [sessionOne, sessionTwo] = [await open(), await open()];
    const names = ['c', 'd', 'e'].map((name) => `${name}${round}`) as [string, string, string];
    const epochs: bigint[] = [];
    for (const name of names) {
      await one.acquire(name, await assign('one', name), sessionOne);
      epochs.push(await assign('two', name));
    }
    const waits = names.map(async (name, index) => {
      const outcome = held(await two.acquire(name, epochs[index]!, sessionTwo));
      expect(outcome.by).toBe('one');
      await outcome.gone(FOREVER);
      return name;
    });
    await until(() => two.waitingCount === 3, { what: 'all wait' });
    await one.release(names[1], sessionOne);
    expect(await settled(Promise.race(waits), { what: 'the released one' })).toBe(names[1]);
    expect(await two.acquire(names[1], epochs[1]!, sessionTwo)).toEqual({ kind: 'acquired' });
    await sessionOne.close();
    await settled(Promise.all(waits), { what: 'the others' });
    expect(two.waitingCount).toBe(0);
  });

  it('that went while nobody looked are not waited for', async () => {
    const [one, two] = [new Claims(client, 'one'), new Claims(client, 'two')];
    const [sessionOne, sessionTwo] = [await open(), await open()];
    const [first, second] = [`f${round}`, `g${round}`];
    for (const name of [first, second]) await one.acquire(name, await assign('one', name), sessionOne);
    const epochs = [await assign('two', first), await assign('two', second)];
    const [a, b] = await Promise.all(
      [first, second].map(async (name, index) => held(await two.acquire(name, epochs[index]!, sessionTwo))),
    );
    const waits = a!.gone(FOREVER);
    await one.release(second, sessionOne);
    await settled(b!.gone(FOREVER), { what: 'one that is gone already' });
    await one.release(first, sessionOne);
    await settled(waits, { what: 'the other' });
    expect(two.waitingCount).toBe(0);
  });

  it('are no longer waited for by who gave up', async () => {
    const [one, two] = [new Claims(client, 'one'), new Claims(client, 'two')];
    const [sessionOne, sessionTwo, name] = [await open(), await open(), `h${round}`];
    await one.acquire(name, await assign('one', name), sessionOne);
    const outcome = held(await two.acquire(name, await assign('two', name), sessionTwo));
    const giveUp = new AbortController();
    const wait = outcome.gone(giveUp.signal);
    giveUp.abort(new Error('enough'));
    await expect(wait).rejects.toThrow('enough');
    expect(two.waitingCount).toBe(0);
  });

  it('of our own lost session are taken over at once; of another process of our name they are not', async () => {
    const [claims, before, after, name] = [
      new Claims(client, 'one'),
      await open(),
      await open(),
      `i${round}`,
    ];
    const epoch = await assign('one', name);
    await claims.acquire(name, epoch, before);
    const twin = new Claims(client, 'one');
    expect((await twin.acquire(name, epoch, after)).kind).toBe('held');
    claims.lost(before);
    expect(await claims.acquire(name, epoch, after)).toEqual({ kind: 'acquired' });
    expect((await client.get(keys.claim(name)))?.leaseId).toBe(after.leaseId);
  });

  it('are not released under another session than they are held', async () => {
    const [claims, session, other, name] = [
      new Claims(client, 'one'),
      await open(),
      await open(),
      `j${round}`,
    ];
    await claims.acquire(name, await assign('one', name), session);
    await claims.release(name, other);
    expect(await holder(name)).toBe('one');
  });

  it('go to one only, however many ask at once', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `k${round}-${index}`);
    const nodes = ['one', 'two', 'three'];
    const contenders = await Promise.all(
      nodes.map(async (node) => ({ node, claims: new Claims(client, node), session: await open() })),
    );
    const outcomes = await Promise.all(
      contenders.flatMap(({ node, claims, session }) =>
        names.map(async (name) => {
          const { kind } = await claims.acquire(name, await assign(node, name), session);
          return kind === 'acquired' ? [name] : [];
        }),
      ),
    );
    expect(outcomes.flat().sort()).toEqual([...names].sort());
  });
});
