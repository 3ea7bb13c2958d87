import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { CrawlStore } from '@app/crawl';
import Libsql from 'libsql';
import { describeSkipped } from '../../../../test/support/skip.js';
import { until } from '../../../../test/support/until.js';
import { page, request, result, settleNext, take } from '../contract/example-crawl.contract.js';
import { SqliteCrawlStore } from './sqlite-crawl-store.js';
import { startStoreThread } from './store-thread.js';
import type { ThreadData } from './thread-protocol.js';

describe('the SQLite store, from its own thread', () => {
  let directory: string;
  let path: string;
  const threads: Worker[] = [];
  const startThread = (of: ThreadData): Worker => {
    const thread = startStoreThread(of);
    threads.push(thread);
    return thread;
  };
  const stores: CrawlStore[] = [];
  async function open(): Promise<CrawlStore> {
    const store = await SqliteCrawlStore.open(path, { startThread });
    stores.push(store);
    return store;
  }
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-store-'));
    path = join(directory, 'store.db');
    threads.length = 0;
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await rm(directory, { recursive: true });
  });

  it('cannot be opened where there is no database, and leaves no thread behind', async () => {
    await writeFile(path, 'certainly not a database: '.repeat(100));
    const ended = until(() => threads.length > 0, { what: 'the thread has started' }).then(
      () => new Promise((resolve) => threads[0]?.once('exit', resolve)),
    );
    await expect(open()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await ended;
  });

  it('leaves the caller free while another process keeps the file', async () => {
    const store = await open();
    const other = new Libsql(path);
    other.exec('BEGIN IMMEDIATE');
    const claimed = store.frontier.claim(request());
    let turns = 0;
    await until(() => ++turns > 20, { what: 'the main thread has had 20 turns' });
    other.exec('COMMIT');
    other.close();
    await expect(claimed).resolves.toMatchObject({ state: 'open' });
  });

  it('that dies is replaced; what it had in hand may be asked for again', async () => {
    const store = await open();
    const held = await store.frontier.claim(request({ seeds: [page('a'), page('b')] }));
    const [a] = await take(store, held);
    const lost = store.frontier.ack(held, { results: [result(a, { items: ['{}'] })] });
    void threads[0]?.terminate();
    await lost.catch((error: unknown) => expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' }));
    const again = await until(() => store.frontier.ack(held, { results: [result(a, { items: ['{}'] })] }), {
      what: 'the store has another thread',
    });
    expect(again).toEqual({ room: 98, itemCount: 1 });
    expect(threads).toHaveLength(2);
  });

  it('that dies says so to all who wait, and to those who ask too soon', async () => {
    const store = await open();
    await threads[0]?.terminate();
    const startsAnew = store.results.progress('x');
    await expect(
      startsAnew.then(
        () => 'answered',
        ({ code }: { code: string }) => code,
      ),
    ).resolves.toMatch(/answered|STORE_UNAVAILABLE/);
    const failures = await until(
      async () => {
        void threads.at(-1)?.terminate();
        const [settled] = await Promise.allSettled([store.results.progress('x')]);
        return settled?.status === 'rejected' ? (settled.reason as Error) : undefined;
      },
      { what: 'a call is refused' },
    );
    expect(failures).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('its thread has ended'),
    });
  });

  it('answers everything that was called before it is closed, and nothing after', async () => {
    const store = await open();
    const claims = Array.from({ length: 50 }, () => store.frontier.claim(request()));
    const all = Promise.all(claims);
    await all;
    const last = Array.from({ length: 50 }, async () => store.results.progress('x'));
    await store.close();
    await expect(Promise.all(last)).resolves.toHaveLength(50);
    await expect(store.results.progress('x')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('closed'),
    });
  });

  it('is not hurt by one call of a group that makes no sense', async () => {
    const store = await open();
    const held = await store.frontier.claim(request());
    const [a] = await take(store, held);
    const good = () => store.frontier.claim(request());
    const wrong = { ...result(a), title: undefined as unknown as string };
    const settled = await Promise.allSettled([
      good(),
      good(),
      store.frontier.ack(held, { results: [wrong] }),
      good(),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(settled[2]).toMatchObject({ reason: { code: 'INTERNAL' } });
    expect(await take(store, held)).toHaveLength(1);
  });

  it('removes what replaced crawls left, however much it is', async () => {
    const store = await open();
    const first = request({ maxPages: 10_000 });
    const held = await store.frontier.claim(first);
    const found = Array.from({ length: 2_500 }, (_, index) => page(String(index)));
    await settleNext(store, held, { discovered: found, items: Array(1_500).fill('{}') });
    await store.frontier.claim({ ...first, generation: 1 });
    const counted = ['crawl', 'page', 'seen', 'host', 'item', 'outcome', 'memory', 'answer', 'history_step'];
    const counts = counted.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join();
    const raw = new Libsql(path);
    const left = await until(
      () => {
        const row = raw.prepare(`SELECT ${counts}`).get() as Record<string, number>;
        return row.crawl === 1 && row;
      },
      { what: 'the old crawl is gone' },
    );
    raw.close();
    expect(left).toMatchObject({ page: 1, seen: 1, host: 1, item: 0, outcome: 0, memory: 0 });
    expect(left).toMatchObject({ answer: 0, history_step: 0 });
  });

  it('queues thousands of pages for a new run, and goes on where a process died in between', async () => {
    const store = await open();
    const seeds = Array.from({ length: 4_500 }, (_, index) => page(String(index)));
    const first = request({ seeds: seeds.slice(0, 1), maxPages: 10_000 });
    const one = await store.frontier.claim(first);
    await settleNext(store, one, { discovered: seeds.slice(1) });
    const taken = await take(store, one, { limit: 10_000 });
    await store.frontier.ack(one, { results: taken.map((each) => result(each)) });
    void store.frontier.claim({ ...first, run: 2, reloadRules: ['*'] }).catch(() => undefined);
    await until(async () => (await store.results.progress(first.resource))?.run === 2, {
      what: 'the new run has begun',
      everyMs: 1,
    });
    await threads[0]?.terminate();
    const next = await until(() => store.frontier.claim({ ...first, run: 2, reloadRules: ['*'] }), {
      what: 'the store has another thread',
    });
    expect(await store.results.progress(first.resource)).toMatchObject({ queuedCount: 4_500, doneCount: 0 });
    expect(await take(store, next, { limit: 10_000 })).toHaveLength(4_500);
  });

  describeWithSmallDisk((disk) => {
    beforeEach(() => disk.make(directory));
    afterEach(async () => {
      await Promise.all(stores.splice(0).map((store) => store.close()));
      disk.remove(directory);
    });

    it('says that the disk is full, and goes on when there is room', async () => {
      const store = await open();
      const held = await store.frontier.claim(request({ seeds: [page('a'), page('b')] }));
      const [a] = await take(store, held, { limit: 1 });
      await writeFile(join(directory, 'filler'), Buffer.alloc(disk.bytes)).catch(() => undefined);
      const items = [JSON.stringify('x'.repeat(200_000))];
      const ack = () => store.frontier.ack(held, { results: [result(a, { items })] });
      await expect(ack()).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining(`${path}: its disk`),
      });
      expect(await store.results.progress(held.resource)).toMatchObject({ queuedCount: 2, itemCount: 0 });
      await rm(join(directory, 'filler'));
      expect(await ack()).toMatchObject({ itemCount: 1 });
      expect(await store.results.progress(held.resource)).toMatchObject({ doneCount: 1, queuedCount: 1 });
    });

    it('says that it may only be read, and is opened when it may be written', async () => {
      await (await open()).close();
      disk.remount(directory, 'ro');
      await expect(open()).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining(path),
      });
      disk.remount(directory, 'rw');
      expect(await (await open()).results.progress('x')).toBeUndefined();
    });
  });
});

interface SmallDisk {
  readonly bytes: number;
  make(directory: string): Promise<void>;
  remount(directory: string, mode: 'ro' | 'rw'): void;
  remove(directory: string): void;
}

/** A file system in memory, where this process may mount one. */
function describeWithSmallDisk(suite: (disk: SmallDisk) => void): void {
  const bytes = 2 * 1024 * 1024;
  const mount = (...args: string[]) => {
    const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const disk: SmallDisk = {
    bytes,
    make: async (directory) => mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'orbweaver-test', directory),
    remount: (directory, mode) => mount('-o', `remount,${mode}`, directory),
    remove: (directory) => void spawnSync('umount', ['-l', directory]),
  };
  if (!mayMount())
    describeSkipped('on a disk of its own', 'this process may mount no file system', () => suite(disk));
  else
    describe('on a disk of its own', () => {
      suite(disk);
    });
}

/** Not every root may: in a container it takes a capability. */
function mayMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'orbweaver-mount-'));
  try {
    const { status } = spawnSync('mount', ['-t', 'tmpfs', 'orbweaver-test', directory]);
    if (status === 0) spawnSync('umount', ['-l', directory]);
    return status === 0;
  } finally {
    rmdirSync(directory);
  }
}
