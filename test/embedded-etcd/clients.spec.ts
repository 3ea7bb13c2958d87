import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Etcd3 } from 'etcd3';
import { describeWithEtcd } from '../support/etcd.js';
import { embeddedOnDisk, type ServerUnderTest } from '../support/etcd-servers.js';
import { startProcess, type RunningProcess } from '../support/process.js';
import { until } from '../support/until.js';

/** Clients that nobody here wrote. */
let server: ServerUnderTest;

beforeAll(async () => {
  server = await embeddedOnDisk();
});
afterAll(() => server.stop());

describeWithEtcd('etcdctl', () => {
  const running: RunningProcess[] = [];
  afterEach(async () => {
    for (const process of running.splice(0)) await process.stop();
  });

  const env = { ETCDCTL_API: '3' };
  const run = promisify(execFile);
  const etcdctl = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await run('etcdctl', ['--endpoints', server.endpoint, ...args], {
      env: { ...process.env, ...env },
      timeout: 60_000,
    });
    return stdout.split('\n').filter((line) => line !== '');
  };
  const json = async (...args: string[]): Promise<Record<string, never>> =>
    JSON.parse((await etcdctl(...args, '-w', 'json')).join('')) as Record<string, never>;
  const start = async (...args: string[]): Promise<RunningProcess> => {
    const started = await startProcess('etcdctl', ['--endpoints', server.endpoint, ...args], { env });
    running.push(started);
    return started;
  };
  /** What it is told on its standard input, as a person would. */
  const etcdctlReading = async (input: string, ...args: string[]): Promise<string[]> => {
    const promise = run('etcdctl', ['--endpoints', server.endpoint, ...args], {
      env: { ...process.env, ...env },
      timeout: 60_000,
    });
    promise.child.stdin!.end(input);
    return (await promise).stdout.split('\n').filter((line) => line !== '');
  };

  it('puts and gets with every flag', async () => {
    expect(await etcdctl('put', 'g/a', '1')).toEqual(['OK']);
    expect(await etcdctl('put', 'g/b', '2')).toEqual(['OK']);
    expect(await etcdctl('put', 'g/a', '3', '--prev-kv')).toEqual(['OK', 'g/a', '1']);
    await etcdctl('put', 'g/a', '--ignore-value');
    expect(await etcdctl('get', 'g/a')).toEqual(['g/a', '3']);
    expect(await etcdctl('get', 'g/a', '--print-value-only')).toEqual(['3']);
    expect(await etcdctl('get', 'g/', '--prefix', '--keys-only')).toEqual(['g/a', 'g/b']);
    expect(await etcdctl('get', 'g/', '--prefix', '--limit=1')).toEqual(['g/a', '3']);
    expect(await etcdctl('get', 'g/', '--prefix', '--order=DESCEND', '--sort-by=KEY')).toEqual([
      'g/b',
      '2',
      'g/a',
      '3',
    ]);
    expect(await etcdctl('get', 'g/', '--prefix', '--order=ASCEND', '--sort-by=VERSION')).toEqual([
      'g/b',
      '2',
      'g/a',
      '3',
    ]);
    for (const by of ['CREATE', 'MODIFY', 'VALUE']) {
      expect(await etcdctl('get', 'g/', '--prefix', `--sort-by=${by}`)).toHaveLength(4);
    }
    expect(await etcdctl('get', 'g/a', 'g/b')).toEqual(['g/a', '3']);
    expect(await etcdctl('get', 'g/b', '--from-key', '--limit=1')).toEqual(['g/b', '2']);
    expect(await etcdctl('get', 'g/a', '--consistency=s')).toEqual(['g/a', '3']);
    const { kvs } = (await json('get', 'g/a')) as unknown as {
      kvs: { create_revision: number; version: number }[];
    };
    expect(kvs[0]!.version).toBe(3);
    expect(await etcdctl('get', 'g/a', `--rev=${kvs[0]!.create_revision}`)).toEqual(['g/a', '1']);
    const counted = await etcdctl('get', 'g/', '--prefix', '--keys-only', '-w', 'fields');
    expect(counted).toContain('"Count" : 2');
  });

  it('deletes', async () => {
    for (const key of ['d/1', 'd/2', 'd/3']) await etcdctl('put', key, 'v');
    expect(await etcdctl('del', 'd/1', '--prev-kv')).toEqual(['1', 'd/1', 'v']);
    expect(await etcdctl('del', 'd/', '--prefix')).toEqual(['2']);
    expect(await etcdctl('del', 'd/', '--prefix')).toEqual(['0']);
  });

  it('runs a transaction', async () => {
    await etcdctl('put', 't/a', 'old');
    const txn = 'value("t/a") = "old"\nversion("t/b") = "0"\n\nput t/a new\nput t/b new\n\nget t/a\n\n';
    expect(await etcdctlReading(txn, 'txn')).toEqual(['SUCCESS', 'OK', 'OK']);
    expect(await etcdctlReading(txn, 'txn')).toEqual(['FAILURE', 't/a', 'new']);
  });

  it('watches from a revision on', async () => {
    await etcdctl('put', 'w/a', '1');
    const { header } = (await json('get', 'w/a')) as unknown as { header: { revision: number } };
    await etcdctl('put', 'w/a', '2');
    await etcdctl('del', 'w/a');
    const watch = await start('watch', 'w/', '--prefix', `--rev=${header.revision}`, '--prev-kv');
    await watch.waitForLine(/DELETE/);
    await etcdctl('put', 'w/b', 'end');
    await watch.waitForLine(/end/);
    const told = watch.lines.filter((line) => line !== '');
    expect(told.join(' ')).toBe('PUT w/a 1 PUT w/a 1 w/a 2 DELETE w/a 2 w/a PUT w/b end');
  });

  it('grants, lists, keeps alive and revokes leases', async () => {
    const [granted] = await etcdctl('lease', 'grant', '60');
    const id = /lease (?<id>[0-9a-f]+) granted with TTL\(60s\)/.exec(granted!)!.groups!.id!;
    await etcdctl('put', 'l/a', 'v', `--lease=${id}`);
    expect(await etcdctl('lease', 'timetolive', id, '--keys')).toEqual([
      expect.stringMatching(/granted with TTL\(60s\), remaining\(\d+s\), attached keys\(\[l\/a\]\)/),
    ]);
    expect(await etcdctl('lease', 'list')).toContain(id);
    expect(await etcdctl('lease', 'keep-alive', '--once', id)).toEqual([
      `lease ${id} keepalived with TTL(60)`,
    ]);
    expect(await etcdctl('lease', 'revoke', id)).toEqual([`lease ${id} revoked`]);
    expect(await etcdctl('get', 'l/a')).toEqual([]);
    await expect(etcdctl('lease', 'revoke', id)).rejects.toMatchObject({
      stderr: expect.stringContaining('etcdserver: requested lease not found'),
    });
  });

  it('elects one after the other', async () => {
    const first = await start('elect', 'election', 'first');
    await first.waitForLine(/^first$/);
    const second = await start('elect', 'election', 'second');
    const observer = await start('elect', '-l', 'election');
    await observer.waitForLine(/^first$/);
    await first.stop();
    await second.waitForLine(/^second$/);
    await expect(observer.waitForLine(/^second$/)).resolves.toBe('second');
  });

  it('locks for one at a time, and what holds it dies with its lease', async () => {
    const holder = await start('lock', '--ttl=5', 'lock');
    await holder.waitForLine(/^lock\//);
    const waiting = await start('lock', 'lock', 'echo', 'mine');
    await until(async () => (await etcdctl('get', 'lock/', '--prefix', '--keys-only')).length === 2, {
      what: 'both are in line',
    });
    expect(waiting.lines).toEqual([]);
    await holder.kill();
    await expect(waiting.waitForLine(/^mine$/)).resolves.toBe('mine');
  });

  it('compacts, and tells who reads before', async () => {
    await etcdctl('put', 'c/a', '1');
    await etcdctl('put', 'c/a', '2');
    const { header } = (await json('get', 'c/a')) as unknown as { header: { revision: number } };
    expect(await etcdctl('compaction', `${header.revision}`)).toEqual([
      `compacted revision ${header.revision}`,
    ]);
    await expect(etcdctl('get', 'c/a', `--rev=${header.revision - 1}`)).rejects.toMatchObject({
      stderr: expect.stringContaining('etcdserver: mvcc: required revision has been compacted'),
    });
    const watch = await start('watch', 'c/a', '--rev=1');
    await watch.waitForLine(/etcdserver: mvcc: required revision has been compacted/);
  });

  it('asks for status, health and members', async () => {
    await expect(etcdctl('endpoint', 'health')).resolves.toBeDefined();
    expect((await etcdctl('endpoint', 'status')).join()).toMatch(/, 3\.5\.\d+, .*, true, false,/);
    expect((await etcdctl('member', 'list')).join()).toMatch(/started, embedded/);
  });

  it.each([['auth', 'enable'], ['user', 'list'], ['alarm', 'list'], ['defrag']])(
    'is told the name of what is not served: %s %s',
    async (...command) => {
      const unserved = /not served by the embedded etcd: \/etcdserverpb\.(?:Auth|Maintenance)\/\w+/;
      const { stderr } = await etcdctl(...command.filter(Boolean)).then(
        () => ({ stderr: '' }),
        (error: { stderr: string }) => error,
      );
      expect(stderr).toMatch(unserved);
    },
  );

  // A minute of load; see docs/embedded-etcd.md for what it said.
  const patient = process.env['ORBWEAVER_CHECK_PERF'] ? it : it.skip;
  patient(
    'passes its own check of performance',
    async () => {
      const { stdout } = await run('etcdctl', ['--endpoints', server.endpoint, 'check', 'perf', '--load=m'], {
        env: { ...process.env, ...env },
        timeout: 120_000,
      });
      expect(stdout).toMatch(/^PASS$/m);
    },
    130_000,
  );
});

