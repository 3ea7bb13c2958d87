import pg from 'pg';
import { makeCertificates, type Certificates } from '../../../../test/support/certificates.js';
import {
  describeWithPostgres,
  GUARDED_ROLE,
  queryPostgres,
  startPostgres,
  type PostgresServer,
} from '../../../../test/support/postgres.js';
import { startProxy, type Proxy } from '../../../../test/support/proxy.js';
import { settled, until } from '../../../../test/support/until.js';
import { page, request, result, settleNext, take } from '../contract/example-crawl.contract.js';
import { PostgresCrawlStore } from './postgres-crawl-store.js';

const UNAVAILABLE = { code: 'STORE_UNAVAILABLE' };

describeWithPostgres('the PostgreSQL store, when things go wrong', () => {
  let certificates: Certificates;
  let postgres: PostgresServer;
  let url: string;
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    certificates = await makeCertificates();
    postgres = await startPostgres({ tls: certificates });
  });
  afterAll(async () => {
    await postgres.stop();
    await certificates.remove();
  });
  beforeEach(async () => {
    url = await postgres.createDatabase();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
  });

  async function open(at = url, timeLimitMs = 20_000): Promise<PostgresCrawlStore> {
    const store = await PostgresCrawlStore.open(at, { timeLimitMs });
    opened.push(store);
    return store;
  }
  async function connect(to = url): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: to });
    // Of a server that hangs up.
    client.on('error', () => undefined);
    await client.connect();
    opened.push({ close: () => client.end() });
    return client;
  }
  async function throughProxy(): Promise<{ proxy: Proxy; through: string }> {
    const proxy = await startProxy(postgres.endpoint);
    opened.push(proxy);
    return { proxy, through: url.replace(postgres.endpoint, proxy.endpoint) };
  }

  it('says so while the server is down, and goes on with what was acknowledged', async () => {
    const store = await open();
    const claim = await store.frontier.claim(request({ seeds: [page('a'), page('b')] }));
    await settleNext(store, claim, { items: ['{}'] });
    await postgres.kill();
    await expect(take(store, claim)).rejects.toMatchObject(UNAVAILABLE);
    await expect(store.frontier.ack(claim, { results: [] })).rejects.toMatchObject(UNAVAILABLE);
    await expect(PostgresCrawlStore.open(url)).rejects.toMatchObject(UNAVAILABLE);
    await postgres.restart();
    expect(await until(() => take(store, claim), { what: 'an answer comes' })).toMatchObject([page('b')]);
    expect(await store.results.progress(claim.resource)).toMatchObject({ doneCount: 1, itemCount: 1 });
  });

  it('loses no page and doubles none when the server is killed again and again', async () => {
    const store = await open();
    const pageCount = 400;
    const first = request({ seeds: [page('0')], maxPages: pageCount });
    const again = <T>(work: () => Promise<T>): Promise<T> =>
      until(() => work().then((value) => ({ value })), { what: 'the store answers', timeoutMs: 60_000 }).then(
        ({ value }) => value,
      );
    const claim = await store.frontier.claim(first);
    const crawl = async (): Promise<void> => {
      for (;;) {
        const taken = await again(() => take(store, claim, { limit: 7 }));
        if (taken.length === 0) return;
        const results = taken.map((each) =>
          result(each, {
            discovered: [2 * each.seq - 1, 2 * each.seq].map((n) => page(String(n))),
            items: [`{"url":"${each.url}"}`],
          }),
        );
        await again(() => store.frontier.ack(claim, { results }));
      }
    };
    const kills = async (): Promise<void> => {
      for (const after of [60, 200, 320]) {
        await until(async () => ((await store.results.progress(claim.resource))?.doneCount ?? 0) >= after, {
          what: `${after} pages are done`,
          timeoutMs: 60_000,
        });
        await postgres.kill();
        await postgres.restart();
      }
    };
    await Promise.all([crawl(), kills()]);
    const progress = { doneCount: pageCount, queuedCount: 0, itemCount: pageCount };
    expect(await store.results.progress(claim.resource)).toMatchObject(progress);
    const items = await store.results.items(claim.resource, 0, 1_000);
    expect(new Set(items.map(({ data }) => data)).size).toBe(pageCount);
  }, 300_000);

  it('goes on after its connections were cut', async () => {
    const { proxy, through } = await throughProxy();
    const store = await open(through);
    const claim = await store.frontier.claim(request({}));
    proxy.cut();
    await expect(take(store, claim)).rejects.toMatchObject(UNAVAILABLE);
    proxy.heal();
    expect(await until(() => take(store, claim), { what: 'an answer comes' })).toHaveLength(1);
  });

  it('waits no longer than it may for a server that takes connections and never answers', async () => {
    const { proxy, through } = await throughProxy();
    const store = await open(through, 2_000);
    const claim = await store.frontier.claim(request({}));
    proxy.stall();
    const calls = [
      take(store, claim),
      store.frontier.claim(request({})),
      store.frontier.ack(claim, { results: [] }),
      PostgresCrawlStore.open(through, { timeLimitMs: 2_000 }),
    ];
    const outcomes = await settled(Promise.allSettled(calls), { what: 'all calls end' });
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: UNAVAILABLE });
    proxy.heal();
    expect(await until(() => take(store, claim), { what: 'an answer comes' })).toHaveLength(1);
  });

  it('closes while the server does not answer', async () => {
    const { proxy, through } = await throughProxy();
    const store = await PostgresCrawlStore.open(through, { timeLimitMs: 2_000 });
    proxy.stall();
    const closed = settled(store.close(), { what: 'the store closes' });
    await expect(closed).resolves.toBeUndefined();
  });

  it('does nothing twice when an answer was lost and the ack is repeated', async () => {
    const { proxy, through } = await throughProxy();
    const store = await open(through);
    const claim = await store.frontier.claim(request({}));
    const [a] = await take(store, claim);
    // The commit takes as long as the other one holds its lock.
    const other = await connect();
    await other.query(
      `CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$;
       CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON orbweaver.page DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION linger();
       SELECT pg_advisory_lock(1)`,
    );
    const results = [result(a, { discovered: [page('b')], items: ['{}'] })];
    const lost = store.frontier.ack(claim, { results });
    await until(async () => (await active('COMMIT')) > 0, { what: 'the commit is under way' });
    proxy.cut();
    await expect(lost).rejects.toMatchObject(UNAVAILABLE);
    await other.query('SELECT pg_advisory_unlock(1)');
    proxy.heal();
    const answer = await until(() => store.frontier.ack(claim, { results }), { what: 'an answer comes' });
    expect(answer).toEqual({ room: 98, itemCount: 1 });
    expect(await store.results.items(claim.resource, 0, 10)).toHaveLength(1);
    expect(await take(store, claim)).toMatchObject([page('b')]);
  });

  it('frees what a client that is gone had locked', async () => {
    const store = await open(url, 2_000);
    const first = request({});
    const claim = await store.frontier.claim(first);
    const other = await connect();
    // In one message: it must not be idle in between.
    await other.query(
      `SET idle_in_transaction_session_timeout = 300; SET search_path = orbweaver; BEGIN;
       SELECT hold(${claim.crawlId}, ${claim.number})`,
    );
    const next = await until(() => store.frontier.claim({ ...first, epoch: 2n }), {
      what: 'the next owner has it',
    });
    expect(next.number).toBeGreaterThan(claim.number);
  });

  it('waits for its turn when the server has no connection left', async () => {
    await queryPostgres(url, 'CREATE ROLE worker LOGIN; GRANT ALL ON SCHEMA public TO worker');
    const name = new URL(url).pathname.slice(1);
    await queryPostgres(
      url,
      `GRANT CREATE ON DATABASE ${name} TO worker; ALTER ROLE worker CONNECTION LIMIT 1`,
    );
    const asWorker = url.replace('postgres@', 'worker@');
    const other = await connect(asWorker);
    await expect(PostgresCrawlStore.open(asWorker)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('too many connections'),
    });
    await other.end();
    await until(() => open(asWorker), { what: 'the store opens' });
  });

  it('is unavailable while the server is read-only', async () => {
    const store = await open();
    const claim = await store.frontier.claim(request({}));
    const name = new URL(url).pathname.slice(1);
    const elsewhere = url.replace(name, 'postgres');
    await queryPostgres(elsewhere, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    // Those who are connected go on as they were.
    await queryPostgres(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'orbweaver'`,
    );
    const refused = await until(
      async () => {
        // First of all its old connections are found to be gone.
        const [ack] = await Promise.allSettled([store.frontier.ack(claim, { results: [] })]);
        return ack?.status === 'rejected' && /read-only/.test(String(ack.reason)) && (ack.reason as Error);
      },
      { what: 'it may not be written' },
    );
    expect(refused).toMatchObject(UNAVAILABLE);
    expect(await store.results.progress(claim.resource)).toMatchObject({ state: 'open' });
    await queryPostgres(elsewhere, `ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await until(() => store.frontier.ack(claim, { results: [] }), { what: 'it may be written' });
  });

  it.each([
    ['a wrong password', (to: string) => to.replace('postgres@', `${GUARDED_ROLE}:secret@`), 'password'],
    ['no such database', (to: string) => `${to}_unknown`, 'does not exist'],
    ['no such user', (to: string) => to.replace('postgres@', 'nobody:secret@'), 'nobody'],
  ])('is refused with a reason and without the password: %s', async (_, change, message) => {
    const error = await PostgresCrawlStore.open(change(url)).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', message: expect.stringContaining(message) });
    expect(error?.message).not.toContain('secret');
  });

  it('is refused to one who may make no schema, and open to one who was given it', async () => {
    await queryPostgres(url, 'CREATE ROLE guest LOGIN');
    const asGuest = url.replace('postgres@', 'guest@');
    await expect(PostgresCrawlStore.open(asGuest)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('permission denied'),
    });
    await queryPostgres(url, 'CREATE SCHEMA orbweaver AUTHORIZATION guest');
    const store = await open(asGuest);
    await store.frontier.claim(request({}));
  });

  it('is refused where the schema is newer, or the text is not UTF-8', async () => {
    await open();
    await queryPostgres(url, 'INSERT INTO orbweaver.schema_version VALUES (1000)');
    await expect(PostgresCrawlStore.open(url)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('newer version'),
    });
    await queryPostgres(url, `CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0`);
    await expect(PostgresCrawlStore.open(url.replace(/[^/]*$/, 'ascii'))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('SQL_ASCII'),
    });
  });

  it('talks TLS as the URL asks for it', async () => {
    const encrypted = async (query: string): Promise<void> => {
      const store = await open(`${url}?${query}`);
      await store.frontier.claim(request({}));
      const [row] = await queryPostgres(
        url,
        `SELECT bool_and(ssl) AS ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name = 'orbweaver' AND datname = current_database()`,
      );
      expect(row).toEqual({ ssl: true });
    };
    await encrypted('sslmode=require');
    await encrypted(`sslmode=verify-full&sslrootcert=${certificates.caFile}`);
    await expect(PostgresCrawlStore.open(`${url}?sslmode=verify-full`)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('keeps what no database can hold out of it', async () => {
    const store = await open();
    const claim = await store.frontier.claim(request({}));
    await settleNext(store, claim, { title: 'a\0b', error: '\ud800', items: ['{"a":"\0"}'] });
    expect(await store.results.pages(claim.resource, { after: 0, limit: 1 })).toMatchObject([
      { title: 'a\uFFFDb', error: '\uFFFD' },
    ]);
  });

  async function active(query: string): Promise<number> {
    const rows = await queryPostgres(
      url,
      `SELECT FROM pg_stat_activity WHERE application_name = 'orbweaver' AND state = 'active' AND query = '${query}'`,
    );
    return rows.length;
  }
});
