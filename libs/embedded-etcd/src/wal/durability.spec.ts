import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EtcdApi, type Answer } from '../../../../test/support/etcd-api.js';
import { until } from '../../../../test/support/until.js';
import { startEmbeddedEtcd, type EmbeddedEtcd, type EmbeddedEtcdOptions } from '../index.js';

let dataDir: string;
let server: EmbeddedEtcd | undefined;
let api: EtcdApi;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'orbweaver-embedded-etcd-'));
});
afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(options: EmbeddedEtcdOptions = {}): Promise<void> {
  server = await startEmbeddedEtcd({ listen: '127.0.0.1:0', dataDir, ...options });
  api = new EtcdApi(server.endpoint);
}
async function stop(): Promise<void> {
  if (server === undefined) return;
  api.close();
  await server.close();
  server = undefined;
}
async function restart(options: EmbeddedEtcdOptions = {}): Promise<void> {
  await stop();
  await start(options);
}

const put = (key: string, value = ''): Promise<Answer> => api.put({ key, value });
const everything = (revision = 0): Promise<Answer> => api.range({ key: '\0', range_end: '\0', revision });
const keys = async (): Promise<string[]> =>
  ((await everything()).kvs as { key: string }[]).map(({ key }) => key);
const file = async (kind: 'log' | 'snapshot'): Promise<string> => {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith(`${kind}-`)).sort();
  return join(dataDir, names.at(-1)!);
};

describe('a restart', () => {
  it('brings back keys, history, revisions, leases and who the store is', async () => {
    await start();
    const { ID } = await api.leaseGrant({ TTL: 100 });
    await put('a', '1');
    await put('a', '2');
    await api.put({ key: 'b', value: '\0\xff', lease: BigInt(ID as string) });
    await api.deleteRange({ key: 'a' });
    await api.txn({ success: [{ request_put: { key: 'c' } }, { request_put: { key: 'd' } }] });
    const status = await api.status();
    const before = [await everything(), await everything(3), await everything(4), await api.memberList()];

    await restart();
    expect([await everything(), await everything(3), await everything(4)]).toEqual(before.slice(0, 3));
    expect((await api.status()).leader).toBe(status.leader);
    expect(await api.leaseTimeToLive({ ID: BigInt(ID as string), keys: true })).toMatchObject({
      keys: ['b'],
    });
    const watch = api.watch();
    watch.send({ create_request: { key: '\0', range_end: '\0', start_revision: 1 } });
    await watch.next();
    const { events } = (await watch.next()) as unknown as { events: { kv: { key: string } }[] };
    expect(events.map(({ kv }) => kv.key)).toEqual(['a', 'a', 'b', 'a', 'c', 'd']);
    watch.close();
    expect(Number((await put('e')).header.revision)).toBe(7);
  });

  it('remembers a compaction', async () => {
    await start();
    for (let i = 0; i < 5; i++) await put('a', `${i}`);
    await put('gone');
    await api.deleteRange({ key: 'gone' });
    await api.compact({ revision: 7 });
    await restart();
    await expect(everything(6)).rejects.toMatchObject({ code: 11 });
    expect(await keys()).toEqual(['a']);
    expect((await everything(7)).kvs).toMatchObject([
      { key: 'a', value: '4', version: '5' },
      { key: 'gone' },
    ]);
  });

  it('leaves a lease the time it had left, not more and not less', async () => {
    await start();
    const grant = async (TTL: number): Promise<bigint> =>
      BigInt((await api.leaseGrant({ TTL })).ID as string);
    const startedAt = performance.now();
    const [old, renewed, short] = [await grant(600), await grant(600), await grant(4)];
    await api.put({ key: 'short', lease: short });
    const ttl = async (ID: bigint): Promise<number> => Number((await api.leaseTimeToLive({ ID })).TTL);
    await until(async () => (await ttl(old)) <= 598, { what: 'two seconds are over' });
    const stream = api.leaseKeepAlive();
    stream.send({ ID: renewed });
    await stream.next();
    stream.close();
    await restart();
    const [leftOfRenewed, leftOfOld] = [await ttl(renewed), await ttl(old)];
    expect(leftOfOld).toBeLessThanOrEqual(598);
    expect(leftOfOld).toBeGreaterThan(598 - (performance.now() - startedAt) / 1_000);
    expect(leftOfRenewed).toBeGreaterThan(leftOfOld);
    await until(async () => (await keys()).length === 0, { what: 'the short lease ends' });
  });

  it('goes on from a snapshot and the log since then', async () => {
    await start({ snapshotLogBytes: 10_000 });
    for (let i = 0; i < 200; i++) await put(`key-${i % 50}`, `${i}`.repeat(20));
    await api.leaseGrant({ TTL: 100, ID: 5n });
    await until(async () => (await readdir(dataDir)).length === 3, { what: 'outdated files are removed' });
    await until(async () => !(await file('snapshot')).endsWith('0'.repeat(16)), {
      what: 'there is a snapshot',
    });
    const before = [await everything(), await everything(100)];
    await restart();
    expect([await everything(), await everything(100)]).toEqual(before);
    expect(await api.leaseTimeToLive({ ID: 5n })).toMatchObject({ grantedTTL: '100' });
  });
});