describe('npm etcd3', () => {
  const clients: Etcd3[] = [];
  const client = (): Etcd3 => {
    const created = new Etcd3({ hosts: `http://${server.endpoint}` });
    clients.push(created);
    return created;
  };
  afterEach(() => {
    for (const created of clients.splice(0)) created.close();
  });

  it('elects one after the other', async () => {
    const [one, two] = [client().election('etcd3', 30), client().election('etcd3', 30)];
    const first = one.campaign('first');
    await once(first, 'elected');
    const second = two.campaign('second');
    const elected = once(second, 'elected');
    const observer = await two.observe();
    expect(observer.leader()).toBe('first');
    await first.resign();
    await elected;
    await observer.cancel();
    await second.resign();
  });

  it('locks for one at a time', async () => {
    const [one, two] = [client().lock('etcd3-lock'), client().lock('etcd3-lock')];
    await one.acquire();
    await expect(two.acquire()).rejects.toThrow('Failed to acquire a lock');
    await one.release();
    await two.acquire();
    await two.release();
  });

  it('counts with software transactional memory, whoever else counts', async () => {
    const counters = Array.from({ length: 8 }, () => client());
    await counters[0]!.put('stm').value('0');
    await Promise.all(
      counters.map((counter) =>
        counter.stm({ retries: 100 }).transact(async (tx) => {
          await tx.put('stm').value(Number(await tx.get('stm')) + 1);
        }),
      ),
    );
    expect(await counters[0]!.get('stm').number()).toBe(8);
  });

  it('watches, and keeps a lease alive', async () => {
    const etcd = client();
    const watcher = await etcd.watch().prefix('etcd3-watch/').create();
    const told = new Promise<string>((resolve) => {
      watcher.once('put', (kv) => resolve(kv.value.toString()));
    });
    const lease = etcd.lease(30);
    await lease.put('etcd3-watch/a').value('v');
    expect(await told).toBe('v');
    await watcher.cancel();
    await lease.revoke();
    expect(await etcd.get('etcd3-watch/a').string()).toBeNull();
  });
});
