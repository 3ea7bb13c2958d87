import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EtcdApi } from '../support/etcd-api.js';
import { startProcess, type RunningProcess } from '../support/process.js';

/**
 * A server is killed while many write to it, again and again, on one data directory. Its snapshots are so frequent
 * that they are killed as well.
 */
const KILLS = 100;
const SERVER = `
  import { once } from 'node:events';
  import { startEmbeddedEtcd } from ${JSON.stringify(new URL('../../dist/libs/embedded-etcd/src/index.js', import.meta.url))};
  const options = { listen: '127.0.0.1:0', dataDir: process.argv[1], snapshotLogBytes: 20_000, keepRevisions: 50 };
  const told = once(process, 'SIGUSR2');
  const waiting = setInterval(() => {}, 1_000);
  console.log('loaded');
  await told;
  clearInterval(waiting);
  console.log('at ' + (await startEmbeddedEtcd(options)).endpoint);
`;

/** A number that only ever grows, written under some keys in one transaction. */
class Counter {
  private sent = 0;
  private acknowledged = 0;

  constructor(private readonly keys: readonly string[]) {}

  /** Writes until the server is gone; answers with the last revision that was acknowledged. */
  async write(api: EtcdApi): Promise<number> {
    let revision = 0;
    for (;;) {
      const value = String(++this.sent);
      try {
        const success = this.keys.map((key) => ({ request_put: { key, value: value.padStart(200, '0') } }));
        const { header } = await (success.length === 1
          ? api.put(success[0]!.request_put)
          : api.txn({ success }));
        this.acknowledged = this.sent;
        revision = Number(header.revision);
      } catch (error) {
        if ((error as { code?: number }).code !== 14) throw error;
        return revision;
      }
    }
  }

  check(stored: ReadonlyMap<string, string>): void {
    const values = this.keys.map((key) => Number(stored.get(key) ?? 0));
    expect(new Set(values).size).toBe(1);
    expect(values[0]).toBeGreaterThanOrEqual(this.acknowledged);
    expect(values[0]).toBeLessThanOrEqual(this.sent);
    // What was sent and not acknowledged may have been done; from here on it counts.
    this.sent = this.acknowledged = values[0]!;
  }
}

it(`keeps all that it acknowledged, and opens again, when it is killed ${KILLS} times`, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbweaver-crash-'));
  const counters = Array.from(
    { length: 24 },
    (_, i) => new Counter(i < 12 ? [`single-${i}`] : [`a-${i}`, `b-${i}`]),
  );
  let lastRevision = 1;
  let snapshots = 0;
  let next = load(dataDir);
  for (let kill = 0; kill <= KILLS; kill++) {
    const server = await next;
    const api = await open(server);
    // It takes most of its time to load: meanwhile the one before is written to.
    next = load(dataDir);
    const { header, kvs } = await api.range({ key: '\0', range_end: '\0' });
    expect(Number(header.revision)).toBeGreaterThanOrEqual(lastRevision);
    const stored = new Map((kvs as { key: string; value: string }[]).map(({ key, value }) => [key, value]));
    for (const counter of counters) counter.check(stored);
    expect(((await api.leaseLeases()).leases as unknown[]).length).toBe(kill);
    await api.leaseGrant({ ID: kill + 1, TTL: 100_000 });

    const writing = Promise.all(counters.map((counter) => counter.write(api)));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    await server.kill();
    lastRevision = Math.max(lastRevision, ...(await writing));
    api.close();
    const names = (await readdir(dataDir)).filter((name) => /^snapshot-[0-9a-f]{16}$/.test(name)).sort();
    snapshots = parseInt(names.at(-1)!.slice('snapshot-'.length), 16);
  }
  expect(lastRevision).toBeGreaterThan(KILLS);
  expect(snapshots).toBeGreaterThan(0);
  await (await next).kill();
  await rm(dataDir, { recursive: true });
}, 600_000);

async function load(dataDir: string): Promise<RunningProcess> {
  const server = await startProcess(process.execPath, ['--input-type=module', '-e', SERVER, dataDir]);
  await server.waitForLine(/^loaded$/);
  return server;
}

async function open(server: RunningProcess): Promise<EtcdApi> {
  server.signal('SIGUSR2');
  const line = await server.waitForLine(/^at /);
  return new EtcdApi(line.slice('at '.length));
}