describe('a data directory', () => {
  it('is refused to a second server, and free when the first has gone', async () => {
    await start();
    await expect(startEmbeddedEtcd({ listen: '127.0.0.1:0', dataDir })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining(`in use by another process (pid ${process.pid}`),
    });
    await restart();
  });

  it('is refused while another process has it, and free once that was killed', async () => {
    const holder = spawn('flock', [join(dataDir, 'lock'), 'sleep', '60'], {
      stdio: 'ignore',
      detached: true,
    });
    await until(() => start().then(stop, () => true), { what: 'the other process has it' });
    process.kill(-holder.pid!, 'SIGKILL');
    await once(holder, 'close');
    await expect(start()).resolves.toBeUndefined();
  });

  it('is given free when the address is taken', async () => {
    await start();
    const other = await mkdtemp(join(tmpdir(), 'orbweaver-embedded-etcd-'));
    const options = { listen: server!.endpoint, dataDir: other };
    await expect(startEmbeddedEtcd(options)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await (await startEmbeddedEtcd({ listen: '127.0.0.1:0', dataDir: other })).close();
    await rm(other, { recursive: true });
  });
});

describe('a log', () => {
  async function written(): Promise<{ path: string; bytes: Buffer; frames: number[] }> {
    await start();
    for (const key of ['a', 'b', 'c']) await put(key, key.repeat(1000));
    await stop();
    const path = await file('log');
    const bytes = await readFile(path);
    const frames: number[] = [];
    for (let at = 8; at < bytes.length; at += 20 + bytes.readUInt32BE(at)) frames.push(at);
    expect(frames).toHaveLength(3);
    return { path, bytes, frames };
  }

  it('loses a last record that was cut off anywhere, and nothing else', async () => {
    const { path, bytes, frames } = await written();
    const last = frames[2]!;
    for (const size of [last + 1, last + 19, last + 20, last + 500, bytes.length - 1]) {
      await writeFile(path, bytes);
      await truncate(path, size);
      await start();
      expect(await keys()).toEqual(['a', 'b']);
      await put('d');
      await restart();
      expect(await keys()).toEqual(['a', 'b', 'd']);
      await stop();
    }
  });

  it('loses a last record of which a sector was never written', async () => {
    const { path, bytes, frames } = await written();
    const torn = Buffer.from(bytes);
    torn.fill(0, Math.ceil(frames[2]! / 512) * 512, Math.ceil(frames[2]! / 512) * 512 + 512);
    await writeFile(path, torn);
    await start();
    expect(await keys()).toEqual(['a', 'b']);
  });

  it('takes zeros behind its end for room that was never written to', async () => {
    const { path } = await written();
    await appendFile(path, Buffer.alloc(5000));
    await start();
    expect(await keys()).toEqual(['a', 'b', 'c']);
  });

  it('that was damaged anywhere else is refused, with file and offset, and left as it is', async () => {
    const { path, bytes, frames } = await written();
    const damages: [at: number, reported: number][] = [[0, 0]];
    for (const frame of frames) {
      // The length, the checksums, the index, the first byte of the payload, and one further on.
      for (const offset of [0, 3, 4, 8, 16, 20, 300]) damages.push([frame + offset, frame]);
    }
    for (const [at, reported] of damages) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x40;
      await writeFile(path, damaged);
      await expect(start()).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        message: expect.stringContaining(`${path} is damaged at offset ${reported}: `),
      });
      expect(await readFile(path)).toEqual(damaged);
    }
  });

  it('that lacks a record in its middle is refused', async () => {
    const { path, bytes, frames } = await written();
    const [, second, third] = frames as [number, number, number];
    await writeFile(path, Buffer.concat([bytes.subarray(0, second), bytes.subarray(third)]));
    await expect(start()).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`offset ${second}: entry 3 stands where 2 should`)),
    });
  });

  it('that was cut off is refused when another follows it', async () => {
    const { path, bytes, frames } = await written();
    await writeFile(join(dataDir, 'log-0000000000000004'), bytes.subarray(0, 8));
    await truncate(path, frames[2]! + 100);
    await expect(start()).rejects.toMatchObject({ message: expect.stringContaining(`offset ${frames[2]}`) });
  });

  it('is refused when the one before it is missing', async () => {
    const { path, bytes } = await written();
    await rm(path);
    await writeFile(join(dataDir, 'log-0000000000000004'), bytes.subarray(0, 8));
    await expect(start()).rejects.toMatchObject({
      message: expect.stringContaining('begins with entry 4, and 1 is missing'),
    });
  });
});

describe('a snapshot', () => {
  it('that was damaged or cut off anywhere is refused, with file and offset', async () => {
    await start({ snapshotLogBytes: 1000 });
    for (let i = 0; i < 10; i++) await put(`key-${i}`, 'v'.repeat(500));
    await until(async () => !(await file('snapshot')).endsWith('0'.repeat(16)), {
      what: 'there is a snapshot',
    });
    await stop();
    const path = await file('snapshot');
    const bytes = await readFile(path);
    const refusal = {
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining(`${path} is damaged at offset `),
    };
    for (let at = 0; at < bytes.length; at += 97) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1;
      await writeFile(path, damaged);
      await expect(start()).rejects.toMatchObject(refusal);
      await writeFile(path, bytes.subarray(0, at));
      await expect(start()).rejects.toMatchObject(refusal);
    }
    await writeFile(path, bytes);
    await start();
  });

  it('that was not finished is not looked at', async () => {
    await start();
    await put('a');
    await stop();
    await writeFile(join(dataDir, 'snapshot-00000000000000ff.tmp'), 'unfinished');
    await start();
    expect(await keys()).toEqual(['a']);
    expect(await readdir(dataDir)).not.toContain('snapshot-00000000000000ff.tmp');
  });

  it('that is gone is missed', async () => {
    await start();
    await put('a');
    await stop();
    await rm(await file('snapshot'));
    await expect(start()).rejects.toMatchObject({ message: expect.stringContaining('is missing') });
  });
});
