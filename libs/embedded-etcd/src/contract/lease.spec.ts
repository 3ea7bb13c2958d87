import { EtcdApi, type Answer } from '../../../../test/support/etcd-api.js';
import { allServers, type ServerUnderTest } from '../../../../test/support/etcd-servers.js';
import { until } from '../../../../test/support/until.js';

describe.each(allServers)('the Lease service of %s', (_name, start) => {
  let server: ServerUnderTest;
  let api: EtcdApi;
  let tests = 0;
  let prefix = '';

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

  const grant = async (TTL: number, ID = 0n): Promise<bigint> =>
    BigInt((await api.leaseGrant({ TTL, ID })).ID as string);
  const put = (name: string, lease = 0n): Promise<Answer> => api.put({ key: prefix + name, lease });
  const keysOf = async (ID: bigint): Promise<string[]> =>
    ((await api.leaseTimeToLive({ ID, keys: true })).keys as string[]).sort();
  const count = async (): Promise<number> =>
    Number((await api.range({ key: prefix, range_end: `${prefix.slice(0, -1)}0`, count_only: true })).count);
  const present = async (): Promise<number> => Number((await api.range({ key: 'none' })).header.revision);

  it('grants a lease under an id of its own or of the client', async () => {
    const before = await present();
    const own = await api.leaseGrant({ TTL: 30 });
    expect(own).toMatchObject({ TTL: '30', error: '', header: { revision: `${before}` } });
    expect(BigInt(own.ID as string)).toBeGreaterThan(0n);
    expect(await api.leaseGrant({ TTL: 30, ID: 7n })).toMatchObject({ ID: '7' });
    expect(await api.leaseGrant({ TTL: 30, ID: -7n })).toMatchObject({ ID: '-7' });
    const huge = 2n ** 63n - 1n;
    expect(await api.leaseGrant({ TTL: 30, ID: huge })).toMatchObject({ ID: `${huge}` });
  });

  it('refuses an id that is taken, and a time without end', async () => {
    await grant(30, 8n);
    await expect(api.leaseGrant({ TTL: 30, ID: 8n })).rejects.toMatchObject({
      code: 9,
      details: 'etcdserver: lease already exists',
    });
    await expect(api.leaseGrant({ TTL: 9_000_000_001 })).rejects.toMatchObject({
      code: 11,
      details: 'etcdserver: too large lease TTL',
    });
  });

  it('grants no less than its shortest time', async () => {
    expect(Number((await api.leaseGrant({ TTL: 0 })).TTL)).toBeGreaterThan(0);
    expect(Number((await api.leaseGrant({ TTL: -5 })).TTL)).toBeGreaterThan(0);
  });

  it('tells the time that is left, and the keys', async () => {
    const id = await grant(1_000);
    const grantedAt = performance.now();
    await put('b', id);
    await put('a', id);
    const answer = await api.leaseTimeToLive({ ID: id, keys: true });
    expect(answer).toMatchObject({
      ID: `${id}`,
      grantedTTL: '1000',
      header: { revision: `${await present()}` },
    });
    expect(Number(answer.TTL)).toBeLessThanOrEqual(1_000);
    expect(Number(answer.TTL)).toBeGreaterThan(998 - (performance.now() - grantedAt) / 1_000);
    expect((answer.keys as string[]).sort()).toEqual([`${prefix}a`, `${prefix}b`]);
    expect((await api.leaseTimeToLive({ ID: id })).keys).toEqual([]);
  });

  it('knows nothing of a lease that is not there', async () => {
    expect(await api.leaseTimeToLive({ ID: 4242n, keys: true })).toMatchObject({
      ID: '4242',
      TTL: '-1',
      grantedTTL: '0',
      keys: [],
    });
    await expect(api.leaseRevoke({ ID: 4242n })).rejects.toMatchObject({
      code: 5,
      details: 'etcdserver: requested lease not found',
    });
    await expect(api.leaseRevoke({ ID: 0n })).rejects.toMatchObject({ code: 5 });
  });

  it('deletes the keys of a revoked lease in one revision, in order', async () => {
    const id = await grant(100);
    for (const name of ['c', 'a', 'b']) await put(name, id);
    await put('other');
    const before = await present();
    const watch = api.watch();
    watch.send({ create_request: { key: prefix, range_end: `${prefix.slice(0, -1)}0` } });
    await watch.next();
    expect(await api.leaseRevoke({ ID: id })).toMatchObject({ header: { revision: `${before + 1}` } });
    expect(await watch.next()).toMatchObject({
      header: { revision: `${before + 1}` },
      events: ['a', 'b', 'c'].map((name) => ({
        type: 1,
        kv: { key: prefix + name, mod_revision: `${before + 1}`, lease: '0' },
      })),
    });
    watch.close();
    expect(await count()).toBe(1);
  });

  it('makes no revision of a lease without keys', async () => {
    const id = await grant(100);
    const before = await present();
    expect(await api.leaseRevoke({ ID: id })).toMatchObject({ header: { revision: `${before}` } });
  });

  it('leaves a key that has left the lease: overwritten, taken over, deleted', async () => {
    const [one, two] = [await grant(100), await grant(100)];
    for (const name of ['plain', 'moved', 'deleted', 'kept']) await put(name, one);
    await put('plain');
    await put('moved', two);
    await api.deleteRange({ key: `${prefix}deleted` });
    await put('deleted');
    await put('kept', one);
    expect(await keysOf(one)).toEqual([`${prefix}kept`]);
    expect(await keysOf(two)).toEqual([`${prefix}moved`]);
    await api.leaseRevoke({ ID: one });
    expect(await count()).toBe(3);
  });

  it('lists its leases, the one that ends first first', async () => {
    const [long, short] = [await grant(1000), await grant(500)];
    const listed = ((await api.leaseLeases()).leases as { ID: string }[]).map(({ ID }) => BigInt(ID));
    expect(listed.filter((id) => id === long || id === short)).toEqual([short, long]);
  });

  it('expires a lease that nobody keeps alive, and deletes its keys', async () => {
    await put('c', await grant(100));
    // A machine that stands still for a second may be too late to put them.
    const { short, before } = await until(
      async () => {
        const lease = await grant(1);
        const success = ['a', 'b'].map((name) => ({ request_put: { key: prefix + name, lease } }));
        const { header } = await api.txn({ success });
        return { short: lease, before: Number(header.revision) };
      },
      { what: 'the keys stand there' },
    );
    await until(async () => (await count()) === 1, { what: 'the keys are deleted' });
    expect(await present()).toBe(before + 1);
    expect(await api.leaseTimeToLive({ ID: short })).toMatchObject({ TTL: '-1' });
    await expect(put('d', short)).rejects.toMatchObject({ code: 5 });
  });

  it('keeps a lease alive, and says 0 of one that is not there', async () => {
    const id = await grant(4);
    await put('a', id);
    const stream = api.leaseKeepAlive();
    const startedAt = performance.now();
    await until(
      async () => {
        stream.send({ ID: id });
        expect(await stream.next()).toMatchObject({ ID: `${id}`, TTL: '4' });
        return performance.now() - startedAt > 5_500;
      },
      { what: 'it has lived for longer than its TTL', everyMs: 300 },
    );
    expect(await count()).toBe(1);
    stream.send({ ID: 4242n });
    expect(await stream.next()).toMatchObject({ ID: '4242', TTL: '0' });
    await api.leaseRevoke({ ID: id });
    stream.send({ ID: id });
    expect(await stream.next()).toMatchObject({ TTL: '0' });
    stream.close();
  });
});
